#pragma once
// Carries a Plan through measure into store: the only orchestrator.
#include <filesystem>
#include <functional>
#include <set>
#include <string>

#include "core/result.h"
#include "core/stop.h"
#include "store/store.h"
#include "study/looks.h"
#include "study/plan.h"

namespace qc {

/// What the run tells whoever watches it; called on the run's thread.
struct Watcher {
  std::function<void(const std::string& line)> say;                                     ///< a finished step, one line
  std::function<void(double fraction, Seconds eta, const std::string& doing)> progress; ///< often
};

/// Whether what is described so far may be compared; a refusal ends the run before anything of the newest server is measured.
using Admission = std::function<Status(const std::vector<VariantFacts>& described)>;

/// Asked after each pair of blocks of a study that decides on them while it runs; the answer follows from its arguments alone, so that a resumed run
/// decides as the one before it would have.
using Look = std::function<NextBlocks(const StudyData& so_far, std::optional<TimeLeft> left)>;

struct RunOptions {
  std::filesystem::path out;                ///< the output folder; logs/ below it
  std::set<int> skip;                       ///< trials that are stored already (--resume)
  std::string command_line;
  Admission admit;                          ///< asked after each start, the baseline first; empty: everything is admitted
  Look look;                                ///< needed where the study is_adaptive
  std::set<int> decided;                    ///< of such a study the trials that are to run for certain: of the plan in the store
};

/// How a run ended; everything measured is in the store in each case.
struct RunOutcome {
  bool interrupted = false;
  std::vector<std::string> engine_failures; ///< a message each: a server that would not start, died ...
  int invalid_trials = 0;
};

/// Starts servers, visits every planned trial, asks the quality prompts, stores each as it ends. Fails only when nothing can be
/// measured at all (the baseline's server would not start: engine) or the store breaks (damaged).
Result<RunOutcome> run_study(const Plan& plan, Store& store, const RunOptions& options, const StopFlag& stop, const Watcher& watcher);

/// Keeps a study that was not begun, since its baseline can't be served here: the run, and the finding as its one event ("infeasible").
Status keep_infeasible(Store& store, const Study& study, const std::string& command_line, const std::string& text);

}  // namespace qc
