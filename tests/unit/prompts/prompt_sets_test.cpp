// load_prompts: built-in sets, files, random texts; and the order in which a visit takes them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "core/files.h"
#include "core/text.h"
#include "measure/load/prompts.h"

namespace qc {
namespace {

using testing::HasSubstr;

TEST(LoadPrompts, BuiltInSetsAreLinkedIn) {
  const std::vector<std::string> expected = {"chat", "summarize", "summarize-short"};
  EXPECT_EQ(builtin_prompt_sets(), expected);
  for (const std::string& name : expected) {
    const auto set = load_prompts(name, 1);
    ASSERT_TRUE(set) << set.error().message;
    EXPECT_EQ(set->name, name);
    EXPECT_THAT(set->source, HasSubstr("data/prompts/SOURCE.txt"));
    const auto file = read_file(QC_SOURCE_DIR "/data/prompts/" + name + ".jsonl");
    ASSERT_TRUE(file);
    EXPECT_EQ(set->prompts.size(), split(trim(*file), '\n').size());
    EXPECT_THAT(set->source, testing::StartsWith(std::to_string(set->prompts.size()) + " "));
  }
}

TEST(LoadPrompts, ReadsAUsersFileAndSaysItsHash) {
  const std::string path = testing::TempDir() + "prompts_test.jsonl";
  ASSERT_TRUE(write_file(path, "\"abc\"\n"));
  const auto set = load_prompts(path, 1);
  ASSERT_TRUE(set);
  EXPECT_EQ(set->prompts[0].text, "abc");
  // printf '"abc"\n' | sha256sum
  EXPECT_THAT(set->source, HasSubstr("a4fb58ab9e76dcf8d9b2638c78dc2ba08b72447170604684d3f1adfb9842f950"));
}

TEST(LoadPrompts, NamesWhatIsAcceptedForAFileThatIsNotThere) {
  const auto set = load_prompts("/nowhere/p.jsonl", 1);
  ASSERT_FALSE(set);
  EXPECT_EQ(set.error().fault, Fault::usage);
  EXPECT_THAT(set.error().message, HasSubstr("/nowhere/p.jsonl"));
  EXPECT_THAT(set.error().message, HasSubstr("chat, summarize and summarize-short"));
  EXPECT_THAT(set.error().message, HasSubstr("random:N"));
}

TEST(LoadPrompts, RandomTextsHaveThatManyWords) {
  const auto set = load_prompts("random:37", 1);
  ASSERT_TRUE(set);
  ASSERT_EQ(set->prompts.size(), 128u);
  std::set<std::string> texts;
  for (const Prompt& prompt : set->prompts) {
    EXPECT_EQ(split(prompt.text, ' ').size(), 37u);
    texts.insert(prompt.text);
  }
  EXPECT_EQ(texts.size(), 128u);
}

TEST(LoadPrompts, RandomTextsFollowTheSeed) {
  EXPECT_EQ(load_prompts("random:20", 5)->prompts[3].text, load_prompts("random:20", 5)->prompts[3].text);
  EXPECT_NE(load_prompts("random:20", 5)->prompts[3].text, load_prompts("random:20", 6)->prompts[3].text);
}

TEST(LoadPrompts, RefusesARandomLengthThatIsNone) {
  for (const char* spec : {"random:", "random:0", "random:-5", "random:12x", "random:1e3", "random:32769", "random:99999999999"}) {
    const auto set = load_prompts(spec, 1);
    ASSERT_FALSE(set) << spec;
    EXPECT_EQ(set.error().fault, Fault::usage);
    EXPECT_THAT(set.error().message, HasSubstr("random:N with N from 1 to 32768"));
  }
  EXPECT_TRUE(load_prompts("random:1", 1));
}

TEST(PickPrompts, GoesOnFromBlockToBlockAndRoundAgain) {
  PromptSet set{"test", "", {{"a", "", ""}, {"b", "", ""}, {"c", "", ""}, {"d", "", ""}, {"e", "", ""}}};
  const auto all = pick_prompts(set, 42, "chat", 0, 5);
  using Indices = std::vector<std::size_t>;
  EXPECT_EQ(pick_prompts(set, 42, "chat", 0, 2), (Indices{all[0], all[1]}));
  EXPECT_EQ(pick_prompts(set, 42, "chat", 1, 2), (Indices{all[2], all[3]}));
  EXPECT_EQ(pick_prompts(set, 42, "chat", 2, 2), (Indices{all[4], all[0]}));
  EXPECT_EQ(pick_prompts(set, 42, "chat", 0, 7), (Indices{all[0], all[1], all[2], all[3], all[4], all[0], all[1]}));
}

TEST(PickPrompts, WorkloadsAndSeedsHaveOrdersOfTheirOwn) {
  const auto set = load_prompts("chat", 1);
  ASSERT_TRUE(set);
  const auto order = pick_prompts(*set, 42, "chat", 0, 96);
  EXPECT_NE(order, pick_prompts(*set, 42, "batch", 0, 96));
  EXPECT_NE(order, pick_prompts(*set, 43, "chat", 0, 96));
}

}  // namespace
}  // namespace qc
