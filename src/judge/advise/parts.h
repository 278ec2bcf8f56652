#pragma once
// The parts that findings.cpp puts together; each is a pure function of the stored data and the parts before it.
#include "judge/advise/findings.h"

namespace qc {

/// Null where no server of the variant ever answered.
const VariantFacts* facts_of(const StudyData& data, const std::string& variant);

std::vector<MemoryRow> memory_rows(const StudyData& data);
std::vector<QualityRow> quality_rows(const StudyData& data);
std::vector<QualityBound> quality_bounds(const StudyData& data);
/// Items, lost and gained of the baseline's repeat.
QualityBound repeat_flips(const StudyData& data);
/// A row for each workload and candidate: the first rule of the table (rules.cpp) whose conditions hold.
std::vector<Recommendation> recommend(const StudyData& data, const Findings& so_far);
std::vector<SettingRow> settings(const Findings& so_far);
std::vector<NextStep> next_steps(const StudyData& data, const Findings& so_far);
/// Answers that are not of the length asked for, and tokens that no server counted.
std::vector<std::string> answer_caveats(const StudyData& data, const std::vector<WorkloadComparison>& workloads);
std::vector<std::string> caveats(const StudyData& data, const std::vector<WorkloadComparison>& workloads, const std::vector<ServerRow>& server);

}  // namespace qc
