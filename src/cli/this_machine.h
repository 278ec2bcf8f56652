#pragma once
// What this machine, or the one that a study names, has for servers to use.
#include "cli/decide_plan.h"
#include "measure/engines/turns.h"

namespace qc {

Machine machine_for(const Study& study, For what);

}  // namespace qc
