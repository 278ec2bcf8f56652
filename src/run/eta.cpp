#include "run/eta.h"

#include <algorithm>
#include <utility>

namespace qc {

Eta::Eta(std::vector<PlannedTrial> trials, SpeedGuess guess) : trials_(std::move(trials)), guess_(std::move(guess)) {}

void Eta::done(const PlannedTrial& trial, double seconds) {
  seen_[{trial.variant, trial.workload, trial.concurrency}] = seconds;
  if (const double guessed = trial_seconds(trial, guess_); guessed > 0) ratio_sum_ += seconds / guessed, ++ratio_count_;
}

double Eta::expected(const PlannedTrial& trial) const {
  const auto at = seen_.find({trial.variant, trial.workload, trial.concurrency});
  if (at != seen_.end()) return at->second;
  return trial_seconds(trial, guess_) * (ratio_count_ ? ratio_sum_ / ratio_count_ : 1);
}

double Eta::remaining(std::size_t next, double extra, std::optional<double> most) const {
  double all = extra, always = extra;
  for (std::size_t i = next; i < trials_.size(); ++i) {
    const double own = expected(trials_[i]);
    all += own;
    if (trials_[i].block < kFewestBlocks) always += own;
  }
  return most ? std::min(all, std::max(always, *most)) : all;
}

}  // namespace qc
