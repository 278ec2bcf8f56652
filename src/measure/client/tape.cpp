#include "measure/client/tape.h"

namespace qc {
namespace {
// Beside its tokens an answer has a role chunk, a finish chunk, a usage chunk: only more events than that may be a runaway.
constexpr int kOtherEvents = 4;
}  // namespace

Tape::Tape(int max_tokens, bool ignore_eos, bool keep_text)
    : calm_events_(max_tokens + kOtherEvents), reader_(max_tokens, ignore_eos, keep_text) {}

bool Tape::add(std::string_view data, const Arrival& arrival) {
  marks_.push_back({bytes_.size(), data.size(), arrival});
  bytes_ += data;
  if (data == "[DONE]") {
    done_ = true;
    return going_ = false;
  }
  // Inside a JSON string the quotes would be escaped, so this finds keys and short values only.
  const bool suspicious = ++events_ > calm_events_ || !data.starts_with('{') || data.find("\"error\"") != data.npos;
  return suspicious ? read_on() : going_;
}

bool Tape::read_on() {
  for (; read_ < marks_.size(); ++read_) {
    const Mark& m = marks_[read_];
    going_ = reader_.on_event(std::string_view(bytes_).substr(m.begin, m.size), m.arrival.at, m.arrival.stamp) && going_;
  }
  bytes_.clear();
  marks_.clear();
  read_ = 0;
  return going_;
}

const StreamReader& Tape::play() {
  read_on();
  return reader_;
}

}  // namespace qc
