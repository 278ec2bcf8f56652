#include "core/text.h"

#include <gtest/gtest.h>

namespace qc {
namespace {

TEST(Replaced, EveryPlaceButNotWhatWasPutIn) {
  EXPECT_EQ(replaced("{a} and {a}", "{a}", "x{a}"), "x{a} and x{a}");
  EXPECT_EQ(replaced("nothing", "{a}", "x"), "nothing");
}

TEST(WholeCharacters, NeverEndsWithinOne) {
  EXPECT_EQ(whole_characters("a\xC3\xA4z", 2), "a");
  EXPECT_EQ(whole_characters("a\xC3\xA4z", 3), "a\xC3\xA4");
  EXPECT_EQ(whole_characters("\xF0\x9F\x98\x80", 3), "");
  EXPECT_EQ(whole_characters("abc", 9), "abc");
}

TEST(Nearest, IsCloseEnoughOrNone) {
  const std::vector<std::string> verbs{"run", "plan", "report"};
  EXPECT_EQ(nearest("pln", verbs), "plan");
  EXPECT_EQ(nearest("reprot", verbs), "report");
  EXPECT_EQ(nearest("rum", verbs), "run");
  EXPECT_EQ(nearest("frobnicate", verbs), std::nullopt);
  EXPECT_EQ(nearest("run", std::vector<std::string>{}), std::nullopt);
}

TEST(JoinAnd, HasAnAndBeforeTheLast) {
  EXPECT_EQ(join_and(std::vector<std::string>{}), "");
  EXPECT_EQ(join_and(std::vector<std::string>{"a"}), "a");
  EXPECT_EQ(join_and(std::vector<std::string>{"a", "b"}), "a and b");
  EXPECT_EQ(join_and(std::vector<std::string>{"a", "b", "c"}), "a, b and c");
}

TEST(Split, KeepsEmptyParts) {
  EXPECT_EQ(split("a,,b,", ','), (std::vector<std::string>{"a", "", "b", ""}));
  EXPECT_EQ(split("", ','), std::vector<std::string>{""});
}

TEST(Trim, TakesBlanksFromBothEndsOnly) {
  EXPECT_EQ(trim(" \ta b\r\n"), "a b");
  EXPECT_EQ(trim("ab"), "ab");
  EXPECT_EQ(trim(" \n "), "");
  EXPECT_EQ(trim(""), "");
}

TEST(Slug, IsSafeInAFileName) {
  EXPECT_EQ(slug("Q4_0 (my/own).v-2"), "Q4_0--my-own-.v-2");
  EXPECT_EQ(lower("ABC-1"), "abc-1");
}

TEST(ShellQuoted, QuotesWhatAShellWouldRead) {
  EXPECT_EQ(shell_quoted(std::vector<std::string>{"vllm", "serve", "a/b:c", "--x=1"}), "vllm serve a/b:c --x=1");
  EXPECT_EQ(shell_quoted(std::vector<std::string>{"say", "two words", "it's", "", "$HOME"}), "say 'two words' 'it'\\''s' '' '$HOME'");
}

}  // namespace
}  // namespace qc
