// What is known of each operating point.
#include <algorithm>
#include <cmath>
#include <set>

#include "judge/compare/compare.h"
#include "judge/sequence/sequence.h"

namespace qc {
namespace {

/// Read off the interval alone: that the control withholds a verdict is no reason to measure on.
bool is_settled(const Delta& d, double min_effect) {
  if (!d.value.lo || !d.value.hi) return true;   // two blocks or more, and none: their requests are too few, or a variant has no data
  const bool differs = (*d.value.lo > 0 || *d.value.hi < 0) && std::abs(*d.value.value) >= min_effect;
  const bool surely_small = *d.value.lo > -min_effect && *d.value.hi < min_effect;
  return differs || surely_small;
}

PointState judged(const PointComparison& comparison, const PointName& point, double min_effect) {
  PointState state{point, 0, true, {}, 0};
  double squares = 0;
  int n = 0;
  for (const Candidate& candidate : comparison.candidates) {
    if (std::min(candidate.cell.blocks, comparison.baseline.blocks) == 1) state.settled = false;   // visits that did not count: another pair may bring an interval
    for (const auto figure : kDeltas) {
      const Delta& d = candidate.*figure;
      state.settled = state.settled && is_settled(d, min_effect);
      if (d.spread) squares += *d.spread * *d.spread, ++n;
    }
  }
  if (n > 0) state.spread = std::sqrt(squares / n);
  return state;
}

void add_times(PointState& state, const StudyData& data) {
  std::set<int> blocks;
  double sum = 0;
  for (const auto& t : data.trials)
    if (PointName{t.workload, t.concurrency} == state.point) blocks.insert(t.block), sum += seconds(t.ended - t.started);
  state.blocks = static_cast<int>(blocks.size());
  if (!blocks.empty()) state.block_s = sum / static_cast<double>(blocks.size());
}

}  // namespace

std::vector<PointState> states_of(const StudyData& data) {
  std::vector<PointState> states;
  for (const auto& workload : compare(data))
    for (const auto& point : workload.points) {
      states.push_back(judged(point, {workload.workload.name, point.concurrency}, data.study.min_effect));
      add_times(states.back(), data);
    }
  return states;
}

NextBlocks look(const StudyData& so_far, std::optional<TimeLeft> left) { return next_blocks(states_of(so_far), so_far.study, left); }

}  // namespace qc
