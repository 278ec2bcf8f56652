#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/study/example.h"

namespace qc {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

Study with(std::vector<std::string> set, std::vector<std::string> only = {}) {
  auto study = parse_study(kExample, "s.toml", {std::move(set), std::move(only), true});
  EXPECT_TRUE(study) << study.error().message;
  return study ? *study : Study{};
}

std::string refused(std::vector<std::string> set, std::vector<std::string> only = {}) {
  return problems_of(kExample, {std::move(set), std::move(only), true});
}

TEST(Set, replaces_and_adds_keys) {
  const Study s = with({"study.blocks=2", "variant.awq.model=my/model", "workload.chat.concurrency=[1,2]", "study.min_effect = 0.05",
                        "engine.env.OMP_NUM_THREADS=\"2\"", "hardware.price_note=2026-11-01"});
  EXPECT_EQ(s.blocks, 2);
  EXPECT_EQ(s.variants[1].model, "my/model");
  EXPECT_THAT(s.workloads[0].concurrency, ElementsAre(1, 2));
  EXPECT_EQ(s.min_effect, 0.05);
  EXPECT_THAT(s.engine.env, ElementsAre(testing::Pair("OMP_NUM_THREADS", "2")));
  EXPECT_EQ(s.hardware.price_note, "2026-11-01");
}

TEST(Set, the_last_one_wins) { EXPECT_EQ(with({"study.blocks=2", "study.blocks=3"}).blocks, 3); }

TEST(Set, the_text_reads_again_as_the_same_study) {
  const Study s = with({"study.blocks=2", "variant.awq.args=[\"--x\", \"a=b\"]", "engine.env.A=x y", "study.title=Eine Größe \"q\""}, {"awq"});
  const auto again = parse_study(s.text, "again.toml", {});
  ASSERT_TRUE(again) << again.error().message << "\n" << s.text;
  EXPECT_EQ(again->keys, s.keys);
  EXPECT_EQ(again->title, "Eine Größe \"q\"");
  EXPECT_EQ(again->text, s.text);
}

TEST(Set, problems_name_it) {
  EXPECT_THAT(refused({"study.blocks=0"}), StartsWith("--set study.blocks=0: study.blocks: found 0; accepted: a whole number from 1 to 1000"));
  EXPECT_THAT(refused({"study.block=2"}), StartsWith("--set study.block=2: study.block: found an unknown key"));
  EXPECT_THAT(refused({"variant.awk.model=x/y"}), StartsWith("--set variant.awk.model=x/y: --set: found no variant of the name in \"awk.model\"; accepted: variant.NAME.KEY, NAME one of: bf16, awq; did you mean awq?"));
  EXPECT_THAT(refused({"studdy.blocks=2"}), HasSubstr("did you mean study?"));
  EXPECT_THAT(refused({"blocks"}), HasSubstr("--set blocks: --set: found \"blocks\"; accepted: key=value such as study.blocks=2"));
  EXPECT_THAT(refused({"blocks=2"}), HasSubstr("found the key \"blocks\"; accepted: a key of one of these tables: study, hardware"));
  EXPECT_THAT(refused({"engine.env.A=1"}), StartsWith("--set engine.env.A=1: engine.env: found A = 1; accepted: a table of strings"));
}

TEST(Set, cannot_smuggle_in_a_second_key) {
  EXPECT_EQ(with({"study.title=a\nblocks = 0"}).blocks, 4);
}

TEST(Set, reaches_names_with_dots) {
  std::string text = example_with("name = \"awq\"", "name = \"q4.0\"");
  const auto study = parse_study(text, "s.toml", {{"variant.q4.0.model=x/y"}, {}, true});
  ASSERT_TRUE(study) << study.error().message;
  EXPECT_EQ(study->variants[1].model, "x/y");
}

TEST(Set, takes_the_longest_name_that_fits) {
  std::string text = example_with("name = \"awq\"", "name = \"q4.0\"");
  text.replace(text.find("[[workload]]"), 0, "[[variant]]\nname = \"q4\"\nmodel = \"a/b\"\n");
  const auto study = parse_study(text, "s.toml", {{"variant.q4.0.model=x/y", "variant.q4.model=z/z"}, {}, true});
  ASSERT_TRUE(study) << study.error().message;
  EXPECT_EQ(study->variants[1].model, "x/y");
  EXPECT_EQ(study->variants[2].model, "z/z");
}

std::string third_variant() {
  return example_with("[[workload]]", "[[variant]]\nname = \"gptq\"\nmodel = \"a/b\"\n[[workload]]");
}

TEST(Only, keeps_the_named_ones_and_the_baseline) {
  const auto study = parse_study(third_variant(), "s.toml", {{}, {"gptq"}, true});
  ASSERT_TRUE(study) << study.error().message;
  ASSERT_EQ(study->variants.size(), 2u);
  EXPECT_EQ(study->variants[0].name, "bf16");
  EXPECT_EQ(study->variants[1].name, "gptq");
  EXPECT_THAT(study->text, testing::Not(HasSubstr("Instruct-AWQ")));
}

TEST(Only, names_the_nearest_variant) {
  EXPECT_EQ(refused({}, {"awk"}), "s.toml: --only: found \"awk\"; accepted: variants of this study: bf16 and awq; did you mean awq?");
}

TEST(Only, the_baseline_alone_is_no_study) {
  EXPECT_THAT(refused({}, {"bf16"}), HasSubstr("--only: found nothing but the baseline; accepted: at least one candidate"));
}

}  // namespace
}  // namespace qc
