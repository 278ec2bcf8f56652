#pragma once
// Server-sent events: bytes in, events out, the same events for any split of the bytes. No sockets, no JSON, no clock.
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace qc {

struct SseEvent {
  std::string type;                 ///< the "event:" field; empty: "message"
  std::string data;                 ///< the "data:" lines, joined by '\n'
  std::uint64_t end_offset = 0;     ///< offset in the stream just after the byte that completed the event
};

/// An event where it lies; the views are valid during the call only.
struct SseView { std::string_view type, data; std::uint64_t end_offset; };
using SseSink = std::function<void(const SseView&)>;

/// As the WHATWG HTML standard's event stream interpretation: LF, CRLF and CR line ends, comments, multi-line data, one
/// leading space after the colon, a byte order mark at the start. Events without data are dropped. UTF-8 is passed through.
class SseParser {
 public:
  explicit SseParser(std::size_t max_line = 16u << 20) : max_line_(max_line) {}
  /// Events completed by these bytes, in order. After `broken()` nothing more comes. Copies no byte of an event that lies whole in `bytes`
  /// on one data line.
  void feed(std::string_view bytes, const SseSink& sink);
  std::vector<SseEvent> feed(std::string_view bytes);
  /// A line, or the data of one event, grew over max_line without end.
  [[nodiscard]] bool broken() const { return broken_; }
  /// True when bytes of an event that never ended are held at the end of the stream.
  [[nodiscard]] bool mid_event() const { return !line_.empty() || have_data_; }

 private:
  void end_line(std::string_view line, const SseSink& sink);
  void field(std::string_view name, std::string_view value);
  [[nodiscard]] bool is_whole_event(std::string_view line, std::string_view rest) const;
  std::size_t max_line_;
  std::string line_, data_, type_;
  std::uint64_t offset_ = 0;
  bool have_data_ = false, last_was_cr_ = false, at_start_ = true, broken_ = false;
};

}  // namespace qc
