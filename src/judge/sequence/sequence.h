#pragma once
// Which operating points of a running study get further blocks: stored data in, points out. No clock, no file.
#include <optional>
#include <vector>

#include "record/record.h"
#include "study/looks.h"

namespace qc {

/// An operating point as it stands when a pair of blocks is over.
struct PointState {
  PointName point;
  int blocks = 0;                  ///< that visited it
  bool settled = false;            ///< every Delta is faster, slower or surely smaller than study.min_effect, or more blocks can't bring it an interval
  std::optional<double> spread;    ///< of its blocks' log ratios: root mean square over its Deltas; empty where none has an interval
  double block_s = 0;              ///< what a block of it takes: the visits of all variants
};
std::vector<PointState> states_of(const StudyData& data);

/// Of `states` those that the next pair of blocks visits. Without `left`: all that may have more blocks, of a sequential study only those that
/// are not settled. With it: those among these that would get a pair if the time left were given away pair by pair, each time to the point whose intervals
/// become narrower by most in a second. A point with little spread in its few blocks may only be lucky, and leaving it for that would make its intervals
/// miss: so each spread leans on all points' together (as four more degrees of freedom).
NextBlocks next_blocks(const std::vector<PointState>& states, const Study& study, std::optional<TimeLeft> left);

/// Both together: what a run asks after each pair of blocks.
NextBlocks look(const StudyData& so_far, std::optional<TimeLeft> left);

}  // namespace qc
