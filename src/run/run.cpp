#include "run/run.h"

#include "run/runner.h"

namespace qc {

Result<RunOutcome> run_study(const Plan& plan, Store& store, const RunOptions& options, const StopFlag& stop, const Watcher& watcher) {
  return Runner(plan, store, options, stop, watcher).run();
}

}  // namespace qc
