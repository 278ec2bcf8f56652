#pragma once
// Small studies with figures chosen by hand, one for each way a study can come out.
#include <string>
#include <vector>

#include "judge/advise/findings.h"

namespace qc::test {

struct Case { std::string name; StudyData data; Findings findings; };

Case clear_win();
Case clear_loss();
Case mixed();
Case indistinguishable();
std::vector<Case> four_cases();

/// The clear win as vLLM on an H100 would have it: what server and card say of themselves; one variant was preempted, one shared its server.
Case server_and_gpu();

/// The four cases with something gone wrong or missing.
Case drifted();               ///< the A/A of chat is called different
Case candidate_died();        ///< q4_0's server never answered
Case gpu_of_three_workloads();///< other names, one candidate, hub ids, no local files
Case nothing_measured();      ///< no cell, no answer, no memory sample
Case one_block();             ///< values without an interval

std::vector<Case> every_case();

}  // namespace qc::test
