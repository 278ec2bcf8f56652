// compare_to: which answers are held against which.
#include <gtest/gtest.h>

#include "measure/quality/quality.h"

namespace qc {
namespace {

Answer answer(const std::string& variant, int run, const std::string& item, const std::string& output) {
  Answer a;
  a.variant = variant;
  a.run = run;
  a.suite = "factual";
  a.item = item;
  a.output = output;
  return a;
}

TEST(CompareTo, FillsSimilarityAndExactOfTheSameItem) {
  const std::vector<Answer> baseline = {answer("bf16", 0, "x", "hello"), answer("bf16", 0, "y", "ab")};
  std::vector<Answer> answers = {answer("q8", 0, "y", "ab"), answer("q8", 0, "x", "zzz")};
  compare_to(baseline, answers);
  EXPECT_EQ(answers[0].similarity, 100.0);
  EXPECT_EQ(answers[0].exact, true);
  EXPECT_EQ(answers[1].similarity, 0.0);
  EXPECT_EQ(answers[1].exact, false);
}

TEST(CompareTo, ExactIsTheSameBytesWhateverChrfSays) {
  std::vector<Answer> answers = {answer("q8", 0, "x", "hel lo")};
  compare_to({answer("bf16", 0, "x", "hello")}, answers);
  EXPECT_EQ(answers[0].similarity, 100.0);
  EXPECT_EQ(answers[0].exact, false);
}

TEST(CompareTo, HoldsTheRepeatAgainstRun0ButNotRun0AgainstItself) {
  std::vector<Answer> all = {answer("bf16", 1, "x", "other"), answer("bf16", 0, "x", "hello")};
  const std::vector<Answer> baseline = all;
  compare_to(baseline, all);
  EXPECT_EQ(all[0].exact, false);
  EXPECT_FALSE(all[1].similarity.has_value());
  EXPECT_FALSE(all[1].exact.has_value());
}

TEST(CompareTo, LeavesWhatHasNoAnswerEmpty) {
  Answer failed = answer("bf16", 0, "x", "");
  failed.failure = "connect";
  std::vector<Answer> answers = {answer("q8", 0, "x", "hello"), answer("q8", 0, "unknown", "hello")};
  compare_to({failed}, answers);
  EXPECT_FALSE(answers[0].similarity.has_value());
  EXPECT_FALSE(answers[1].exact.has_value());
}

}  // namespace
}  // namespace qc
