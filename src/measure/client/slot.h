#pragma once
// One connection of a closed loop: takes requests, carries them, gives up on them. Internal to measure/client.
#include <memory>
#include <optional>

#include "measure/client/reply.h"
#include "measure/client/stream_client.h"
#include "measure/client/wire.h"

namespace qc {

/// A request with its body made in advance, so that nothing but its head is put together when it is due.
struct Job {
  std::size_t index;                      ///< its place in the loop's order
  const Outgoing* who;
  std::string body;
};

/// One sending of one request and what came of it so far.
struct Attempt {
  Attempt(const Job& of, Instant intended, bool keep_text);
  std::size_t index;
  RequestRecord record;
  Reply reply;
  Instant last_byte;
  bool on_used_connection = false, was_sent = false, peer_ended = false;
};

/// What a slot needs from its loop.
class Dispatcher {
 public:
  virtual ~Dispatcher() = default;
  /// Resumes when all slots have their connection; the instant is the same for all.
  virtual asio::awaitable<Instant> start_together() = 0;
  /// The next request in order; null: no more work.
  virtual const Job* take() = 0;
  virtual void count_reconnect() = 0;
  /// The server ends connections after an answer without saying so (llama-server after a stream): none is used twice from now on,
  /// so that no request races with that end.
  virtual void note_dropped_connection() = 0;
  [[nodiscard]] virtual bool drops_connections() const = 0;
  /// A slot has something to send, until on_its_way(): nothing else should keep the thread meanwhile.
  virtual void about_to_send() = 0;
  virtual void on_its_way() = 0;
  virtual void finished(std::unique_ptr<Attempt> attempt) = 0;
};

class Slot {
 public:
  Slot(asio::io_context& io, const Target& target, const ClientOptions& options, Dispatcher& loop);
  asio::awaitable<void> run();
  /// Called every few milliseconds: gives up what is over its limits or, when leaving, whatever is in hand.
  void tick(Instant now, bool leave);

 private:
  asio::awaitable<Instant> carry(const Job& job, Instant intended);
  asio::awaitable<std::optional<Broken>> exchange(const Job& job, int sending, Attempt& attempt);
  asio::awaitable<std::optional<Broken>> connect();
  bool may_reuse();
  asio::awaitable<std::optional<Broken>> receive_answer(Attempt& attempt);
  void close_books(Attempt& attempt, std::optional<Broken> broken);
  [[nodiscard]] std::string request_text(const Job& job, int sending) const;
  void give_up(Failure kind, std::string detail);

  const Target& target_;
  const ClientOptions& options_;
  Dispatcher& loop_;
  Wire wire_;
  int answers_ = 0;                       ///< that this connection has brought
  bool connecting_ = false;
  std::optional<Instant> next_byte_by_, whole_by_;
  std::optional<Broken> gave_up_;
  std::optional<Broken> first_connect_;   ///< how connecting ahead of time failed: the first request's failure
};

}  // namespace qc
