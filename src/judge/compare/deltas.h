#pragma once
// Two cells of one point: Deltas with paired intervals, and their verdicts.
#include <vector>

#include "judge/compare/cells.h"

namespace qc {

/// How a Delta is judged: the smallest one that matters, and the error that this look at the study may spend (1: all of it, the study's
/// blocks were fixed before it began).
struct Strictness {
  double min_effect = 0.01, share = 1;
  [[nodiscard]] double confidence() const { return 1 - 0.05 * share; }
};

/// The throughput's alone.
Delta throughput_delta(const CellData& base, const CellData& cell, const Strictness& strictness);
Candidate judge_candidate(const CellData& base, const CellData& cell, const Strictness& strictness);

/// Where the A/A of the workload is itself called different in throughput, all its verdicts are withheld; in another figure, those of that figure.
void apply_control(WorkloadComparison& workload);

/// Marks the verdicts that stand when all Deltas of the study are judged together, the control's among them.
void judge_jointly(std::vector<WorkloadComparison>& workloads);

}  // namespace qc
