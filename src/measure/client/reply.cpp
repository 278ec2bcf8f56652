#include "measure/client/reply.h"

#include <algorithm>

#include <fmt/format.h>

namespace qc {
namespace {
constexpr std::size_t kErrorBodyKept = std::size_t{64} << 10;
}

bool Reply::on_bytes(std::string_view bytes, const Arrival& arrival) {
  const std::string_view body = http_.feed(bytes);
  if (!body.empty() && !on_body(body, arrival)) stopped_ = true;
  return !stopped_ && !http_.complete() && http_.error().empty();
}

bool Reply::on_body(std::string_view body, const Arrival& arrival) {
  if (!is_stream()) {
    error_body_ += body.substr(0, kErrorBodyKept - std::min(kErrorBodyKept, error_body_.size()));
    return error_body_.size() < kErrorBodyKept;
  }
  const auto events = sse_.feed(body);
  if (!events.empty() && arrival.stamp == Stamp::kernel) lags_.push_back(arrival.lag);
  events_ += events.size();
  bool going = true;
  for (const SseEvent& event : events) going = tape_.add(event.data, arrival) && going;
  return !sse_.broken() && (going || tape_.done());
}

void Reply::on_end_of_file() { http_.end_of_file(); }

void Reply::judge_framing(RequestRecord& record) {
  const bool dangling = http_.complete() && sse_.mid_event();
  // Some servers end the body without the blank line after [DONE].
  if (dangling)
    if (const auto last = sse_.feed("\n\n"); last.size() == 1 && last.front().data == "[DONE]") tape_.add("[DONE]", {});
  if (record.failure || tape_.done()) return;
  std::string why = http_.error();
  if (sse_.broken()) why = "a line without end";
  if (dangling) why = "the body ends in the middle of an event";
  if (http_.complete() && events_ == 0 && !http_.content_type().starts_with("text/event-stream"))
    why = fmt::format("no event stream but content type \"{}\"", http_.content_type());
  if (why.empty()) return;
  record.failure = Failure::bad_stream;
  record.failure_detail = std::move(why);
}

void Reply::finish(RequestRecord& record) {
  if (http_.header_done() && !is_stream()) {
    const Failure kind = classify_status(http_.status(), error_body_);
    if (record.failure && *record.failure < kind) return;
    record.failure = kind;
    record.failure_detail = describe_status(http_.status(), error_body_);
    return;
  }
  judge_framing(record);
  const StreamReader& reader = tape_.play();
  reader.finish(record, http_.complete());
  warnings_ = reader.warnings();
  if (!lags_.empty()) record.read_lag_ns_max = std::ranges::max(lags_).count();
}

}  // namespace qc
