#pragma once
// One connection and the request on it: connects, sends, receives, gives up. Internal to measure/client.
#include <memory>
#include <optional>

#include "measure/client/line.h"
#include "measure/client/reply.h"
#include "measure/client/stream_client.h"

namespace qc {

/// A request with its body made in advance, so that nothing but its head is put together when it is due.
struct Job {
  std::size_t index = 0;                  ///< its place in the order of requests
  Outgoing who;                           ///< its prompt is in `body` only
  std::string body;
};

/// One sending of one request and what came of it so far.
struct Attempt {
  Attempt(const Job& of, Instant intended, bool keep_text);
  std::size_t index;
  RequestRecord record;
  Reply reply;
  Instant last_byte, last_read;           ///< when the latest bytes came, and when we had read them
  Nanos waited{0};                        ///< for the connection's end, after that: the server's time, not ours
  bool on_used_connection = false, was_sent = false, peer_ended = false;
};

class Slot;

/// What a slot needs from its loop. Calls may come from within the slot's own calls.
class Dispatcher {
 public:
  virtual ~Dispatcher() = default;
  /// The connection made ahead of time is there, or will not be (the first request then says so).
  virtual void opened() = 0;
  virtual void count_reconnect() = 0;
  /// The server ends connections after an answer without saying so (llama-server after a stream): none is used twice from now on,
  /// so that no request races with that end.
  virtual void note_dropped_connection() = 0;
  [[nodiscard]] virtual bool drops_connections() const = 0;
  /// A slot has something to send, until on_its_way(): nothing else should keep the thread meanwhile.
  virtual void about_to_send() = 0;
  virtual void on_its_way() = 0;
  /// Call read_on() once everything that is ready has been taken.
  virtual void has_unread(Slot& slot) = 0;
  /// The slot is free again. It must not be given the next request from within this call.
  virtual void finished(Slot& slot, std::unique_ptr<Attempt> attempt) = 0;
};

class Slot {
 public:
  Slot(Poller& poller, const Target& target, const ClientOptions& options, Dispatcher& loop);
  /// Connects ahead of the first request.
  void open();
  void carry(Job job, Instant intended);
  /// What the poller says of its socket at `read`; may be old news.
  void on_ready(const Ready& ready, std::span<char> buffer, const ClockTie& tie, Instant read);
  /// Reads the events that have come meanwhile.
  void read_on();
  /// Called every few milliseconds: gives up what is over its limits or, when leaving, whatever is in hand.
  void tick(Instant now, bool leave);
  [[nodiscard]] bool busy() const { return attempt_ != nullptr; }

 private:
  void begin(Instant intended);
  void connect();
  void after_connecting(std::optional<Broken> broken);
  void transmit();
  void after_sending(std::optional<Broken> broken);
  void take(const Delivery& delivery, const ClockTie& tie, Instant read);
  void look_for_late_stamp();
  void receive(const Received& got);
  void receive_unasked();
  void drop();
  void conclude(std::optional<Broken> broken);
  void close_books(std::optional<Broken> broken);
  bool may_reuse();
  void give_up(Failure kind, std::string detail);
  [[nodiscard]] std::string request_text() const;

  const Target& target_;
  const ClientOptions& options_;
  Dispatcher& loop_;
  Line line_;
  Job job_;
  int sending_ = 1;                       ///< which sending of the job this is
  std::unique_ptr<Attempt> attempt_;
  int answers_ = 0;                       ///< that this connection has brought
  std::optional<Instant> next_byte_by_, whole_by_;
  std::optional<Broken> gave_up_;
  std::optional<Broken> first_connect_;   ///< how connecting ahead of time failed: the first request's failure
};

}  // namespace qc
