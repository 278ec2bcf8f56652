#include "measure/quality/divergence_score.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <functional>

#include "stats/stats.h"

namespace qc {
namespace {

std::size_t index_of_max(std::span<const float> xs) { return static_cast<std::size_t>(std::ranges::max_element(xs) - xs.begin()); }

std::vector<double> values(std::span<const PositionScore> scores, const std::function<double(const PositionScore&)>& of) {
  std::vector<double> out(scores.size());
  std::ranges::transform(scores, out.begin(), of);
  return out;
}

struct MeanAndError { double mean = 0, error = 0; };
MeanAndError mean_and_error(const std::vector<double>& xs) { return {*mean(xs), *sample_stddev(xs) / std::sqrt(static_cast<double>(xs.size()))}; }

}  // namespace

BaselineRow::BaselineRow(std::span<const float> logits) : logits_(logits), weights_(logits.size()), top_(index_of_max(logits)) {
  const double highest = logits[top_];
  for (std::size_t i = 0; i < logits.size(); ++i) sum_ += weights_[i] = std::exp(logits[i] - highest);
  log_sum_ = highest + std::log(sum_);
}

// With p = w / sum: KLD = sum p (base - candidate) - log_sum(base) + log_sum(candidate). Rounding may leave it some 1e-16 below 0.
PositionScore BaselineRow::against(std::span<const float> candidate, std::int32_t token) const {
  assert(candidate.size() == logits_.size());
  const std::size_t top = index_of_max(candidate), next = static_cast<std::size_t>(token);
  const double highest = candidate[top];
  double sum = 0, difference = 0;
  for (std::size_t i = 0; i < candidate.size(); ++i) {
    sum += std::exp(candidate[i] - highest);
    difference += weights_[i] * (static_cast<double>(logits_[i]) - candidate[i]);
  }
  const double log_sum = highest + std::log(sum);
  return {std::max(0.0, difference / sum_ - log_sum_ + log_sum), log_sum_ - logits_[next], log_sum - candidate[next], top == top_};
}

Divergence summarize(std::span<const PositionScore> scores) {
  assert(scores.size() >= 2);
  Divergence out;
  const std::vector<double> klds = values(scores, &PositionScore::kld);
  const MeanAndError kld = mean_and_error(klds);
  const MeanAndError top = mean_and_error(values(scores, [](const PositionScore& s) { return s.same_top ? 1.0 : 0.0; }));
  const MeanAndError log_ratio = mean_and_error(values(scores, [](const PositionScore& s) { return s.nll_candidate - s.nll_baseline; }));
  out.tokens_scored = static_cast<std::int64_t>(scores.size());
  out.kld_mean = kld.mean;
  out.kld_se = kld.error;
  out.kld_p99 = *quantile(klds, 0.99);
  out.top1_agreement = top.mean;
  out.top1_se = top.error;
  out.ppl_ratio = std::exp(log_ratio.mean);
  out.ppl_ratio_se = out.ppl_ratio * log_ratio.error;  // first order: d exp(x) = exp(x) dx
  return out;
}

}  // namespace qc
