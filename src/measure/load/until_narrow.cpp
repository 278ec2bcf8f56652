#include "measure/load/until_narrow.h"

namespace qc {
namespace {

constexpr int kPieces = 20;
constexpr double kApart = 1.5;            // from one look to the next
constexpr double kCorrelationTimes = 200; // in a sample that ends a run: ten to a piece (five: coverage falls to 93 %)
constexpr double kUnknown = 8;

}  // namespace

bool UntilNarrow::add(const RequestRecord& r) {
  return add(static_cast<std::size_t>(r.request_id), r.ok() && r.last ? std::optional(millis(*r.last - r.sent)) : std::nullopt);
}

bool UntilNarrow::add(std::size_t place, std::optional<double> value) {
  if (done_.size() <= place) done_.resize(place + 1), values_.resize(place + 1);
  done_[place] = 1, values_[place] = value;
  while (next_ < done_.size() && done_[next_]) ++next_;
  while (!narrow_ && next_ >= look_) look();
  return narrow_;
}

void UntilNarrow::look() {
  std::vector<double> counted;
  for (std::size_t i = std::max(slots_, look_ / 10); i < look_; ++i)
    if (values_[i]) counted.push_back(*values_[i]);
  look_ = static_cast<std::size_t>(static_cast<double>(look_) * kApart);
  interval_ = batch_mean_interval(counted, kPieces);
  const double most = static_cast<double>(counted.size()) / kCorrelationTimes;
  const bool known = correlation_time(counted, most) <= most;
  // A server that takes nearly as long for each request drifts a little, all of it one correlation: its interval is widened in place of being known.
  if (interval_ && !known) interval_->half_width *= kUnknown;
  const bool now = interval_ && interval_->half_width <= wanted_ * interval_->mean;
  narrow_ = now && narrow_before_;
  narrow_before_ = now;
}

}  // namespace qc
