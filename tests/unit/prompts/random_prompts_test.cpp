// Random prompts: as long as the server's tokenizer says, a shared beginning, and nothing said twice.
#include "measure/load/random_prompts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "core/text.h"

namespace qc {
namespace {
using testing::HasSubstr;

int words_in(const std::string& text) { return static_cast<int>(split(text, ' ').size()); }

/// A tokenizer that takes three letters at a time, as none of ours does.
int by_threes(const std::string& text) {
  int n = 0;
  for (const std::string& word : split(text, ' ')) n += static_cast<int>((word.size() + 2) / 3);
  return n;
}

TEST(RandomPrompts, AreSizedByTheServersTokenizer) {
  for (const int tokens : {5, 100, 700}) {
    const auto set = load_prompts("random:" + std::to_string(tokens), 1, {0, by_threes});
    ASSERT_TRUE(set);
    int exact = 0;
    for (const Prompt& each : set->prompts) {
      exact += by_threes(each.text) == tokens;
      EXPECT_NEAR(by_threes(each.text), tokens, 1);   // twelve questions a text, and then as near as it came
    }
    EXPECT_GT(exact, 100) << tokens;
    EXPECT_THAT(set->source, HasSubstr("by the server's tokenizer"));
  }
}

TEST(RandomPrompts, OfWordsThatAreTokensCostOneQuestion) {
  int asked = 0;
  const auto set = load_prompts("random:200", 1, {0, [&](const std::string& text) { return ++asked, words_in(text); }});
  EXPECT_LE(asked, 2);
  EXPECT_EQ(words_in(set->prompts[7].text), 200);
  EXPECT_THAT(set->source, HasSubstr("200 tokens by the server's tokenizer"));
}

TEST(RandomPrompts, WithoutATokenizerAreAsManyWords) {
  const auto none = load_prompts("random:30", 1, {0, [](const std::string&) { return std::optional<int>(); }});
  EXPECT_EQ(none->prompts[5].text, load_prompts("random:30", 1)->prompts[5].text);
  EXPECT_THAT(none->source, HasSubstr("about one token each"));
}

TEST(RandomPrompts, ShareAPrefixAndNothingElse) {
  const auto set = load_prompts("random:40", 3, {25, {}});
  ASSERT_TRUE(set);
  std::set<std::string> prefixes, next;
  for (const Prompt& each : set->prompts) {
    const auto words = split(each.text, ' ');
    ASSERT_EQ(words.size(), 40u);
    std::string prefix;
    for (int i = 0; i < 25; ++i) prefix += words[static_cast<std::size_t>(i)] + " ";
    prefixes.insert(prefix);
    next.insert(words[25]);
  }
  EXPECT_EQ(prefixes.size(), 1u);
  EXPECT_GT(next.size(), 50u);
  EXPECT_DOUBLE_EQ(set->shared, 25.0 / 40);
  const auto sized = load_prompts("random:100", 3, {60, by_threes});
  std::string prefix;
  for (std::size_t i = 0; i < sized->shared_words; ++i) prefix += (i ? " " : "") + split(sized->prompts[0].text, ' ')[i];
  EXPECT_NEAR(by_threes(prefix), 60, 2);
  EXPECT_EQ(by_threes(sized->prompts[1].text.substr(0, prefix.size())), by_threes(prefix));
}

TEST(RandomPrompts, RefuseAPrefixThatLeavesNothing) {
  EXPECT_THAT(load_prompts("random:40", 1, {40, {}}).error().message, HasSubstr("a shared prefix of 40 tokens leaves nothing"));
  EXPECT_THAT(load_prompts("chat", 1, {10, {}}).error().message, HasSubstr("for random prompts only"));
}

TEST(InRound, MovesTheWordsAfterThePrefixOn) {
  PromptSet set{"random:5", "", {{"random-1", "p q a b c", "x"}}, true, 2, 0.4};
  EXPECT_EQ(in_round(set, 0, 0).text, "p q a b c");
  EXPECT_EQ(in_round(set, 0, 1).text, "p q b c a");
  EXPECT_EQ(in_round(set, 0, 2).text, "p q c a b");
  EXPECT_NE(in_round(set, 0, 1).sha256, in_round(set, 0, 2).sha256);
  set.random = false;
  EXPECT_EQ(in_round(set, 0, 1).text, "p q a b c");
}

}  // namespace
}  // namespace qc
