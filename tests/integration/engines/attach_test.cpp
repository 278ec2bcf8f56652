// Attaching, against a fake server that gives recorded answers.
#include "integration/engines/support.h"
#include "support/fixture.h"

namespace qc {
namespace {

using test::FakeServer;
using test::fixture;
using test::launch_first;
using test::study_of;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

Study attached(const std::string& url, const std::vector<std::string>& variants = {"bf16"}) {
  auto study = study_of(variants);
  study.engine.kind = EngineKind::openai;
  study.engine.url = url;
  return study;
}

constexpr char kOneModel[] = "200\n{\"data\":[{\"id\":\"only\"}]}";
constexpr char kTwoModels[] = "200\n{\"data\":[{\"id\":\"big\"},{\"id\":\"small\"}]}";

TEST(Attach, ToLlamaServer) {
  FakeServer server("llama", {{"v1_models", "200\n" + fixture("llamacpp/models.json")}, {"props", "200\n" + fixture("llamacpp/props.json")},
                              {"metrics", "200\n" + fixture("llamacpp/metrics.txt")}});
  auto engine = launch_first(attached(server.url() + "/v1/"));
  ASSERT_TRUE(engine) << engine.error().message;
  const auto& facts = (*engine)->facts();
  EXPECT_EQ(facts.server, "llama-server");
  EXPECT_EQ(facts.slots, 4);
  EXPECT_EQ(facts.context_per_request, 4096);
  EXPECT_EQ(facts.model_context, 8192);
  EXPECT_EQ(facts.file_bytes, 103668480);      // of the tensors: what the engine makes of them is not told
  EXPECT_FALSE(facts.weights_bytes);
  EXPECT_EQ(facts.template_sha256.size(), 64U);
  EXPECT_EQ(facts.url, server.url());
  EXPECT_EQ(facts.command, "");
  EXPECT_THAT(facts.unknown, Contains(HasSubstr("capacity of the KV cache")));
  EXPECT_EQ((*engine)->default_endpoint(), EndpointKind::chat);
  EXPECT_EQ((*engine)->served_model(), "MODELS/s-q4_k_m.gguf");
  EXPECT_EQ((*engine)->counters()->prompt_tokens, 113);
  EXPECT_EQ((*engine)->counters()->prompt_tokens_cached, 39);
  EXPECT_FALSE((*engine)->pid());
  EXPECT_EQ((*engine)->stop(), "left running (attached)");
  EXPECT_FALSE((*engine)->died());
}

TEST(Attach, ToVllm) {
  FakeServer server("vllm", {{"v1_models", "200\n" + fixture("vllm/models.json")}, {"version", "200\n{\"version\":\"0.25.1\"}"},
                             {"metrics", "200\n" + fixture("vllm/metrics_h100.txt")}, {"v1_chat_completions", "400\n{}"}});
  auto engine = launch_first(attached(server.url()));
  ASSERT_TRUE(engine) << engine.error().message;
  const auto& facts = (*engine)->facts();
  EXPECT_EQ(facts.server, "vLLM");
  EXPECT_EQ(facts.server_version, "0.25.1");
  EXPECT_EQ(facts.context_per_request, 20480);
  EXPECT_EQ(facts.kv_tokens, 449968);
  EXPECT_FALSE(facts.kv_bytes);  // "None"
  EXPECT_THAT(facts.settings, Contains(std::pair<std::string, std::string>("prefix caching", "off")));
  EXPECT_THAT(facts.unknown, AllOf(Contains(HasSubstr("requests at once")), Contains(HasSubstr("size of the weights")), Not(Contains(HasSubstr("KV cache")))));
  EXPECT_EQ((*engine)->default_endpoint(), EndpointKind::completions);  // the chat request was answered 400
}

TEST(Attach, ToSglang) {
  FakeServer server("sglang", {{"v1_models", kOneModel}, {"v1_chat_completions", "200\n{}"},
                               {"get_server_info", "200\n{\"model_path\":\"m\",\"version\":\"0.5.1\",\"max_running_requests\":64,\"max_total_num_tokens\":120000}"}});
  auto engine = launch_first(attached(server.url()));
  ASSERT_TRUE(engine) << engine.error().message;
  EXPECT_EQ((*engine)->facts().server, "SGLang");
  EXPECT_EQ((*engine)->facts().slots, 64);
  EXPECT_EQ((*engine)->facts().kv_tokens, 120000);
  EXPECT_EQ((*engine)->default_endpoint(), EndpointKind::chat);
}

TEST(Attach, ToAServerThatTellsNothing) {
  FakeServer server("bare", {{"v1_models", kOneModel}});
  auto engine = launch_first(attached(server.url()));
  ASSERT_TRUE(engine) << engine.error().message;
  EXPECT_EQ((*engine)->facts().server, "OpenAI-compatible");
  EXPECT_EQ((*engine)->facts().method, "unknown");
  EXPECT_EQ((*engine)->served_model(), "only");
  EXPECT_FALSE((*engine)->counters());
  for (const auto* what : {"version", "weights", "KV cache", "requests at once", "tokens a request", "counters", "method"})
    EXPECT_THAT((*engine)->facts().unknown, Contains(HasSubstr(what))) << what;
}

TEST(Attach, NothingListens) {
  const auto engine = launch_first(attached("http://127.0.0.1:" + std::to_string(*free_port())));
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().fault, Fault::engine);
  EXPECT_THAT(engine.error().message, AllOf(HasSubstr("bf16: no server answers at http://127.0.0.1:"), HasSubstr("start it first")));
}

TEST(Attach, AKeyIsAskedForByName) {
  FakeServer server("key", {{"v1_models", kOneModel}}, {"--key", "sesame"});
  unsetenv("OPENAI_API_KEY");
  const auto without = launch_first(attached(server.url()));
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().fault, Fault::engine);
  EXPECT_THAT(without.error().message, HasSubstr("OPENAI_API_KEY"));
  setenv("OPENAI_API_KEY", "sesame", 1);
  const auto with = launch_first(attached(server.url()));
  unsetenv("OPENAI_API_KEY");
  ASSERT_TRUE(with) << with.error().message;
  EXPECT_EQ((*with)->api_key(), "sesame");
}

TEST(Attach, NoOpenAiApiThere) {
  FakeServer server("web", {{"v1_models", "200\n<html>hello</html>"}});
  EXPECT_THAT(launch_first(attached(server.url())).error().message, HasSubstr("/v1/models"));
  FakeServer other("other", {});
  EXPECT_THAT(launch_first(attached(other.url())).error().message, HasSubstr("HTTP 404"));
}

TEST(Attach, StillLoading) {
  FakeServer server("loading", {{"v1_models", "503\n{\"error\":{\"message\":\"Loading model\"}}"}});
  EXPECT_THAT(launch_first(attached(server.url())).error().message, HasSubstr("still loading"));
}

TEST(Attach, TheVariantsModelAmongSeveral) {
  FakeServer server("two", {{"v1_models", kTwoModels}});
  const auto engine = launch_first(attached(server.url(), {"small"}));
  ASSERT_TRUE(engine) << engine.error().message;
  EXPECT_EQ((*engine)->served_model(), "small");
}

TEST(Attach, AModelThatIsNotServedIsRefused) {
  FakeServer server("two", {{"v1_models", kTwoModels}});
  const auto engine = launch_first(attached(server.url(), {"medium"}));
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().fault, Fault::refused);
  EXPECT_THAT(engine.error().message, AllOf(HasSubstr("\"medium\""), HasSubstr("\"big\" and \"small\"")));
}

TEST(Attach, TwoVariantsAtOneServerMustBeTwoModels) {
  FakeServer one("one", {{"v1_models", kOneModel}}), two("two", {{"v1_models", kTwoModels}});
  const auto same = launch_first(attached(one.url(), {"bf16", "q4"}));
  ASSERT_FALSE(same);
  EXPECT_EQ(same.error().fault, Fault::refused);
  EXPECT_THAT(same.error().message, AllOf(HasSubstr("bf16 and q4"), HasSubstr("compare a model with itself")));
  EXPECT_TRUE(launch_first(attached(two.url(), {"big", "small"})));
  auto apart = attached(one.url(), {"bf16", "q4"});
  apart.variants[1].url = two.url();
  EXPECT_TRUE(launch_first(apart));
}

TEST(Attach, ADeathIsNoticed) {
  FakeServer server("dying", {{"v1_models", kOneModel}});
  const auto engine = launch_first(attached(server.url()));
  ASSERT_TRUE(engine);
  EXPECT_FALSE((*engine)->died());
  server.stop();
  EXPECT_THAT((*engine)->died().value_or(""), HasSubstr("the server of bf16 no longer answers"));
}

TEST(Attach, AnAddressMustBeOne) { EXPECT_EQ(launch_first(attached("ftp://x")).error().fault, Fault::usage); }

}  // namespace
}  // namespace qc
