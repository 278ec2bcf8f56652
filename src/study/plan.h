#pragma once
// Study -> the ordered list of everything that will run.
#include <string>
#include <vector>

#include "study/study.h"

namespace qc {

/// One visit of one operating point by one variant.
struct PlannedTrial {
  int id = 0;             ///< from 1, in order of execution; the key in the store
  std::string variant;
  std::string workload;
  int concurrency = 1;
  int max_tokens = 0;
  int requests = 0;       ///< measured ones; warm-up not counted
  int warmup = 0;
  int block = 0;          ///< from 0
  int position = 0;       ///< place of the visit among the visits of this point (restart: of this block), from 0
  bool repeat = false;    ///< the A/A visit: the baseline once more, judged as if it were a candidate
};

struct Plan {
  Study study;
  Switch switching = Switch::resident;   ///< decided: resident or restart (never automatic)
  std::string switching_because;
  std::vector<PlannedTrial> trials;
  std::vector<std::string> warnings;     ///< e.g. suites that this version does not run
};

/// Orders variants A B C A' in even blocks and A' C B A in odd ones (A' the A/A visit, where the point has one). With
/// `resident` all variants visit a point before the next point comes; with `restart` a visit runs all points of a variant.
Plan make_plan(Study study, Switch decided, std::string because);

/// The points that get an A/A visit: (workload, concurrency) pairs. `middle`: the middle one of each workload
/// (of an even number the lower).
std::vector<std::pair<std::string, int>> aa_points(const Study& study);

/// Seconds from a throughput guess: tokens of all trials / guess, plus starts. Used by `plan` and for the ETA before data exist.
struct SpeedGuess { double output_tok_s_alone = 40; double batch_gain = 3; double start_s = 5; std::string because; };
struct PlanEstimate { double minutes = 0; double dollars = 0; bool has_price = false; SpeedGuess guess; };
PlanEstimate estimate(const Plan& plan, const SpeedGuess& guess);
/// Estimated seconds of one trial under a guess.
double trial_seconds(const PlannedTrial& trial, const SpeedGuess& guess);

}  // namespace qc
