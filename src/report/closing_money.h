#pragma once
// The closing section's money: what the named candidates cost, and how to weigh that against quality.
#include <string>
#include <vector>

#include "report/closing_lines.h"
#include "report/compose_parts.h"

namespace qc {

/// Lines of the closing's paragraph `paragraph`. `lead`: for workloads of which the answer names no candidate.
std::vector<ClosingLine> closing_money(Composer& c, const std::string& lead, int paragraph);

}  // namespace qc
