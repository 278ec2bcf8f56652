#include "measure/engines/vllm_command.h"

#include "measure/engines/engine.h"

#include <gmock/gmock.h>

#include <cstdlib>

namespace qc {
namespace {

using Words = std::vector<std::string>;
using testing::AllOf;
using testing::HasSubstr;

Study study_of_vllm() {
  Study study;
  study.engine.kind = EngineKind::vllm;
  study.engine.max_model_len = 4096, study.engine.max_num_seqs = 32, study.engine.gpu_memory_utilization = 0.9;
  Variant awq;
  awq.name = "awq", awq.model = "Qwen/Qwen2.5-3B-Instruct-AWQ";
  study.variants = {awq};
  return study;
}

TEST(VllmWords, AreWhatOneWouldType) {
  const Study study = study_of_vllm();
  EXPECT_EQ(vllm_words({"vllm"}, study, study.variants[0], {"127.0.0.1", "8123"}),
            (Words{"vllm", "serve", "Qwen/Qwen2.5-3B-Instruct-AWQ", "--served-model-name", "awq", "--host", "127.0.0.1", "--port", "8123", "--max-model-len", "4096",
                   "--max-num-seqs", "32", "--gpu-memory-utilization", "0.9", "--no-enable-prefix-caching"}));
}

// ssh joins its words with spaces, and the shell at the other end takes them apart.
TEST(VllmWords, BehindSshAreQuotedForTheShellThere) {
  Study study = study_of_vllm();
  study.engine = {};
  study.engine.args = {"--speculative-config", R"({"method": "ngram"})"};
  const Words words = vllm_words({"ssh", "box", "vllm"}, study, study.variants[0], {"0.0.0.0", "8000"});
  EXPECT_EQ(words.back(), R"('{"method": "ngram"}')");
  EXPECT_EQ(words[3], "serve");
}

TEST(VllmWords, WhatTheStudyLeavesOpenIsLeftToVllmAndItsArgsComeLast) {
  Study study = study_of_vllm();
  study.engine = {};
  study.engine.args = {"--seed", "0"}, study.variants[0].args = {"--quantization", "awq"};
  EXPECT_EQ(vllm_words({"docker", "exec", "box", "vllm"}, study, study.variants[0], {"0.0.0.0", "8000"}),
            (Words{"docker", "exec", "box", "vllm", "serve", "Qwen/Qwen2.5-3B-Instruct-AWQ", "--served-model-name", "awq", "--host", "0.0.0.0", "--port", "8000",
                   "--no-enable-prefix-caching", "--seed", "0", "--quantization", "awq"}));
}

TEST(VllmAlias, IsTheVariantsUnlessTheArgsSayOtherwise) {
  Study study = study_of_vllm();
  EXPECT_EQ(vllm_alias(study, study.variants[0]), "awq");
  study.engine.args = {"--served-model-name", "mine"};
  EXPECT_EQ(vllm_alias(study, study.variants[0]), "mine");
  study.variants[0].args = {"--served-model-name=other"};
  EXPECT_EQ(vllm_alias(study, study.variants[0]), "other");
}

TEST(VllmCommand, NotInPathNamesTheRemedy) {
  const std::string path = std::getenv("PATH") ? std::getenv("PATH") : "";
  setenv("PATH", "/nowhere", 1);
  const auto none = vllm_command({});
  setenv("PATH", path.c_str(), 1);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().fault, Fault::engine);
  EXPECT_THAT(none.error().message, AllOf(HasSubstr("pip install vllm"), HasSubstr("command = "), HasSubstr("url")));
  EngineSpec given;
  given.command = {"ssh", "box", "vllm"};
  EXPECT_EQ(*vllm_command(given), given.command);
}

}  // namespace
}  // namespace qc
