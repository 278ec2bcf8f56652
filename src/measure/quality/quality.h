#pragma once
// The spot suites: prompts, greedy answers, grades by documented rules, similarity to the baseline.
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/stop.h"
#include "measure/client/stream_client.h"
#include "record/record.h"

namespace qc {

/// How an answer is graded (data/suites/README.md). The rule looks at content, never at similarity.
struct Rule {
  std::string kind;                       ///< contains_any | last_number | contains_all | matches | none
  std::vector<std::string> values;        ///< facts, the number, required parts
};

struct SpotItem {
  std::string suite, id, prompt;
  int max_tokens = 64;
  Rule rule;
};

/// The items of these built-in spot suites, in the order asked for. Fails as usage on a name that is not built in.
Result<std::vector<SpotItem>> load_spot(const std::vector<std::string>& suites);
/// factual, reasoning, code, summarization; each holds at least 5 items (data/suites, linked into the program).
const std::vector<std::string>& builtin_spot_suites();
/// One item a line of JSONL text; `name` stands for the file in messages. Fails as damaged with `FILE:LINE: what`.
Result<std::vector<SpotItem>> read_spot_items(std::string_view text, const std::string& suite, const std::string& name);

/// `score` 0..1, empty where the rule is none; `because` is one short sentence that names what was looked for and found.
struct Grade { std::optional<double> score; std::string because; };
/// contains_any: 1 if any value occurs; contains_all: the share of values that occur. A value occurs when one of its spellings
/// (separated by '|') stands in the answer as whole words, ASCII case ignored, any white space equal to one space.
/// last_number: 1 if the last number in the answer equals the value. matches: the share of patterns "what =~ regex" (ECMAScript,
/// case ignored) that match in the answer's first 2 KiB.
Grade grade(const Rule& rule, const std::string& answer);

/// The last number in a text: "1,234" 1234, "$12.50" 12.5, "-3" -3, "3/4" 0.75, "50%" 50, "7." 7; digits inside a word ("H2O")
/// are none. Empty: there is no number.
std::optional<double> last_number(std::string_view text);

/// Character n-gram F score in 0..100 (Popovic 2015; as sacrebleu's chrF2: n 1..6, beta 2, whitespace removed).
double chrf(std::string_view hypothesis, std::string_view reference);

struct SpotAnswers {
  std::vector<Answer> answers;
  int in_vain = 0;                        ///< the last requests that waited in vain for a next byte
};

/// Asks every item (greedy, stops at the model's own end) of one server, `slots` at once, and grades. `run` 0, or 1 for the
/// baseline's repeat. Similarity and exact are left empty: `compare_to` fills them when the baseline's run 0 is known. A request
/// that failed gives an Answer with `failure` and no score; items that the stop flag left unasked or cut are not in the result. Once one request a slot,
/// two at least, waited in vain one after the other, the rest counts as failed without being asked.
SpotAnswers ask_spot(const ClientOptions& client, const std::string& model, EndpointKind endpoint, const std::string& variant,
                             const std::vector<SpotItem>& items, int run, int slots, std::optional<int> max_tokens_cap,
                             const StopFlag& stop, const std::function<void(int done, int of)>& progress);

/// Fills similarity and exact of `answers` from the same items of the baseline's run 0 (other rows of `baseline` are passed over).
/// They stay empty for that run itself and where either side has no answer.
void compare_to(const std::vector<Answer>& baseline, std::vector<Answer>& answers);

}  // namespace qc
