#pragma once
// The words that start vLLM: the same for every variant but for the model and its name.
#include <string>
#include <vector>

#include "core/result.h"
#include "measure/engines/server_start.h"
#include "study/study.h"

namespace qc {

/// program + "serve MODEL" + ours + engine.args + the variant's args (of two equal flags argparse takes the last). The prefix cache is
/// off, so that every prompt is computed for every variant; what the study leaves open is left to vLLM.
std::vector<std::string> vllm_words(std::vector<std::string> program, const Study& study, const Variant& variant, const Listen& listen, bool can_sleep = false);

/// The model's name that the server will tell: the variant's, unless the args give another --served-model-name.
std::string vllm_alias(const Study& study, const Variant& variant);

}  // namespace qc
