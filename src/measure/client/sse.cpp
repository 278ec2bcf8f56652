#include "measure/client/sse.h"

#include <algorithm>
#include <utility>

namespace qc {
namespace {

/// Where the next of one character stands; searches on only when the last find lies behind.
class NextOf {
 public:
  NextOf(std::string_view text, char c) : text_(text), c_(c), at_(text.find(c)) {}
  std::size_t from(std::size_t i) {
    if (at_ < i) at_ = text_.find(c_, i);
    return at_;
  }

 private:
  std::string_view text_;
  char c_;
  std::size_t at_;
};

constexpr std::string_view kData = "data:";

/// One leading space after the colon is none of the value.
std::string_view without_space(std::string_view value) { return value.starts_with(' ') ? value.substr(1) : value; }

}  // namespace

std::vector<SseEvent> SseParser::feed(std::string_view bytes) {
  std::vector<SseEvent> out;
  feed(bytes, [&](const SseView& e) { out.push_back({std::string(e.type), std::string(e.data), e.end_offset}); });
  return out;
}

/// "data: ..." and at once the empty line that ends it: what nearly every event of every server looks like.
bool SseParser::is_whole_event(std::string_view line, std::string_view rest) const {
  return line_.empty() && !have_data_ && !at_start_ && rest.starts_with('\n') && line.starts_with(kData);
}

void SseParser::feed(std::string_view bytes, const SseSink& sink) {
  NextOf lf(bytes, '\n'), cr(bytes, '\r');
  const std::uint64_t base = offset_;
  for (std::size_t i = 0; i < bytes.size() && !broken_;) {
    if (std::exchange(last_was_cr_, false) && bytes[i] == '\n') {  // the second half of a CRLF
      ++i;
      continue;
    }
    const std::size_t end = std::min({lf.from(i), cr.from(i), bytes.size()});
    const std::string_view piece = bytes.substr(i, end - i);
    if (line_.size() + piece.size() > max_line_) {
      broken_ = true;
      break;
    }
    if (end == bytes.size()) {
      line_ += piece;
      break;
    }
    last_was_cr_ = bytes[end] == '\r';
    i = end + 1;
    if (!last_was_cr_ && is_whole_event(piece, bytes.substr(i))) {
      ++i;
      sink({type_, without_space(piece.substr(kData.size())), base + i});
      type_.clear();
      continue;
    }
    offset_ = base + i;
    if (line_.empty()) {
      end_line(piece, sink);
    } else {
      line_ += piece;
      end_line(line_, sink);
      line_.clear();
    }
  }
  offset_ = base + bytes.size();
}

void SseParser::end_line(std::string_view line, const SseSink& sink) {
  if (std::exchange(at_start_, false) && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
  if (line.empty()) {
    if (have_data_) sink({type_, data_, offset_});
    data_.clear();
    type_.clear();
    have_data_ = false;
    return;
  }
  const std::size_t colon = line.find(':');
  if (colon == 0) return;  // a comment
  field(line.substr(0, colon), colon == line.npos ? std::string_view() : without_space(line.substr(colon + 1)));
}

void SseParser::field(std::string_view name, std::string_view value) {
  if (name == "event") type_ = value;
  if (name != "data") return;
  if (data_.size() + value.size() > max_line_) broken_ = true;
  if (have_data_) data_ += '\n';
  data_ += value;
  have_data_ = true;
}

}  // namespace qc
