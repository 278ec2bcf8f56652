#pragma once
// What is sent: the built-in prompt sets, the user's JSONL files, random text of a given length.
#include <cstdint>
#include <string>
#include <vector>

#include "core/result.h"

namespace qc {

struct Prompt {
  std::string id;
  std::string text;
  std::string sha256;
};

struct PromptSet {
  std::string name;
  std::string source;                     ///< licence and origin, one line, for the report
  std::vector<Prompt> prompts;
};

/// Names of the built-in sets: chat, summarize (documents of 300 to 1,000 tokens), summarize-short (100 to 200 tokens).
const std::vector<std::string>& builtin_prompt_sets();

/// `spec` is a built-in name, a path to JSONL (each line an object with "prompt", or "messages", or a plain string; "id" optional) or
/// "random:N" (N tokens, seeded; sized at about 1 token a common English word unless the server's tokenizer is used later).
/// Fails as usage naming file and line.
Result<PromptSet> load_prompts(const std::string& spec, std::uint64_t seed);

/// The indices of the prompts for one visit: the same for every variant, moving on from block to block so that all get used.
std::vector<std::size_t> pick_prompts(const PromptSet& set, std::uint64_t seed, const std::string& workload, int block, int count);

}  // namespace qc
