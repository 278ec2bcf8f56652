#include "measure/client/reply.h"

#include <algorithm>

#include <fmt/format.h>

namespace qc {
namespace {
constexpr std::size_t kErrorBodyKept = std::size_t{64} << 10;
}

bool Reply::on_bytes(std::string_view bytes, const Arrival& arrival) {
  const std::size_t before = body_.buffer().size();
  http_.feed(bytes, body_.buffer());
  const std::size_t size = body_.buffer().size() - before;
  if (size > 0 && !on_body(size, arrival)) stopped_ = true;
  return !stopped_ && !http_.complete() && http_.error().empty();
}

bool Reply::on_body(std::size_t size, const Arrival& arrival) {
  if (is_stream()) return body_.arrived(size, arrival);
  error_body_ += body_.buffer().substr(0, kErrorBodyKept - std::min(kErrorBodyKept, error_body_.size()));
  body_.buffer().clear();
  return error_body_.size() < kErrorBodyKept;
}

bool Reply::read_on() {
  body_.read_on();
  stopped_ = stopped_ || !body_.goes_on();
  return !stopped_;
}

void Reply::on_end_of_file() { http_.end_of_file(); }

void Reply::judge_framing(RequestRecord& record) {
  const bool dangling = http_.complete() && body_.mid_event();
  if (dangling) body_.close_last_event();   // some servers end the body without the blank line after [DONE]
  if (record.failure || body_.done()) return;
  std::string why = http_.error();
  if (body_.broken()) why = "a line without end";
  if (dangling) why = "the body ends in the middle of an event";
  if (http_.complete() && body_.events() == 0 && !http_.content_type().starts_with("text/event-stream"))
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
  body_.read_on();
  judge_framing(record);
  body_.reader().finish(record, http_.complete());
  warnings_ = body_.reader().warnings();
  if (!lags().empty()) record.read_lag_ns_max = std::ranges::max(lags()).count();
}

}  // namespace qc
