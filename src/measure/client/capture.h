#pragma once
// The body of a stream as it came: bytes and when they came. What they say is read in pieces of a few KiB, so that reading them costs
// other requests next to nothing and an open stream little memory.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "measure/client/arrival.h"
#include "measure/client/openai.h"
#include "measure/client/sse.h"

namespace qc {

class Capture {
 public:
  Capture(int max_tokens, bool ignore_eos, bool keep_text);
  /// Where body bytes are to be appended, before arrived() is called.
  [[nodiscard]] std::string& buffer() { return bytes_; }
  /// The last `size` bytes of the buffer have come. Costs a look at both their ends; their events are read here only where something looks unusual. Returns goes_on().
  bool arrived(std::size_t size, const Arrival& arrival);
  /// False once the rest of the stream should not be waited for: after an error event, bytes that are no event stream, a line without end, and,
  /// up to a few KiB late, a runaway.
  [[nodiscard]] bool goes_on() const;
  /// So much is unread that read_on() should be called in the next calm moment.
  [[nodiscard]] bool wants_reading() const;
  /// True after [DONE].
  [[nodiscard]] bool done() const { return done_; }
  /// Reads what has not been read yet.
  void read_on();

  // Of what has been read so far:
  [[nodiscard]] const StreamReader& reader() const { return reader_; }
  [[nodiscard]] std::size_t events() const { return events_; }
  [[nodiscard]] bool broken() const { return sse_.broken(); }         ///< a line without end
  [[nodiscard]] bool mid_event() const { return sse_.mid_event(); }
  /// Ends an event that the body left open, where that is [DONE].
  void close_last_event();
  /// Read lags of the reads that completed an event under the kernel's clock.
  [[nodiscard]] const std::vector<Nanos>& lags() const { return lags_; }

 private:
  struct Mark { std::uint64_t end; Arrival arrival; };   ///< end: offset in the stream just after the bytes
  [[nodiscard]] bool ends_with_done() const;
  [[nodiscard]] bool looks_usual(std::string_view body);
  void on_event(const SseView& event);
  std::string bytes_, usual_;             ///< usual_: how the last event that was read at once began
  std::vector<Mark> marks_;
  std::size_t mark_ = 0, counted_ = 0;    ///< the mark that events are at; up to which lags are noted
  std::uint64_t offset_ = 0;
  std::size_t calm_marks_, events_ = 0;
  SseParser sse_;
  StreamReader reader_;
  std::vector<Nanos> lags_;
  bool done_ = false, going_ = true, closing_ = false;
};

}  // namespace qc
