#pragma once
// Studies that decide on their blocks while they run: a look at the figures after each pair of blocks.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "study/study.h"

namespace qc {

/// Blocks come in pairs, so that each order of the variants (A B, B A) is there as often as the other.
inline constexpr int kBlocksOfALook = 2;

/// The figures of a run decide which of its operating points get further blocks.
inline bool is_adaptive(const Study& study) { return study.sequential || study.time_budget_minutes.has_value(); }

/// The most blocks that an operating point may get: with a time budget 16, or more where study.blocks says so. It has to be fixed before
/// the run, since every look that may be taken has its share of the error (stats: look_share).
inline int most_blocks(const Study& study) {
  constexpr int kMostOfABudget = 16;
  return study.time_budget_minutes ? std::max(study.blocks, kMostOfABudget) : study.blocks;
}

/// The look that is taken after so many blocks, from 1; of an odd number the one that would have come next.
inline int look_after(int blocks) { return (blocks + kBlocksOfALook - 1) / kBlocksOfALook; }
inline int most_looks(const Study& study) { return look_after(most_blocks(study)); }

/// A workload's name and a concurrency of it.
using PointName = std::pair<std::string, int>;

/// What a time budget still holds, and what a block takes beside its visits: servers that start or wake.
struct TimeLeft { double seconds = 0, between_s = 0; };

/// What a look decides: the points that the next pair of blocks visits, and those that it leaves out because all their verdicts are settled.
struct NextBlocks { std::vector<PointName> points, settled; };

}  // namespace qc
