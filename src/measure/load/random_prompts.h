#pragma once
// Prompts that nobody wrote: common words, as many as make the tokens asked for.
#include <functional>
#include <optional>
#include <string>

#include "core/result.h"
#include "measure/load/prompts.h"

namespace qc {

/// "random:N" of load_prompts: `number` is its N. Fails as usage where that is no number from 1 to 32768, or not above the shared prefix.
Result<PromptSet> random_prompt_set(const std::string& spec, std::string_view number, std::uint64_t seed, const PromptSizing& sizing);

/// Of the common words, by a server's tokenizer: words that make a token on average. Empty where it can't be asked.
std::optional<double> words_per_token(const CountTokens& count);

/// One text of so many common words, as those of "random:N": the same for the same seed and index.
Prompt random_prompt(int words, std::uint64_t seed, std::size_t index);

/// A prompt of a set that is gone through again. Of random texts the words after the shared prefix begin `round` later and end with those left out: the same
/// length, and nothing that a prefix cache has seen. Others stay as they are.
Prompt in_round(const PromptSet& set, std::size_t index, std::size_t round);

}  // namespace qc
