#pragma once
// What the rules look at: one workload and one candidate, as numbers, and the same as words for the reasons.
#include <array>
#include <map>

#include "judge/advise/findings.h"

namespace qc {

enum class Signal {
  points,            ///< operating points with a verdict or a figure
  faster, slower, same,  ///< points by throughput verdict
  p95_slower,        ///< points whose p95 is called slower
  first_token_later, ///< points whose TTFT p95 is called slower
  withheld,          ///< points whose verdict is withheld
  unknown,           ///< points without a verdict
  failed,            ///< requests that failed with the candidate
  baseline_failed,
  died,              ///< requests that were lost when the candidate's server ended; not among `failed`
  quality_unchecked, ///< 1 when no answer was graded and no divergence was measured, or where answers are missing
  quality_inferior,  ///< 1 when the bound says inferior
  net_lost,          ///< answers lost less answers gained
  blunt,             ///< of `same`: points where the run could have seen only a difference of more than 10 %
  clear_of_noise,    ///< of `faster`: points whose gain is at least the workload's noise floor (or that floor is not known)
  loss_clear_of_noise,///< of `slower`: the same of the loss
  memory_unknown,    ///< 1 where the saving in weights is not known
  has_budget,        ///< 1 where the workload has a p95 budget
  top1_agreement,    ///< fraction; 1 where it was not measured
  weights_saving,    ///< fraction; 0 where it is not known
  baseline_missing,  ///< 1 when the baseline has no figure at all
  budget_points,     ///< points of the candidate that meet the p95 budget; all points without a budget
  baseline_budget_points,
  budget_lost_points,///< points where the baseline meets the p95 budget and the candidate does not
  failed_above,      ///< requests that failed with the candidate beyond twice those of the baseline
  outdone,           ///< 1 when another candidate's weights take no more and its model is not visibly changed
  failed_once,       ///< 1 where the candidate's failures are of one visit, and its repeat had none
  later_clear_of_noise,///< 1 where p95 or first token is called slower by at least what the baseline moves against itself
  unlike,            ///< of `unknown`: points whose answers are of unlike length
  unanswered_alone,  ///< quality prompts that the candidate gave no answer to and the baseline did, less twice those the other way round
};
inline constexpr std::size_t kSignals = 31;

struct Signals {
  std::array<double, kSignals> value{};
  std::map<std::string, std::string> words;  ///< placeholders of the reasons: {faster_at}, {quality} ...
  double operator[](Signal s) const { return value[static_cast<std::size_t>(s)]; }
  double& operator[](Signal s) { return value[static_cast<std::size_t>(s)]; }
};

Signals read_signals(const Findings& findings, const WorkloadComparison& workload, const std::string& candidate);

}  // namespace qc
