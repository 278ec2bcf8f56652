#include "run/run.h"

#include "core/time.h"
#include "run/describe.h"
#include "run/runner.h"

namespace qc {

Result<RunOutcome> run_study(const Plan& plan, Store& store, const RunOptions& options, const StopFlag& stop, const Watcher& watcher) {
  return Runner(plan, store, options, stop, watcher).run();
}

Status keep_infeasible(Store& store, const Study& study, const std::string& command_line, const std::string& text) {
  RunInfo run = describe_run(study, command_line);
  run.ended_utc = run.started_utc;
  if (auto s = store.put_run(run); !s) return s;
  return store.put_event({utc_now(), "infeasible", text});
}

}  // namespace qc
