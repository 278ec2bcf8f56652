#pragma once
// The spot suites: prompts, greedy answers, grades by documented rules, similarity to the baseline.
#include <functional>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/stop.h"
#include "measure/client/stream_client.h"
#include "record/record.h"

namespace qc {

/// How an answer is graded. The rule looks at content, never at similarity.
struct Rule {
  std::string kind;                       ///< contains_any | last_number | contains_all | matches | none
  std::vector<std::string> values;        ///< facts, the number, required parts
};

struct SpotItem {
  std::string suite, id, prompt;
  int max_tokens = 64;
  Rule rule;
};

/// Built-in spot suites (factual, reasoning, code, summarization), at least 3 items each, from data/suites.
Result<std::vector<SpotItem>> load_spot(const std::vector<std::string>& suites);
const std::vector<std::string>& builtin_spot_suites();

struct Grade { std::optional<double> score; std::string because; };
/// contains_any: 1 if any value occurs as whole words (case and accents of ASCII ignored). contains_all: share of values found.
/// last_number: 1 if the last number in the answer equals the value. matches: share of regexes (ECMAScript, icase) that match.
Grade grade(const Rule& rule, const std::string& answer);

/// Character n-gram F score in 0..100 (Popovic 2015; as sacrebleu's chrF2: n 1..6, beta 2, whitespace removed).
double chrf(std::string_view hypothesis, std::string_view reference);

/// Asks every item (greedy, stops at the model's own end) of one server, `slots` at once, and grades. `run` 0, or 1 for the
/// baseline's repeat. Similarity and exact are left empty: `compare_to` fills them when the baseline's run 0 is known.
std::vector<Answer> ask_spot(const ClientOptions& client, const std::string& model, EndpointKind endpoint, const std::string& variant,
                             const std::vector<SpotItem>& items, int run, int slots, std::optional<int> max_tokens_cap,
                             const StopFlag& stop, const std::function<void(int, int)>& progress);
void compare_to(const std::vector<Answer>& baseline, std::vector<Answer>& answers);

}  // namespace qc
