#include "doctor/findings.h"
#include "doctor/probes.h"

namespace qc {

Result<Diagnosis> diagnose(const StopFlag& stop, const OwnErrorWatch& watch) {
  const LoadWatch load;
  auto error = measure_own_error(stage_plans(), stop, watch);   // first: what is looked at afterwards loads libraries, and takes memory
  if (!error) return fail(error.error());
  Diagnosis out{{}, std::move(*error)};
  if (out.error.cut_short) return out;
  out.machine = look_around();
  load.end(out.machine);
  return out;
}

}  // namespace qc
