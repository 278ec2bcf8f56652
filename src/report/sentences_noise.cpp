// What the baseline against itself says of a workload's noise, and where it does not say all.
#include <fmt/format.h>

#include <algorithm>

#include "report/sentences.h"

namespace qc {
namespace {

double half_width(const Measured& m) { return m.lo && m.hi ? (*m.hi - *m.lo) / 2 : 0; }

/// ", but the change of q8_0 at concurrency 16 ([-37.3, +27.5]) is far less certain: ...": a server may be steady within a block, where both its visits lie,
/// while from block to block the models run unlike. Empty where no open verdict has an interval several times as wide as the control's.
std::string beyond_the_control(Composer& c, const WorkloadComparison& workload) {
  constexpr double kFarWider = 3, kUseless = 0.15;   // as a fraction of the throughput: what a change must be to be seen
  const PointComparison* where = nullptr;
  const Candidate* widest = nullptr;
  for (const PointComparison& p : workload.points)
    for (const Candidate& x : p.candidates)
      if (x.tok_s.verdict == Verdict::not_distinguishable &&
          half_width(x.tok_s.value) > (widest ? half_width(widest->tok_s.value) : std::max(kUseless, kFarWider * *workload.noise_floor)))
        where = &p, widest = &x;
  if (!widest) return {};
  const FigureName name = name_of(workload, where->concurrency, widest->cell.variant, kThroughput.delta_column);
  return fmt::format(", but the change of {} at concurrency {} ({}) is far less certain: from block to block the models run unlike here, which a control within each block does not show.",
                     widest->cell.variant, where->concurrency, c.log.interval(name, Unit::delta_pct, widest->tok_s.value));
}

}  // namespace

std::string noise_sentence(Composer& c, const WorkloadComparison& workload) {
  if (!workload.noise_floor) return fmt::format("{}, so the noise floor is not known.", std::ranges::any_of(workload.points, [](const PointComparison& p) { return p.aa.has_value(); }) ? "Too few visits of the A/A control, or of the baseline beside it, count here" : "No A/A control was run here");
  const FigureName name{workload.workload.name, "all", "noise_floor_pct"};
  const std::string floor = c.log.text(name, Unit::share_pct, *workload.noise_floor);
  const std::string width = *workload.noise_floor > 1 ? "more than 100 %" : floor;
  if (workload.drifted) return fmt::format("The A/A control, {} against itself, was called different, so its interval of plus or minus {} is no noise floor: the machine drifted.", c.base(), width);
  std::vector<int> where;
  int blocks = 0;
  for (const PointComparison& p : workload.points)
    if (p.aa) where.push_back(p.concurrency), blocks = std::max(blocks, p.aa->cell.blocks);
  const std::string beyond = beyond_the_control(c, workload);
  return fmt::format("The A/A control, {} against itself at {} in {}, has an interval of plus or minus {}{}", c.base(), concurrencies(where), counted(blocks, "block"), width,
                     beyond.empty() ? ": that is the noise floor there." : beyond);
}

}  // namespace qc
