#pragma once
// Which candidate a reader is told of first.
#include <optional>
#include <string>
#include <vector>

#include "judge/advise/findings.h"

namespace qc {

/// The recommendations of one workload: the best stance first; among equals one that leaves the model much as it was, then the larger gain in throughput at the highest load
/// or, where that can't be told apart, at the others. Behind them those that only memory speaks for, by the larger saving.
std::vector<const Recommendation*> ranked(const Findings& findings, const std::string& workload);

/// What was found of a workload; null where no operating point of it was measured.
const WorkloadComparison* comparison_of(const Findings& findings, const std::string& workload);

/// The memory of one variant; null where there is no row of it.
const MemoryRow* memory_of(const Findings& findings, const std::string& variant);

/// The cell that this cost is of has a p95 over its workload's budget.
std::string_view misses_budget(const Findings& findings, const CostRow& cost);

/// The baseline against itself has an interval no narrower than what this candidate changes.
bool is_within_noise(const Recommendation& r);
bool is_within_noise(const Findings& findings, const std::string& workload, const std::string& variant);

bool is_to_be_avoided(const Findings& findings, const std::string& workload, const std::string& variant);

/// The candidate to name for a workload: recommended, or to be taken with care.
std::optional<std::string> named_for(const Findings& findings, const std::string& workload);

/// The same advice for both, and at no load can their throughputs be told apart.
bool is_even_with(const Findings& findings, const Recommendation& r, const std::string& other);

/// The candidate that stands first most often, the study's first among equals; empty where there is none.
std::string leading_candidate(const StudyData& data, const Findings& findings);

}  // namespace qc
