#pragma once
// What a study finds again when it goes on: its prompts, and behind each variant's name the same model and server. Else one cell would pool two.
#include <map>
#include <string>

#include "core/result.h"
#include "measure/load/prompts.h"
#include "measure/quality/quality.h"
#include "record/record.h"

namespace qc {

/// SHA-256 of all prompts of each workload, in order, and of the quality items ("quality"; none: left out).
std::map<std::string, std::string> prompt_hashes(const std::map<std::string, PromptSet>& prompts, const std::vector<SpotItem>& spot);
/// Fails as usage, naming what changed. What only one of the two knows is no change: an older store has none.
Status same_prompts(const std::map<std::string, std::string>& then, const std::map<std::string, std::string>& now);
/// Fails as refused where the files (by hash where they have one, else by size), the format, the template or the server's version are other
/// ones than at an earlier start. Files over 1 GiB and checkpoints of vLLM have no hash: another model of the same form passes.
Status same_server(const VariantFacts& then, const VariantFacts& now);

}  // namespace qc
