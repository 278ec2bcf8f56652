#pragma once
// Study -> the ordered list of everything that will run.
#include <optional>
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
  int prompt_tokens = 0;  ///< of one prompt, about; 0 where that is not known before the run
};

struct Plan {
  Study study;
  Switch switching = Switch::resident;   ///< decided: resident, sleep or restart (never automatic)
  std::string switching_because;
  std::optional<double> share{};         ///< gpu_memory_utilization of all variants, where it was chosen and not the study's: in study.engine, too
  std::vector<PlannedTrial> trials;
  std::vector<std::string> warnings;     ///< e.g. suites that this version does not run
};

/// Orders variants A B C A' in even blocks and A' C B A in odd ones (A' the A/A visit, where the point has one). With
/// `resident` and `sleep` all variants visit a point before the next point comes; with `restart` a visit runs all points of a variant.
/// Of a study that decides on its blocks while it runs: all that may come, up to most_blocks (study/looks.h).
Plan make_plan(Study study, Switch decided, std::string because);

/// What is certain to run: everything, but of a study that decides on its blocks while it runs only the first two.
std::vector<PlannedTrial> certain_trials(const Plan& plan);
int last_block_of(const std::vector<PlannedTrial>& trials);   ///< -1: there is none

/// Puts trials that were planned for visits point by point into the order of restarts: within a block all points of one turn side by
/// side, the turns as they first came. Ids stay, so that what is stored under them stays theirs; positions are counted anew.
void order_by_turns(std::vector<PlannedTrial>& trials);

/// Gives the trials of `plan` the ids that a stored plan of the same study has for the same visits, in whatever order that one was;
/// visits that it does not have get ids that it does not use.
void keep_ids(std::vector<PlannedTrial>& trials, const std::vector<PlannedTrial>& stored);

/// The points that get an A/A visit: (workload, concurrency) pairs. `middle`: the middle one of each workload
/// (of an even number the lower).
std::vector<std::pair<std::string, int>> aa_points(const Study& study);

/// Seconds from a throughput guess: tokens of all trials / guess, plus starts and switches. Used by `plan` and for the ETA before data exist.
struct SpeedGuess {
  double output_tok_s_alone = 40, batch_gain = 3;
  double start_s = 5;                    ///< a variant's first start
  std::string because;
  std::optional<double> restart_s{};     ///< a later one, its caches warm; unset: as the first
  double first_sleep_s = 10;             ///< pins host memory for the weights
  double read_faster = 8;                ///< prompts are read so many times as fast as one request's answer is written: on two cores 8, on an H100 170
  double turn_s = 1.2;                   ///< one to sleep, the next awake and tried: measured on an H100 0.2 to 0.4 and 0.4 to 0.6 s
};
/// Neither study.max_minutes nor a time budget takes more away.
inline constexpr int kFewestBlocks = 2;

/// KLD and top-1 agreement are measured after the visits, in process: of local GGUF files that our own llama.cpp serves.
bool measures_divergence(const Study& study);

struct PlanEstimate {
  double minutes = 0, dollars = 0;
  bool has_price = false;
  SpeedGuess guess;
  double switching_s = 0;                ///< of the minutes: starts, sleeps and wakes
  int blocks = 0;                        ///< that all of this is for: fewer than the study's where study.max_minutes takes some away, but never fewer than two
};
PlanEstimate estimate(const Plan& plan, const SpeedGuess& guess);
/// Estimated seconds of one trial under a guess.
double trial_seconds(const PlannedTrial& trial, const SpeedGuess& guess);

}  // namespace qc
