#pragma once
// The words of the field that a study file may use, and the codecs that know them.
#include <string>
#include <vector>

#include "study/values.h"

namespace qc {

const std::vector<std::string>& format_words();      ///< of weights: bf16, awq, gguf:Q4_0 ...
const std::vector<std::string>& suite_words();       ///< mmlu ...
const std::vector<std::string>& spot_words();        ///< factual ...
const std::vector<std::string>& prompt_set_words();  ///< chat ...

Codec<std::string> weight_format();
Codec<std::string> suite_and_count();  ///< mmlu or mmlu:1140
Codec<std::string> http_url();
Codec<std::string> host_and_port();

/// N of "random:N", 1 to 32768; empty for anything else.
std::optional<int> random_prompt_tokens(const std::string& prompts);

/// Bounds on a prompt's tokens in a built-in set, whatever the tokenizer; of all else nothing is known: 1, and 0 for the longest.
struct PromptTokens { int shortest = 1, longest = 0; };
PromptTokens builtin_prompt_tokens(const std::string& prompts);

/// About how many tokens a prompt has: N of "random:N", the middle of a built-in set; 0 of a file.
int usual_prompt_tokens(const std::string& prompts);

}  // namespace qc
