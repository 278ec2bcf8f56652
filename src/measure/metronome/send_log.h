#pragma once
// When each piece of each answer was handed to the kernel: the truth that a client's instants are held against.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace qc {

/// One send: just before the call, and just after it. On the loopback the bytes arrive between the two.
struct TrueSend { Instant before, after; };
/// One answer: its request's X-Request-Id (empty: it had none), and a send for each event with a token.
struct TrueAnswer { std::string id; std::vector<TrueSend> sends; };

/// Memory that a child process shares with us, so that the server need not share our process to tell what it did. One writer; any
/// reader may look at any time and sees each answer up to some send.
class SendLog {
 public:
  /// With room for so many answers, and sends of all of them together. Fails as engine where the system gives no such memory.
  static Result<SendLog> make(std::size_t answers, std::size_t sends);
  SendLog(SendLog&& other) noexcept;
  SendLog& operator=(SendLog&& other) noexcept;
  ~SendLog();

  /// An answer begins that will have so many sends: its number. Empty: there is no room left. Of a very long id the beginning is kept.
  std::optional<std::size_t> begin(std::string_view id, std::size_t sends);
  /// At most as many as were announced.
  void note(std::size_t answer, TrueSend send);

  /// In the order in which they were begun.
  [[nodiscard]] std::vector<TrueAnswer> answers() const;

 private:
  struct Head;
  struct Row;
  SendLog() = default;
  void release();
  [[nodiscard]] Row* rows() const;
  [[nodiscard]] TrueSend* sends() const;
  Head* head_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace qc
