#include <fmt/format.h>

#include <algorithm>

#include "core/embedded.h"
#include "core/json.h"
#include "core/text.h"
#include "measure/quality/pattern.h"
#include "measure/quality/quality.h"

extern "C" const qc::EmbeddedFile qc_embedded_qc_quality[];

namespace qc {
namespace {

bool valid_pattern(const std::string& value) { return is_valid(parse_pattern(value)); }

bool valid_facts(const std::string& value) {
  return std::ranges::none_of(split(value, '|'), [](const std::string& spelling) { return trim(spelling).empty(); });
}

/// What is wrong with a rule; empty: nothing.
std::string rule_problem(const Rule& rule) {
  if (rule.kind == "none") return rule.values.empty() ? "" : "rule none takes no values";
  if (rule.values.empty()) return "the rule has no values";
  if (rule.kind == "last_number") return rule.values.size() == 1 && last_number(rule.values[0]) ? "" : "last_number takes one number";
  if (rule.kind == "matches") return std::ranges::all_of(rule.values, valid_pattern) ? "" : "matches takes patterns \"what =~ regex\"";
  if (rule.kind != "contains_any" && rule.kind != "contains_all") return fmt::format("unknown rule \"{}\"", rule.kind);
  return std::ranges::all_of(rule.values, valid_facts) ? "" : "a value or a spelling of it is empty";
}

Result<SpotItem> read_item(std::string_view line, const std::string& suite) {
  const auto json = parse_json(line, "line");
  if (!json) return fail(json.error());
  SpotItem item;
  try {
    const Json& rule = json->at("rule");
    item = {suite, json->at("id"), json->at("prompt"), json->at("max_tokens"), {rule.at("kind"), rule.at("values")}};
  } catch (const Json::exception&) {
    return fail(Fault::damaged, "needs id, prompt (text), max_tokens (a number) and rule {kind, values}");
  }
  if (item.id.empty() || item.prompt.empty() || item.max_tokens < 1)
    return fail(Fault::damaged, "an empty id or prompt, or max_tokens below 1");
  if (const std::string problem = rule_problem(item.rule); !problem.empty()) return fail(Fault::damaged, problem);
  return item;
}

}  // namespace

Result<std::vector<SpotItem>> read_spot_items(std::string_view text, const std::string& suite, const std::string& name) {
  std::vector<SpotItem> items;
  std::size_t number = 0;
  for (const std::string& line : split(text, '\n')) {
    ++number;
    if (trim(line).empty()) continue;
    auto item = read_item(line, suite);
    if (!item) return fail(Fault::damaged, fmt::format("{}:{}: {}", name, number, item.error().message));
    items.push_back(std::move(*item));
  }
  return items;
}

const std::vector<std::string>& builtin_spot_suites() {
  static const std::vector<std::string> names = {"factual", "reasoning", "code", "summarization"};
  return names;
}

Result<std::vector<SpotItem>> load_spot(const std::vector<std::string>& suites) {
  std::vector<SpotItem> all;
  for (const std::string& suite : suites) {
    const std::string file = fmt::format("suites/{}.jsonl", suite);
    const auto text = find_embedded(qc_embedded_qc_quality, file);
    if (!text)
      return fail(Fault::usage, fmt::format("spot suite \"{}\" is not built in; accepted: {}", suite, join_and(builtin_spot_suites())));
    auto items = read_spot_items(*text, suite, file);
    if (!items) return items;
    std::ranges::move(*items, std::back_inserter(all));
  }
  return all;
}

}  // namespace qc
