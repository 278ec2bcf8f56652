#pragma once
// How long the rest will take: measured visits where there are any, scaled guesses for the rest. Pure arithmetic.
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "study/plan.h"

namespace qc {

class Eta {
 public:
  Eta(std::vector<PlannedTrial> trials, SpeedGuess guess);
  /// Other visits lie ahead; what is known of their times stays.
  void plan(std::vector<PlannedTrial> trials) { trials_ = std::move(trials); }
  /// A visit of `trial` took this long.
  void done(const PlannedTrial& trial, double seconds);
  /// Seconds still to go when the visits before `next` are over (index into the list), `extra` for what is no visit. With `most` no more than that, but for the blocks that are always run.
  [[nodiscard]] double remaining(std::size_t next, double extra, std::optional<double> most = {}) const;

 private:
  [[nodiscard]] double expected(const PlannedTrial& trial) const;
  std::vector<PlannedTrial> trials_;
  SpeedGuess guess_;
  std::map<std::tuple<std::string, std::string, int>, double> seen_;  ///< last seconds of (variant, workload, concurrency)
  double ratio_sum_ = 0;                                              ///< measured over guessed
  int ratio_count_ = 0;
};

}  // namespace qc
