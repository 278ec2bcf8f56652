#pragma once
// Store -> judge -> report files, shared by `run` and `report`.
#include <string>

#include "judge/advise/findings.h"
#include "store/store.h"

namespace qc {

struct Reported { Findings findings; StudyData data; };
/// All that a store holds, with the study as it was run (`set`: keys of [hardware] over it).
Result<StudyData> load_stored(Store& store, const std::vector<std::string>& set = {});
/// Judges what the store holds, writes every output file into `dir` and the figures into the store.
Result<Reported> judge_and_write(Store& store, const std::string& dir, bool markdown, bool html, const std::vector<std::string>& set = {});

/// The verdicts in a few lines, for the terminal.
std::string short_verdict(const Reported& reported);

}  // namespace qc
