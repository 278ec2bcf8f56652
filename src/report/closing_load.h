#pragma once
// The closing section's load: what more requests at once do to a candidate's gain.
#include <string>

#include "judge/compare/compare.h"

namespace qc {

enum class WithLoad { unknown, one_load, fades, turns_to_loss, turns_to_gain, loses, shrinks, holds };

/// The candidate's cell at one point; null where it was not measured.
const Candidate* candidate_at(const PointComparison& point, const std::string& variant);

/// By the lowest and the highest load with a verdict; a gain shrinks or holds only where the two intervals lie apart or within one another's reach.
WithLoad with_load(const WorkloadComparison& workload, const std::string& variant);
bool gains_less_with_load(WithLoad how);

std::string load_line(WithLoad how);      ///< "The gain shrinks with load."
std::string caution_line(WithLoad how);

}  // namespace qc
