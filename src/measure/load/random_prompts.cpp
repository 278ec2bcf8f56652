#include "measure/load/random_prompts.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cstdlib>

#include <fmt/format.h>

#include "core/embedded.h"
#include "core/files.h"
#include "core/random.h"
#include "core/text.h"

extern "C" const qc::EmbeddedFile qc_embedded_qc_load[];

namespace qc {
namespace {

constexpr int kRandomTexts = 128;
constexpr int kMostRandomTokens = 32768;  // 128 texts of this length are 25 MB
constexpr int kSizings = 12;              // questions a text: a correction lands within a few tokens, the next ones on it
constexpr int kLong = 64;                 // tokens of a text of which one more or less, by its first word, is not worth a question

using Words = std::vector<std::string>;

const Words& common_words() {
  static const Words words = [] {
    const auto bytes = find_embedded(qc_embedded_qc_load, "prompts/words.txt");
    assert(bytes && "named in this unit's qc_embed");
    return split(trim(*bytes), '\n');
  }();
  return words;
}

Words draw(Random& random, int count) {
  Words out;
  for (int i = 0; i < count; ++i) out.push_back(common_words()[random.below(common_words().size())]);
  return out;
}

std::string joined(const Words& words) { return fmt::format("{}", fmt::join(words, " ")); }

/// Adds drawn words, or takes words away, until the tokenizer counts `tokens` or as near as it comes, the first `kept` staying; what it counts then (`tokens` where it can't be asked).
int size_words(Words& words, std::size_t kept, int tokens, Random& random, const CountTokens& count) {
  Words best;
  int best_count = 0;
  for (int i = 0; i < kSizings; ++i) {
    const auto counted = count ? count(joined(words)) : std::nullopt;
    if (!counted) return tokens;
    if (best.empty() || std::abs(*counted - tokens) < std::abs(best_count - tokens)) best = words, best_count = *counted;
    if (best_count == tokens) break;
    const double a_word = std::max(0.25, static_cast<double>(*counted) / static_cast<double>(words.size()));
    const auto change = static_cast<long>((tokens - *counted) / a_word);
    const long wanted = std::max(static_cast<long>(words.size()) + change, static_cast<long>(kept) + 1);
    if (change == 0) words.pop_back();   // less than a word is missing or too much: another last word may have it
    const std::size_t had = words.size();
    words.resize(static_cast<std::size_t>(wanted));
    for (std::size_t w = had; w < words.size(); ++w) words[w] = draw(random, 1).front();
  }
  words = std::move(best);
  return best_count;
}

/// Whether a text's tokens are its words. One question in place of one for each text.
bool words_are_tokens(const CountTokens& count) { return count && count(joined(common_words())) == static_cast<int>(common_words().size()); }

Prompt prompt_of(std::string id, std::string text) {
  auto hash = sha256(text);
  return {std::move(id), std::move(text), std::move(hash)};
}

std::string counted_words(int least, int most) {
  return least == most ? fmt::format("{} tokens by the server's tokenizer", least) : fmt::format("{} to {} tokens by the server's tokenizer", least, most);
}

Result<int> tokens_of(const std::string& spec, std::string_view number, int shared) {
  int tokens = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), tokens);
  if (error != std::errc() || end != number.data() + number.size() || tokens < 1 || tokens > kMostRandomTokens)
    return fail(Fault::usage, fmt::format("{}: \"{}\" is no number of tokens; accepted: random:N with N from 1 to {}", spec, number, kMostRandomTokens));
  if (shared >= tokens) return fail(Fault::usage, fmt::format("{}: a shared prefix of {} tokens leaves nothing of one's own; accepted: fewer than {}", spec, shared, tokens));
  return tokens;
}

}  // namespace

Result<PromptSet> random_prompt_set(const std::string& spec, std::string_view number, std::uint64_t seed, const PromptSizing& sizing) {
  const auto tokens = tokens_of(spec, number, sizing.shared_prefix);
  if (!tokens) return fail(tokens.error());
  Random random(derive_seed(seed, "random prompts")), of_prefix(derive_seed(seed, "shared prefix"));
  Words prefix = draw(of_prefix, sizing.shared_prefix);
  if (!prefix.empty()) size_words(prefix, 0, sizing.shared_prefix, of_prefix, sizing.count_tokens);
  PromptSet set{spec, {}, {}, true, prefix.size(), static_cast<double>(sizing.shared_prefix) / *tokens};
  const bool sized = sizing.count_tokens && sizing.count_tokens("one").has_value();
  const bool as_words = *tokens >= kLong && words_are_tokens(sizing.count_tokens);
  int least = kMostRandomTokens, most = 0;
  for (int i = 1; i <= kRandomTexts; ++i) {
    Words words = prefix;
    const Words own = draw(random, std::max(1, *tokens - static_cast<int>(prefix.size())));
    words.insert(words.end(), own.begin(), own.end());
    const int counted = size_words(words, prefix.size(), *tokens, random, sized && !as_words ? sizing.count_tokens : CountTokens());
    least = std::min(least, counted), most = std::max(most, counted);
    set.prompts.push_back(prompt_of(fmt::format("random-{}", i), joined(words)));
  }
  set.source = sized ? fmt::format("{} texts of common English words, {}, drawn from seed {}", kRandomTexts, counted_words(least, most), seed)
                     : fmt::format("{} texts of {} common English words, about one token each, drawn from seed {}", kRandomTexts, *tokens, seed);
  if (sizing.shared_prefix > 0) set.source += fmt::format("; the first {} tokens are the same in all", sizing.shared_prefix);
  return set;
}

std::optional<double> words_per_token(const CountTokens& count) {
  const auto tokens = count ? count(joined(common_words())) : std::nullopt;
  return tokens && *tokens > 0 ? std::optional(static_cast<double>(common_words().size()) / *tokens) : std::nullopt;
}

Prompt random_prompt(int words, std::uint64_t seed, std::size_t index) {
  Random random(derive_seed(seed, fmt::format("random prompt {}", index)));
  return prompt_of(fmt::format("random-{}", index + 1), joined(draw(random, words)));
}

Prompt in_round(const PromptSet& set, std::size_t index, std::size_t round) {
  const Prompt& prompt = set.prompts[index];
  if (!set.random || round == 0) return prompt;
  Words words = split(prompt.text, ' ');
  const auto own = words.begin() + static_cast<std::ptrdiff_t>(set.shared_words);
  std::rotate(own, own + static_cast<std::ptrdiff_t>(round % static_cast<std::size_t>(words.end() - own)), words.end());
  return prompt_of(fmt::format("{}+{}", prompt.id, round), joined(words));
}

}  // namespace qc
