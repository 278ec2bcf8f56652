// The built-in suites: their limits, and that each item's rule takes a right answer and refuses a wrong one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "core/text.h"
#include "measure/quality/quality.h"

namespace qc {
namespace {

using testing::HasSubstr;

std::vector<SpotItem> all_items() { return load_spot(builtin_spot_suites()).value(); }

/// Right answers as a person would write them, by suite/id.
const std::map<std::string, std::string> kRight = {
    {"factual/water", "The chemical symbol for water is H2O."},
    {"factual/ocean", "The Pacific Ocean."},
    {"factual/war-end", "World War II ended in 1945."},
    {"factual/plant-gas", "Plants take in carbon dioxide."},
    {"factual/gold", "Gold's symbol is Au."},
    {"factual/canberra", "Canberra"},
    {"factual/ottawa", "It is Ottawa."},
    {"factual/penicillin", "Sir Alexander Fleming, in 1928."},
    {"factual/red-planet", "Mars."},
    {"factual/mona-lisa", "Leonardo da Vinci painted it."},
    {"factual/hydrogen", "Hydrogen (H)."},
    {"factual/leap-year", "A leap year has 366 days."},
    {"reasoning/sum", "12"},
    {"reasoning/apples", "Tom has 7 apples."},
    {"reasoning/pencils", "She has 2 x 5 = 10 pencils."},
    {"reasoning/even-series", "10."},
    {"reasoning/product", "9 x 6 = 54"},
    {"reasoning/train", "It travels 180 miles."},
    {"reasoning/sister", "She is 8 years old."},
    {"reasoning/half-price", "The sale price is $20.00."},
    {"reasoning/rolls", "5 x 12 = 60 rolls.\n60 - 45 = 15\nSo **15** rolls are left."},
    {"code/add", "```python\ndef add(a: float, b: float) -> float:\n    return a + b\n```"},
    {"code/is-even", "def is_even(n):\n    return n % 2 == 0"},
    {"code/reverse", "def reverse_string(s: str) -> str:\n    return s[::-1]"},
    {"code/factorial", "def factorial(n):\n    if n <= 1:\n        return 1\n    return n * factorial(n - 1)"},
    {"code/largest", "def largest(numbers):\n    best = numbers[0]\n    for n in numbers:\n        if n > best:\n            best = n\n    return best"},
    {"code/sql", "```sql\nSELECT name\nFROM users\nWHERE age > 30;\n```"},
    {"code/max-of", "int max_of(int a, int b) {\n    return (a > b) ? a : b;\n}"},
    {"summarization/library", "The library will close for three weeks in July for repairs to its roof."},
    {"summarization/bakery", "Maria's bakery in Lisbon grew to four shops thanks to her lemon cakes."},
    {"summarization/battery", "A new bus battery charges in ten minutes but costs 40% more. It will be used in Oslo first."},
    {"summarization/storm", "A storm in Ireland cut the power of about 20,000 homes, but nobody was hurt."},
    {"summarization/school", "The board moved the start to nine o'clock from September, for more sleep, though some parents objected."},
    {"summarization/museum", "The museum bought a painting by Peter Novak for 90,000 dollars and will show it from May."},
};

/// Answers that look alike and are wrong, or do not do what was asked.
const std::map<std::string, std::string> kWrong = {
    {"factual/water", "The chemical symbol for water is HO2."},
    {"factual/gold", "Gold's symbol is Ag because of aurum."},
    {"factual/leap-year", "A leap year has 365 days."},
    {"reasoning/sum", "7 + 5 = 13"},
    {"reasoning/rolls", "5 x 12 = 60"},
    {"code/add", "def plus(a, b):\n    return a - b"},
    {"code/is-even", "def even(n): print(n % 2)"},
    {"code/largest", "def biggest(x): return max(x)"},
    {"code/sql", "SELECT * FROM users WHERE age < 30;"},
    {"code/max-of", "int max(int a, int b) { return (a > b) ? b : a; }"},
    {"summarization/library", "The council met on Monday."},
};

TEST(Suites, HoldAtLeastFiveItemsEachAndAreShort) {
  int tokens = 0;
  std::map<std::string, int> count;
  std::set<std::string> ids;
  for (const SpotItem& item : all_items()) {
    ++count[item.suite];
    tokens += item.max_tokens;
    EXPECT_TRUE(ids.insert(item.suite + "/" + item.id).second) << item.id << " twice";
    EXPECT_NE(item.rule.kind, "none");
  }
  ASSERT_EQ(count.size(), 4u);
  for (const auto& [suite, items] : count) EXPECT_GE(items, 5) << suite;
  EXPECT_LE(tokens, 1500);
}

TEST(Suites, EveryItemTakesARightAnswer) {
  for (const SpotItem& item : all_items()) {
    const auto right = kRight.find(item.suite + "/" + item.id);
    ASSERT_NE(right, kRight.end()) << item.id;
    const Grade result = grade(item.rule, right->second);
    EXPECT_EQ(result.score, 1.0) << item.id << ": " << result.because;
  }
}

TEST(Suites, WrongAnswersScore0) {
  std::size_t seen = 0;
  for (const SpotItem& item : all_items())
    if (const auto wrong = kWrong.find(item.suite + "/" + item.id); wrong != kWrong.end()) {
      ++seen;
      const Grade result = grade(item.rule, wrong->second);
      EXPECT_EQ(result.score, 0.0) << item.id << ": " << result.because;
    }
  EXPECT_EQ(seen, kWrong.size());
}

TEST(Suites, AnEmptyAnswerAndTheQuestionItselfScoreLessThanFull) {
  for (const SpotItem& item : all_items()) {
    EXPECT_EQ(grade(item.rule, "").score, 0.0) << item.id;
    const bool holds_the_document = item.suite == "summarization";
    EXPECT_TRUE(holds_the_document || grade(item.rule, item.prompt).score < 1.0) << item.id << ": the question gives the answer away";
  }
}

TEST(Suites, AnUnknownSuiteNamesTheBuiltInOnes) {
  const auto items = load_spot({"factual", "maths"});
  ASSERT_FALSE(items);
  EXPECT_EQ(items.error().fault, Fault::usage);
  EXPECT_EQ(items.error().message, "spot suite \"maths\" is not built in; accepted: factual, reasoning, code and summarization");
}

std::string item_error(const std::string& rule) {
  const auto items = read_spot_items(R"({"id": "a", "prompt": "p", "max_tokens": 8, "rule": )" + rule + "}", "s", "s.jsonl");
  return items ? "no error" : items.error().message;
}

TEST(SpotItems, NameFileAndLineOfABrokenItem) {
  EXPECT_EQ(item_error(R"({"kind": "contains_any", "values": ["x"]})"), "no error");
  EXPECT_EQ(item_error(R"({"kind": "none", "values": []})"), "no error");
  EXPECT_EQ(item_error(R"({"kind": "contain", "values": ["x"]})"), "s.jsonl:1: unknown rule \"contain\"");
  EXPECT_EQ(item_error(R"({"kind": "contains_any", "values": []})"), "s.jsonl:1: the rule has no values");
  EXPECT_EQ(item_error(R"({"kind": "contains_all", "values": ["a|"]})"), "s.jsonl:1: a value or a spelling of it is empty");
  EXPECT_EQ(item_error(R"({"kind": "last_number", "values": ["many"]})"), "s.jsonl:1: last_number takes one number");
  EXPECT_THAT(item_error(R"({"kind": "matches", "values": ["open bracket =~ ("]})"), HasSubstr("s.jsonl:1: matches takes patterns"));
  EXPECT_THAT(item_error(R"({"kind": "matches"})"), HasSubstr("s.jsonl:1: needs id, prompt"));
  EXPECT_THAT(read_spot_items("\n{", "s", "s.jsonl").error().message, HasSubstr("s.jsonl:2: "));
}

}  // namespace
}  // namespace qc
