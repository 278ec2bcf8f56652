#include "measure/client/capture.h"

#include <algorithm>

namespace qc {
namespace {
constexpr std::size_t kReadAt = std::size_t{8} << 10, kReadNowAt = 8 * kReadAt;
// Beside its tokens an answer has a role chunk, a finish chunk, a usage chunk: only more reads than that may be a runaway.
constexpr int kOtherEvents = 4;

constexpr std::size_t kAlike = 24;      // "data: {"id":"chatcmpl-...": the first bytes of an answer's usual events are alike
constexpr std::size_t kTail = 32;       // [DONE] is the last event, so it stands at the end of a read

}  // namespace

Capture::Capture(int max_tokens, bool ignore_eos, bool keep_text)
    : calm_marks_(static_cast<std::size_t>(max_tokens + kOtherEvents)), reader_(max_tokens, ignore_eos, keep_text) {}

/// The stream's last event stands alone at the end of what is not read yet. Looked for without reading: the next request is due now.
bool Capture::ends_with_done() const {
  constexpr std::string_view kDone = "data: [DONE]\n\n", kBlank = "\n\n";
  const std::string_view unread = bytes_;
  if (!unread.ends_with(kDone)) return false;
  const std::string_view before = unread.substr(0, unread.size() - kDone.size());
  return before.empty() ? !sse_.mid_event() : before.ends_with(kBlank);
}

/// It begins as the events before it did, and no [DONE] is near its end: an error has another beginning, and one that has not is found when
/// the events are read. The first of a kind is read at once, and what follows is held against it.
bool Capture::looks_usual(std::string_view body) {
  if (!body.starts_with("data: {") || body.size() < kAlike) return false;
  if (body.substr(body.size() - std::min(body.size(), kTail)).find("[DONE]") != body.npos) return false;
  const std::string_view beginning = body.substr(0, kAlike);
  if (usual_ == beginning) return true;
  usual_ = beginning;
  return false;
}

bool Capture::arrived(std::size_t size, const Arrival& arrival) {
  const std::string_view body = std::string_view(bytes_).substr(bytes_.size() - size);
  offset_ += size;
  marks_.push_back({offset_, arrival});
  const bool over = ends_with_done();
  done_ = done_ || over;
  if ((!over && !looks_usual(body)) || bytes_.size() >= kReadNowAt || marks_.size() > calm_marks_) read_on();
  return goes_on();
}

bool Capture::wants_reading() const { return bytes_.size() >= kReadAt; }

bool Capture::goes_on() const { return !sse_.broken() && (going_ || done_); }

void Capture::on_event(const SseView& event) {
  ++events_;
  if (closing_) {   // an event that the body's end completed: only [DONE] counts
    done_ = done_ || event.data == "[DONE]";
    if (event.data == "[DONE]") reader_.on_event(event.data, {}, Stamp::user);
    return;
  }
  while (mark_ + 1 < marks_.size() && marks_[mark_].end < event.end_offset) ++mark_;
  const Arrival& arrival = marks_[mark_].arrival;
  if (counted_ <= mark_ && arrival.stamp == Stamp::kernel) lags_.push_back(arrival.lag);
  counted_ = mark_ + 1;
  done_ = done_ || event.data == "[DONE]";
  going_ = reader_.on_event(event.data, arrival.at, arrival.stamp) && going_;
}

void Capture::read_on() {
  if (bytes_.empty()) return;
  sse_.feed(bytes_, [this](const SseView& event) { on_event(event); });
  calm_marks_ -= std::min(calm_marks_, marks_.size());
  bytes_.clear();
  marks_.clear();
  mark_ = counted_ = 0;
}

void Capture::close_last_event() {
  closing_ = true;
  sse_.feed("\n\n", [this](const SseView& event) { on_event(event); });
}

}  // namespace qc
