#pragma once
// The search carried out: levels measured one after another until the answer is there or the time is over.
#include "cli/progress.h"
#include "judge/capacity/capacity.h"
#include "measure/load/load_run.h"

namespace qc {

/// `base`: a load without a shape. Fills levels, answer, cut and minutes of `capacity`, whose space, limits and max_minutes are set. Blocks until all requests are done; the process's stop flag
/// ends it. Says each level as it is done.
void measure_capacity(Capacity& capacity, const LoadSpec& base, const PromptSet& prompts, Progress& progress);

}  // namespace qc
