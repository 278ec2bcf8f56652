#pragma once
// What is sent: the built-in prompt sets, the user's JSONL files, random text of a given length.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace qc {

struct Prompt {
  std::string id;
  std::string text;
  std::string sha256;                     ///< of `messages`, where there are, else of `text`
  std::string messages = {};              ///< of a chat with other roles: its list as JSON; empty: one user message of `text`
};

struct PromptSet {
  std::string name;
  std::string source;                     ///< licence and origin, one line, for the report
  std::vector<Prompt> prompts;            ///< never empty
  bool random = false;                    ///< drawn words: their order says nothing
  std::size_t shared_words = 0;           ///< with which every prompt begins
  double shared = 0;                      ///< the share of a prompt's tokens that these are
};

/// Tokens of a text as the server counts them; empty where it can't be asked.
using CountTokens = std::function<std::optional<int>(const std::string&)>;
/// How random prompts are made.
struct PromptSizing {
  int shared_prefix = 0;                  ///< tokens that all of them begin with
  CountTokens count_tokens;               ///< none, or nothing counted: a word is taken for a token
};

/// Names of the built-in sets: chat, summarize (documents of 300 to 1,000 tokens), summarize-short (100 to 200 tokens).
const std::vector<std::string>& builtin_prompt_sets();

/// `spec` is a built-in name, a path to JSONL (read_prompt_lines) or "random:N": 128 texts of N common English words each, drawn
/// from the seed; each word, with the space before it, is one token in GPT-2, Llama 2 and 3, Qwen2, Phi-3, Falcon, StarCoder,
/// DeepSeek and SmolLM2 vocabularies, so that a text is N tokens (or N + 1, by its first word); where the server counts tokens, words are added or taken
/// away until it counts N. Fails as usage, naming file and line; a shared prefix is for random texts only.
Result<PromptSet> load_prompts(const std::string& spec, std::uint64_t seed, const PromptSizing& sizing = {});

/// The prompts of JSONL text, `name` standing for the file in messages. A line is a string, or an object with "prompt" (a string)
/// or "messages" (a list of {role, content}; kept as they are for a chat, and
/// their contents joined by blank lines for completions), and optionally "id"
/// (a string or number; without it "line-N"). Blank lines are skipped. Fails as usage with `FILE:LINE: found; accepted`.
Result<std::vector<Prompt>> read_prompt_lines(std::string_view text, const std::string& name);

/// The indices of the prompts for one visit: the same for every variant, `count` further on in one seeded order from block to
/// block, so that all get used. No prompt twice within a visit while `count` is at most the set's size.
std::vector<std::size_t> pick_prompts(const PromptSet& set, std::uint64_t seed, const std::string& workload, int block, int count);

}  // namespace qc
