#pragma once
// The study file that imported runs amount to.
#include <string>
#include <vector>

#include "exchange/read/assemble.h"

namespace qc {

/// Variants and workloads in the order of their first run. Fails as usage where spec.baseline is none of them.
Result<std::string> study_text(const std::vector<ReadRun>& runs, const ImportSpec& spec);

}  // namespace qc
