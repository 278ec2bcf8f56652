// The real llama-server with a real small model; skipped aloud where either is absent.
#include "core/host.h"
#include "integration/engines/support.h"
#include "support/sample_engine.h"

namespace qc {
namespace {

using test::alive;
using test::launch_first;
using test::study_of;
using test::test_folder;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

class LlamaServer : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto bin = test::llama_bin()) command_ = {(*bin / "llama-server").string()};
    const auto model = test::sample_model();
    if (command_.empty() || !model) GTEST_SKIP() << test::kNoSample;
    model_ = *model;
  }

  Study study(const std::filesystem::path& model) const {
    auto study = study_of({"q4"});
    study.variants[0].model = model.string();
    study.variants[0].local = true;
    study.engine.command = command_;
    return study;
  }

  std::filesystem::path model_;
  std::vector<std::string> command_;
};

TEST_F(LlamaServer, IsDescribedByItsOwnWords) {
  const auto asked = study(model_);
  auto engine = launch_first(asked);
  ASSERT_TRUE(engine) << engine.error().message;
  const auto& facts = (*engine)->facts();
  EXPECT_EQ(facts.server, "llama-server");
  EXPECT_THAT(facts.server_version, HasSubstr("b1-"));
  EXPECT_EQ(facts.file_bytes, static_cast<std::int64_t>(std::filesystem::file_size(model_)));
  EXPECT_EQ(facts.parameters, 134515008.0);
  EXPECT_THAT(facts.method, testing::StartsWith("Q4_"));
  EXPECT_THAT(facts.tensor_mix, AllOf(HasSubstr("210"), HasSubstr("F32 61"), HasSubstr("bits a weight")));
  EXPECT_GT(*facts.weights_bytes, 80 << 20);
  EXPECT_EQ(facts.kv_tokens, 2 * 256);
  EXPECT_NEAR(static_cast<double>(*facts.kv_bytes), 512.0 * 23040, 6000);  // the log gives 0.01 MiB
  EXPECT_GT(*facts.other_bytes, 0);
  EXPECT_EQ(facts.slots, 2);
  EXPECT_EQ(facts.context_per_request, 256);
  EXPECT_EQ(facts.model_context, 8192);
  EXPECT_EQ(facts.template_sha256.size(), 64U);
  EXPECT_EQ(facts.file_sha256.size(), 64U);
  EXPECT_THAT(facts.settings, Contains(std::pair<std::string, std::string>("KV cache type", "f16")));
  EXPECT_EQ((*engine)->default_endpoint(), EndpointKind::chat);
  EXPECT_EQ((*engine)->served_model(), "q4");
  EXPECT_TRUE(facts.unknown.empty()) << facts.unknown.front();
}

TEST_F(LlamaServer, CountsPromptTokensAndProvesItsCacheOff) {
  auto engine = launch_first(study(model_));
  ASSERT_TRUE(engine) << engine.error().message;
  EXPECT_EQ((*engine)->counters()->prompt_tokens, 0);
  const std::string body = R"({"prompt":"Once upon a time there was a server","max_tokens":2,"cache_prompt":)";
  for (const auto* cache : {"false}", "false}", "true}"})
    EXPECT_EQ(http_post((*engine)->address(), "/v1/completions", body + cache, Seconds(60))->status, 200);
  // Eight words of one token each; the third request may reuse all but the last one of its slot.
  const auto counters = (*engine)->counters();
  ASSERT_TRUE(counters);
  EXPECT_EQ(counters->prompt_tokens, 3 * 8);
  EXPECT_GT(counters->prompt_tokens_cached, 0);
  EXPECT_LE(counters->prompt_tokens_cached, 8);
}

TEST_F(LlamaServer, StopLeavesNothing) {
  auto engine = launch_first(study(model_));
  ASSERT_TRUE(engine) << engine.error().message;
  const pid_t pid = *(*engine)->pid();
  EXPECT_GT(tree_resident_bytes(pid), 80 << 20);
  EXPECT_EQ((*engine)->stop(), "stopped");
  EXPECT_FALSE(alive(pid));
  EXPECT_FALSE(http_get((*engine)->address(), "/health", Seconds(2)));
}

TEST_F(LlamaServer, AMissingModelQuotesTheLog) {
  const auto engine = launch_first(study(test_folder() / "none.gguf"));
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().fault, Fault::engine);
  EXPECT_THAT(engine.error().message, AllOf(HasSubstr("exit code 1"), HasSubstr("failed to open GGUF file"), HasSubstr("check the variant's `model`"),
                                            HasSubstr("llama-server"), HasSubstr("q4.1.log")));
}

TEST_F(LlamaServer, ATruncatedModelQuotesTheLog) {
  const auto half = test_folder() / "half.gguf";
  std::filesystem::copy_file(model_, half);
  std::filesystem::resize_file(half, std::filesystem::file_size(model_) / 2);
  const auto engine = launch_first(study(half));
  std::filesystem::remove(half);
  ASSERT_FALSE(engine);
  EXPECT_THAT(engine.error().message, AllOf(HasSubstr("not within the file bounds"), HasSubstr("cut short")));
}

TEST_F(LlamaServer, AnUnknownArgumentIsNamed) {
  auto asked = study(model_);
  asked.engine.args = {"--no-such-flag"};
  EXPECT_THAT(launch_first(asked).error().message, AllOf(HasSubstr("invalid argument: --no-such-flag"), HasSubstr("engine.args")));
}

TEST_F(LlamaServer, MoreContextThanTheModelHasIsAnError) {
  auto asked = study(model_);
  asked.engine.max_model_len = 16384;
  asked.engine.max_num_seqs = 1;
  EXPECT_THAT(launch_first(asked).error().message, AllOf(HasSubstr("8192 tokens, not the 16384"), HasSubstr("trained for 8192")));
}

TEST_F(LlamaServer, AKilledServerIsToldWithItsLastLines) {
  auto engine = launch_first(study(model_));
  ASSERT_TRUE(engine) << engine.error().message;
  EXPECT_FALSE((*engine)->died());
  test::end_process(*(*engine)->pid());
  std::optional<std::string> died;
  ASSERT_TRUE(test::wait_until([&] { return (died = (*engine)->died()).has_value(); }, 5));
  EXPECT_THAT(*died, AllOf(HasSubstr("signal 9 (Killed)"), HasSubstr("slots are idle"), HasSubstr("memory runs out")));
}

}  // namespace
}  // namespace qc
