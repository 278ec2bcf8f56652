#include "checkpoint/expected.h"

#include <gtest/gtest.h>

#include "configs.h"

namespace qc {
namespace {

std::optional<std::uint64_t> expected(const std::string& text) {
  const auto config = parse_config(text, "config.json");
  EXPECT_TRUE(config) << config.error().message;
  return config ? expected_weight_bytes(*config) : std::nullopt;
}
std::optional<std::uint64_t> llama(const std::string& quantization = "") { return expected(test::llama_config(quantization)); }

std::string changed(std::string text, const std::string& from, const std::string& to) {
  EXPECT_NE(text.find(from), std::string::npos) << from;
  return text.replace(text.find(from), from.size(), to);
}

constexpr std::uint64_t kPlain = 2'101'878'784;  // embedding, output layer (2 x 525,336,576) and 65 norms of 4096, 2 bytes each

TEST(ExpectedBytes, Llama8bInEachFormat) {
  EXPECT_EQ(llama(), 16'060'522'496u);            // 14.96 GiB
  EXPECT_EQ(llama(test::kFp8), 9'083'953'152u);   // 6,979,321,856 + 2 x 32 x 43,008 scales + kPlain
  EXPECT_EQ(llama(test::kInt8), 9'083'953'152u);
  EXPECT_EQ(llama(test::kW4A16), 5'700'591'616u); // 4 + 16/128 bits
  EXPECT_EQ(llama(test::kGptq), 5'700'591'616u);
  EXPECT_EQ(llama(test::kAwq), 5'727'854'592u);   // 4 + 20/128 bits
}

TEST(ExpectedBytes, OneScaleATensorOrABlock) {
  EXPECT_EQ(llama(R"({"quant_method": "fp8"})"), 6'979'321'856u + 224 * 2 + kPlain);
  EXPECT_EQ(llama(R"({"quant_method": "fp8", "weight_block_size": [128, 128]})"), 6'979'321'856u + 6'979'321'856u / 16384 * 2 + kPlain);
  EXPECT_EQ(llama(R"({"quant_method": "gptq", "bits": 8, "group_size": -1, "sym": true})"), 9'083'953'152u);
}

TEST(ExpectedBytes, AwqOfQwen3bWithBiasesAndATiedOutput) {
  // 36 layers of 77,070,336 linear weights at 4 + 20/128 bits; 311,164,928 in the one embedding, 36 x 2560 biases, 73 norms of 2048, 2 bytes each
  EXPECT_EQ(expected(test::kQwen3bAwq), 2'064'269'312u);
}

TEST(ExpectedBytes, PublicParameterCounts) {  // twice the parameters that the hub shows
  const std::string mistral = R"({"architectures": ["MistralForCausalLM"], "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
    "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 32000, "torch_dtype": "bfloat16", "tie_word_embeddings": false})";
  EXPECT_EQ(expected(mistral), 2 * 7'241'732'096u);
  const std::string qwen25 = R"({"architectures": ["Qwen2ForCausalLM"], "hidden_size": 896, "intermediate_size": 4864, "num_hidden_layers": 24,
    "num_attention_heads": 14, "num_key_value_heads": 2, "vocab_size": 151936, "torch_dtype": "bfloat16", "tie_word_embeddings": true})";
  EXPECT_EQ(expected(qwen25), 2 * 494'032'768u);
  const std::string qwen3 = R"({"architectures": ["Qwen3ForCausalLM"], "hidden_size": 1024, "intermediate_size": 3072, "num_hidden_layers": 28,
    "num_attention_heads": 16, "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 151936, "torch_dtype": "bfloat16", "tie_word_embeddings": true})";
  EXPECT_EQ(expected(qwen3), 2 * 596'049'920u);
  const std::string gpt_like = R"({"architectures": ["LlamaForCausalLM"], "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32,
    "num_attention_heads": 32, "vocab_size": 32000, "torch_dtype": "float16"})";  // Llama-2-7B: as many KV heads as heads
  EXPECT_EQ(expected(gpt_like), 2 * 6'738'415'616u);
}

TEST(ExpectedBytes, LayersThatTheConfigLeavesOut) {
  const std::string one_out = changed(test::kW4A16, R"(["lm_head"])", R"(["lm_head", "model.layers.1.mlp.down_proj"])");
  EXPECT_EQ(llama(one_out), 5'700'591'616u + 58'720'256u * 2 - 58'720'256u / 128 * 66);  // 2 bytes each instead of 66 for 128; layers 10 to 19 stay
  EXPECT_EQ(llama(changed(test::kW4A16, R"(["lm_head"])", R"(["re:.*lm_head"])")), 5'700'591'616u);
  EXPECT_EQ(llama(changed(test::kW4A16, R"(["lm_head"])", R"(["re:.*down_proj"])")), std::nullopt);
  EXPECT_EQ(llama(changed(test::kW4A16, R"(["Linear"])", R"(["re:.*up_proj"])")), std::nullopt);
}

TEST(ExpectedParameters, DoNotDependOnHowTheWeightsAreStored) {
  for (const std::string& quantization : {std::string(), std::string(test::kAwq), std::string(R"({"quant_method": "mxfp4"})")}) {
    const auto config = parse_config(test::llama_config(quantization), "config.json");
    ASSERT_TRUE(config);
    EXPECT_EQ(expected_parameters(*config), 8'030'261'248.0) << quantization;   // as the hub shows them
  }
  EXPECT_EQ(expected_parameters(*parse_config("{}", "config.json")), std::nullopt);
}

TEST(ExpectedBytes, NotKnownIsNotGuessed) {
  const std::string text = test::llama_config();
  EXPECT_EQ(expected(changed(text, "LlamaForCausalLM", "MixtralForCausalLM")), std::nullopt);
  EXPECT_EQ(expected(changed(text, R"("attention_bias": false)", R"("attention_bias": true)")), std::nullopt);
  EXPECT_EQ(expected(changed(text, R"("torch_dtype": "bfloat16",)", "")), std::nullopt);
  EXPECT_EQ(expected(changed(text, R"("hidden_size": 4096,)", "")), std::nullopt);
  EXPECT_EQ(expected(changed(text, R"("vocab_size": 128256,)", R"("vocab_size": -1,)")), std::nullopt);
  EXPECT_EQ(expected(changed(text, R"("vocab_size": 128256,)", R"("vocab_size": 9223372036854775807,)")), std::nullopt);
  EXPECT_EQ(expected(changed(text, R"("num_hidden_layers": 32,)", R"("num_hidden_layers": 200000,)")), std::nullopt);
  EXPECT_EQ(expected("{}"), std::nullopt);
  EXPECT_EQ(llama(R"({"quant_method": "mxfp4"})"), std::nullopt);
  EXPECT_EQ(llama(R"({"quant_method": "awq", "group_size": 128})"), std::nullopt);
  EXPECT_EQ(llama(R"({"quant_method": "awq", "bits": 4})"), std::nullopt);
}

}  // namespace
}  // namespace qc
