// Each rule on answers whose grade a reader can see.
#include <gtest/gtest.h>

#include "measure/quality/quality.h"

namespace qc {
namespace {

double score(const std::string& kind, std::vector<std::string> values, const std::string& answer) {
  return grade({kind, std::move(values)}, answer).score.value_or(-1);
}
std::string because(const std::string& kind, std::vector<std::string> values, const std::string& answer) {
  return grade({kind, std::move(values)}, answer).because;
}

TEST(ContainsAny, FindsAValueAsWholeWords) {
  EXPECT_EQ(score("contains_any", {"Paris"}, "The capital is paris."), 1);
  EXPECT_EQ(score("contains_any", {"Paris"}, "**Paris**"), 1);
  EXPECT_EQ(score("contains_any", {"Paris"}, "Paris\u2019s river"), 1);
  EXPECT_EQ(score("contains_any", {"Au"}, "because of aurum"), 0);
  EXPECT_EQ(score("contains_any", {"carbon dioxide", "CO2"}, "They take in carbon\n dioxide"), 1);
  EXPECT_EQ(score("contains_any", {"carbon dioxide", "CO2"}, "CO2"), 1);
  EXPECT_EQ(score("contains_any", {"H2O", "H\u2082O"}, "It is H\u2082O."), 1);
  EXPECT_EQ(score("contains_any", {"Mars"}, "It is Marsh or \u00e9mars or marsé"), 0);
  EXPECT_EQ(score("contains_any", {"Mars"}, ""), 0);
}

TEST(ContainsAny, ANumberDoesNotStandInALongerOne) {
  EXPECT_EQ(score("contains_any", {"366"}, "There are 366."), 1);
  EXPECT_EQ(score("contains_any", {"366"}, "There are 3661, 366.5, 366,000, 1,366 and 0.366"), 0);
  EXPECT_EQ(score("contains_any", {"366"}, "either 365, 366, or 367"), 1);
}

TEST(ContainsAny, SaysWhatItLookedForAndFound) {
  EXPECT_EQ(because("contains_any", {"carbon dioxide", "CO2"}, "It is CO2."), "Names \"CO2\".");
  EXPECT_EQ(because("contains_any", {"Leonardo", "da Vinci"}, "Rembrandt"), "Does not name \"Leonardo\" or \"da Vinci\".");
}

TEST(ContainsAll, IsTheShareOfFactsFound) {
  const std::vector<std::string> facts = {"library", "three weeks|3 weeks", "July", "roof"};
  EXPECT_EQ(score("contains_all", facts, "The library closes 3 weeks in July for its roof."), 1);
  EXPECT_EQ(score("contains_all", facts, "The library closes in July."), 0.5);
  EXPECT_EQ(score("contains_all", facts, "Nothing."), 0);
  EXPECT_EQ(because("contains_all", facts, "The library closes in July."), "Has 2 of 4 facts; not \"three weeks\" and \"roof\".");
  EXPECT_EQ(because("contains_all", {"roof"}, "roof"), "Has the fact.");
}

TEST(LastNumberRule, ComparesTheLastNumberOnly) {
  EXPECT_EQ(score("last_number", {"54"}, "6*6 = 36. So 9 times 6 is 54."), 1);
  EXPECT_EQ(score("last_number", {"54"}, "54, since 9 times 6 is 36."), 0);
  EXPECT_EQ(score("last_number", {"1234"}, "1,234"), 1);
  EXPECT_EQ(score("last_number", {"20"}, "$20.00"), 1);
  EXPECT_EQ(score("last_number", {"20"}, "twenty"), 0);
  EXPECT_EQ(score("last_number", {"0.3"}, "3/10"), 1);
}

TEST(LastNumberRule, SaysWhichNumberItFound) {
  EXPECT_EQ(because("last_number", {"54"}, "It is 36."), "Ends in 36; 54 is right.");
  EXPECT_EQ(because("last_number", {"54"}, "It is 54."), "Ends in 54, which is right.");
  EXPECT_EQ(because("last_number", {"54"}, "I do not know."), "Holds no number; 54 is right.");
}

TEST(Matches, IsTheShareOfPatternsThatMatch) {
  const std::vector<std::string> parts = {"a function add =~ def\\s+add\\s*\\(", "a sum =~ return\\s+a\\s*\\+\\s*b"};
  EXPECT_EQ(score("matches", parts, "def add(a, b):\n    return a + b"), 1);
  EXPECT_EQ(score("matches", parts, "DEF ADD(a, b): return a - b"), 0.5);
  EXPECT_EQ(because("matches", parts, "def add(a, b): return a - b"), "Has 1 of 2 parts; not a sum.");
}

TEST(Matches, LooksAtTheFirst2KiBAndSurvivesALongAnswer) {
  EXPECT_EQ(score("matches", {"end =~ ^[\\s\\S]*end"}, std::string(2000, 'x') + "end"), 1);
  EXPECT_EQ(score("matches", {"end =~ ^[\\s\\S]*end"}, std::string(4'000'000, 'x') + "end"), 0);
}

TEST(NoRule, GivesNoScore) {
  EXPECT_FALSE(grade({"none", {}}, "anything").score.has_value());
}

}  // namespace
}  // namespace qc
