#include "measure/engines/probe.h"

#include "unit/engines/support.h"

namespace qc {
namespace {

using test::fixture;

TEST(ParseTokenCount, OfEachEngine) {
  EXPECT_EQ(parse_token_count(R"({"tokens":[19556,905,9]})"), 3);                                      // llama-server
  EXPECT_EQ(parse_token_count(R"({"count":4,"max_model_len":8192,"tokens":[1,2,3,4],"token_strs":null})"), 4);  // vLLM
  EXPECT_EQ(parse_token_count(R"({"count":4})"), 4);
  EXPECT_FALSE(parse_token_count(R"({"error":{"message":"no"}})"));
  EXPECT_FALSE(parse_token_count("<html>"));
}

TEST(ParseModels, Llama) {
  const auto models = parse_models(fixture("llamacpp/models.json"));
  ASSERT_TRUE(models);
  ASSERT_EQ(models->size(), 1U);
  const auto& model = models->front();
  EXPECT_EQ(model.id, "MODELS/s-q4_k_m.gguf");
  EXPECT_EQ(model.owner, "llamacpp");
  EXPECT_EQ(model.context, 4096);
  EXPECT_EQ(model.trained_context, 8192);
  EXPECT_EQ(model.parameters, 134515008.0);
  EXPECT_EQ(model.bytes, 103668480);
}

TEST(ParseModels, Vllm) {
  const auto models = parse_models(fixture("vllm/models.json"));
  ASSERT_TRUE(models);
  EXPECT_EQ(models->front().context, 20480);
  EXPECT_FALSE(models->front().bytes);
  EXPECT_TRUE(models->front().goes_by("bf16"));
  EXPECT_TRUE(models->front().goes_by("MODELS/bf16"));
  EXPECT_FALSE(models->front().goes_by("MODELS"));
  EXPECT_FALSE(models->front().goes_by(""));
}

TEST(ParseModels, WhatIsNoListFails) {
  for (const auto* body : {"", "<html>", "[]", "{}", "7", R"({"data":null})", R"({"data":5})", R"({"data":[]})", R"({"data":[{"id":null}]})", R"({"data":[3,"x"]})"})
    EXPECT_FALSE(parse_models(body)) << body;
}

TEST(ParseModels, WrongTypesAreUnknown) {
  const auto models = parse_models(R"({"data":[{"id":"m","max_model_len":"long","meta":"none","aliases":["a",4]}]})");
  ASSERT_TRUE(models);
  EXPECT_FALSE(models->front().context);
  EXPECT_TRUE(models->front().goes_by("a"));
}

TEST(ParseProps, Llama) {
  const auto props = parse_props(fixture("llamacpp/props.json"));
  ASSERT_TRUE(props);
  EXPECT_EQ(props->slots, 4);
  EXPECT_EQ(props->context, 4096);
  EXPECT_EQ(props->file_type, "Q4_K - Medium");
  EXPECT_EQ(props->chat_template.substr(0, 30), "{% for message in messages %}{");
}

TEST(ParseProps, OtherServersHaveNone) {
  for (const auto* body : {"", "{}", "[]", R"({"error":"not found"})"}) EXPECT_FALSE(parse_props(body)) << body;
}

TEST(ParseSglangInfo, TakesWhatIsThere) {
  const auto info = parse_sglang_info(R"({"model_path":"m","version":"0.5.1","max_running_requests":64,"context_length":null,"max_total_num_tokens":120000,"quantization":"fp8"})");
  ASSERT_TRUE(info);
  EXPECT_EQ(info->version, "0.5.1");
  EXPECT_EQ(info->max_requests, 64);
  EXPECT_FALSE(info->context);
  EXPECT_EQ(info->kv_tokens, 120000);
  EXPECT_EQ(info->quantization, "fp8");
  EXPECT_FALSE(parse_sglang_info("{}"));
}

}  // namespace
}  // namespace qc
