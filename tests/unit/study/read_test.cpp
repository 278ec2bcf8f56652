#include "study/read.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/files.h"
#include "study/keys.h"
#include "unit/study/example.h"

namespace qc {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

Study read_example(const ReadOptions& options = {}) {
  auto study = parse_study(kExample, "s.toml", options);
  EXPECT_TRUE(study) << study.error().message;
  return study ? *study : Study{};
}

TEST(ReadStudy, takes_every_value_of_the_interfaces_example) {
  const Study s = read_example();
  EXPECT_EQ(s.name, "quant-vs-bf16");
  EXPECT_EQ(s.title, "Quantization vs BF16 on RTX 2000 Ada 16GB");
  EXPECT_EQ(s.seed, 42u);
  EXPECT_EQ(s.blocks, 4);
  EXPECT_EQ(s.hardware.hourly_usd, 0.24);
  EXPECT_EQ(s.hardware.price_note, "community cloud, 2026-11-01");
  EXPECT_EQ(s.engine.kind, EngineKind::vllm);
  EXPECT_EQ(s.engine.max_model_len, 4096);
  EXPECT_EQ(s.engine.gpu_memory_utilization, 0.9);
  EXPECT_THAT(s.engine.command, ElementsAre("vllm"));
  ASSERT_EQ(s.variants.size(), 2u);
  EXPECT_EQ(s.variants[1].model, "Qwen/Qwen2.5-3B-Instruct-AWQ");
  EXPECT_FALSE(s.variants[1].local);
  EXPECT_EQ(s.variants[1].expect, "awq");
  ASSERT_EQ(s.workloads.size(), 2u);
  EXPECT_THAT(s.workloads[0].concurrency, ElementsAre(1, 8, 16));
  EXPECT_EQ(s.workloads[0].p95_budget_ms, 3000.0);  // a whole number where a number is asked for
  EXPECT_EQ(s.workloads[1].requests_per_slot, 3);   // not in the file: the default
  EXPECT_THAT(s.quality.suites, ElementsAre("mmlu:1140", "gsm8k:250", "humaneval"));
  EXPECT_THAT(s.estimate_gpus, ElementsAre("A100-80GB-SXM", "H100-80GB-SXM"));
}

TEST(ReadStudy, knows_the_keys_beyond_the_example) {
  const auto study = parse_study(
      example_with("switch = \"auto\"", "start_timeout_s = 90\nenv = { VLLM_CPU_KVCACHE_SPACE = \"1\" }\nconnect = \"10.0.0.5:8000\"\nstop = [\"docker\", \"stop\", \"x\"]"),
      "s.toml", {});
  ASSERT_TRUE(study) << study.error().message;
  EXPECT_EQ(study->engine.start_timeout_s, 90);
  EXPECT_THAT(study->engine.env, ElementsAre(Pair("VLLM_CPU_KVCACHE_SPACE", "1")));
  EXPECT_EQ(study->engine.connect, "10.0.0.5:8000");
  EXPECT_THAT(study->engine.stop, ElementsAre("docker", "stop", "x"));

  const auto other = parse_study(example_with("max_tokens = 128", "max_tokens = 128\nwarmup = 3"), "s.toml", {{"variant.awq.args=[\"--quantization\", \"awq\"]"}, {}, true});
  ASSERT_TRUE(other) << other.error().message;
  EXPECT_EQ(other->workloads[0].warmup, 3);
  EXPECT_THAT(other->variants[1].args, ElementsAre("--quantization", "awq"));
}

TEST(ReadStudy, the_baseline_comes_first) {
  std::string text = example_with("baseline = true\n", "");
  text.replace(text.find("expect = \"awq\""), 0, "baseline = true\n");
  const auto study = parse_study(text, "s.toml", {});
  ASSERT_TRUE(study) << study.error().message;
  EXPECT_EQ(study->baseline().name, "awq");
  EXPECT_EQ(study->variants[1].name, "bf16");
}

TEST(ReadStudy, keys_as_run_hold_defaults_and_leave_out_what_is_unset) {
  const Study s = read_example();
  EXPECT_THAT(s.keys, Contains(Pair("hardware.hourly_usd", "0.24")));
  EXPECT_THAT(s.keys, Contains(Pair("study.min_effect", "0.01")));
  EXPECT_THAT(s.keys, Contains(Pair("variant.awq.expect", "awq")));
  EXPECT_THAT(s.keys, Contains(Pair("workload.batch.concurrency", "[16, 32]")));
  EXPECT_THAT(s.keys, Contains(Pair("workload.batch.requests_per_slot", "3")));
  EXPECT_THAT(s.keys, Contains(Pair("quality.spot", R"(["factual", "reasoning", "code", "summarization"])")));
  for (const auto& [key, value] : s.keys) EXPECT_NE(key, "engine.url");
}

TEST(ReadStudy, the_text_is_the_files_own_bytes) {
  const Study s = read_example();
  EXPECT_EQ(s.text, kExample);
  EXPECT_EQ(s.file, "s.toml");
}

TEST(ReadStudy, local_models_are_expanded_and_shown_as_typed) {
  const auto folder = std::filesystem::temp_directory_path() / "qc_read_test";
  ASSERT_TRUE(write_file(folder / "a.gguf", ""));
  setenv("QC_READ_TEST", folder.c_str(), 1);
  std::string text = example_with("kind = \"vllm\"", "kind = \"llama\"");
  text.replace(text.find("command = [\"vllm\"]\n"), 19, "");
  text.replace(text.find("Qwen/Qwen2.5-3B-Instruct"), 24, "$QC_READ_TEST/a.gguf");
  text.replace(text.find("Qwen/Qwen2.5-3B-Instruct-AWQ"), 28, "$QC_READ_TEST/b.gguf");
  EXPECT_EQ(problems_of(text), "s.toml:25: variant.awq.model: found \"$QC_READ_TEST/b.gguf\" (" + (folder / "b.gguf").string() +
                                   "), where nothing is; accepted: a GGUF file that is there; did you mean a.gguf?");
  EXPECT_EQ(problems_of(text, {{}, {}, false}), "");
  ASSERT_TRUE(write_file(folder / "b.gguf", ""));
  const auto study = parse_study(text, "s.toml", {});
  ASSERT_TRUE(study) << study.error().message;
  EXPECT_TRUE(study->variants[0].local);
  EXPECT_EQ(study->variants[0].model, (folder / "a.gguf").string());
  EXPECT_THAT(study->keys, Contains(Pair("variant.bf16.model", "$QC_READ_TEST/a.gguf")));
  std::filesystem::remove_all(folder);
}

TEST(ReadStudy, what_opens_a_door_is_used_but_not_kept) {
  std::string text = example_with("args = []", "args = [\"--api-key\", \"opensesame\", \"--seed\", \"7\"]\nenv = { HF_TOKEN = \"opensesame\", A = \"b\" }");
  text.replace(text.find("expect = \"awq\""), 0, "args = [\"--hf-token=opensesame\"]\n");
  const auto study = parse_study(text, "s.toml", {});
  ASSERT_TRUE(study) << study.error().message;
  EXPECT_THAT(study->engine.args, ElementsAre("--api-key", "opensesame", "--seed", "7"));
  EXPECT_EQ(study->engine.env.at("HF_TOKEN"), "opensesame");
  EXPECT_EQ(study->text.find("opensesame"), std::string::npos) << study->text;
  for (const auto& [key, value] : study->keys) EXPECT_EQ(value.find("opensesame"), std::string::npos) << key;
  const auto again = parse_study(study->text, "again.toml", {});
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->keys, study->keys);
  EXPECT_THAT(again->engine.args, ElementsAre("--api-key", "(hidden)", "--seed", "7"));
  EXPECT_EQ(again->engine.env.at("A"), "b");
}

TEST(ReadStudy, remembers_where_each_key_stands) {
  const Study s = read_example({.set = {"study.blocks=2"}});
  EXPECT_EQ(s.place("variant.awq.model").line, 26);
  EXPECT_EQ(s.place("variant.awq.url").line, 24) << "not given: its table";
  EXPECT_EQ(s.place("study.blocks").set, "study.blocks=2");
}

TEST(ReadStudy, a_missing_file_is_named) {
  const auto study = read_study("/nonexistent/s.toml", {});
  ASSERT_FALSE(study);
  EXPECT_EQ(study.error().fault, Fault::usage);
  EXPECT_THAT(study.error().message, HasSubstr("/nonexistent/s.toml"));
}

TEST(StudyKeys, cover_the_interfaces_tables_with_their_defaults) {
  const auto keys = study_keys();
  const auto at = [&](std::string_view path) { return std::ranges::find(keys, path, &KeyDoc::path); };
  ASSERT_NE(at("study.blocks"), keys.end());
  EXPECT_EQ(at("study.blocks")->fallback, "4");
  EXPECT_EQ(at("study.aa")->fallback, "middle");
  EXPECT_EQ(at("variant.model")->fallback, std::nullopt);
  EXPECT_EQ(at("workload.requests_per_slot")->fallback, "3");
  for (const KeyDoc& key : keys) EXPECT_FALSE(key.help.empty() || key.accepted.empty()) << key.path;
}

}  // namespace
}  // namespace qc
