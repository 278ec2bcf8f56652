#pragma once
// One writer a format, over the trials that have requests.
#include "exchange/write/trial_data.h"
#include "exchange/write/write.h"

namespace qc {

void write_vllm(const StudyData& data, const std::vector<TrialData>& trials, Details details, Export& out);
void write_sglang(const StudyData& data, const std::vector<TrialData>& trials, Details details, Export& out);
void write_aiperf(const StudyData& data, const std::vector<TrialData>& trials, Details details, Export& out);
void write_guidellm(const StudyData& data, const std::vector<TrialData>& trials, Details details, Export& out);
/// trials.csv: a row a trial, with or without requests; requests.csv: a row a request.
void write_csv(const StudyData& data, const std::vector<TrialData>& trials, Details details, Export& out);
/// requests.jsonl: a line a request, its trial's names and what `bench --records` writes.
void write_jsonl(const StudyData& data, const std::vector<TrialData>& trials, Details details, Export& out);

}  // namespace qc
