#include "checkpoint/config.h"

#include <gmock/gmock.h>

#include "configs.h"

namespace qc {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

ModelConfig parsed(const std::string& text) {
  auto config = parse_config(text, "config.json");
  EXPECT_TRUE(config) << config.error().message;
  return config ? *config : ModelConfig{};
}

Quantization quantization(const std::string& entry) {
  const auto config = parsed("{\"quantization_config\":" + entry + "}");
  EXPECT_TRUE(config.quantization);
  return config.quantization.value_or(Quantization{});
}

TEST(Config, ShapeOfLlama) {
  const auto c = parsed(test::llama_config());
  EXPECT_THAT(c.architectures, ElementsAre("LlamaForCausalLM"));
  EXPECT_EQ(c.dtype, "bfloat16");
  EXPECT_EQ(c.hidden_size, 4096);
  EXPECT_EQ(c.layers, 32);
  EXPECT_EQ(c.heads, 32);
  EXPECT_EQ(c.kv_heads, 8);
  EXPECT_EQ(c.head_dim, 128);
  EXPECT_EQ(c.intermediate_size, 14336);
  EXPECT_EQ(c.vocab_size, 128256);
  EXPECT_EQ(c.max_positions, 131072);
  EXPECT_EQ(c.tied_embeddings, false);
  EXPECT_FALSE(c.quantization);
}

TEST(Config, AwqOfQwen) {
  const auto c = parsed(test::kQwen3bAwq);
  EXPECT_EQ(c.dtype, "float16");
  EXPECT_EQ(c.head_dim, std::nullopt);
  EXPECT_EQ(c.tied_embeddings, true);
  const auto& q = *c.quantization;
  EXPECT_EQ(q.method, "awq");
  EXPECT_EQ(q.weight_bits(), 4);
  ASSERT_EQ(q.groups.size(), 1u);
  EXPECT_EQ(q.groups[0].weights.type, "int");
  EXPECT_EQ(q.groups[0].weights.strategy, "group");
  EXPECT_EQ(q.groups[0].weights.group_size, 128);
  EXPECT_EQ(q.groups[0].weights.symmetric, false);
  EXPECT_FALSE(q.groups[0].activations);
  EXPECT_TRUE(q.ignore.empty());
  EXPECT_THAT(quantization(R"({"quant_method":"awq","bits":4,"modules_to_not_convert":["visual"]})").ignore, ElementsAre("visual"));
}

TEST(Config, Gptq) {
  const auto q = quantization(test::kGptq);
  EXPECT_EQ(q.method, "gptq");
  EXPECT_EQ(q.weight_bits(), 4);
  EXPECT_EQ(q.groups[0].weights.group_size, 128);
  EXPECT_EQ(q.groups[0].weights.symmetric, true);
  EXPECT_EQ(q.desc_act, false);
  const auto channels = quantization(R"({"quant_method":"gptq","bits":8,"group_size":-1,"sym":false,"desc_act":true})");
  EXPECT_EQ(channels.weight_bits(), 8);
  EXPECT_EQ(channels.groups[0].weights.strategy, "channel");
  EXPECT_EQ(channels.groups[0].weights.group_size, std::nullopt);
  EXPECT_EQ(channels.groups[0].weights.symmetric, false);
  EXPECT_EQ(channels.desc_act, true);
}

TEST(Config, CompressedTensors) {
  const auto q = quantization(test::kInt8);
  EXPECT_EQ(q.method, "compressed-tensors");
  EXPECT_EQ(q.format, "int-quantized");
  EXPECT_THAT(q.ignore, ElementsAre("lm_head"));
  ASSERT_EQ(q.groups.size(), 1u);
  EXPECT_THAT(q.groups[0].targets, ElementsAre("Linear"));
  EXPECT_EQ(q.groups[0].weights.bits, 8);
  EXPECT_EQ(q.groups[0].weights.type, "int");
  EXPECT_EQ(q.groups[0].weights.strategy, "channel");
  EXPECT_EQ(q.groups[0].weights.symmetric, true);
  ASSERT_TRUE(q.groups[0].activations);
  EXPECT_EQ(q.groups[0].activations->strategy, "token");
  EXPECT_EQ(q.groups[0].activations->dynamic, true);
  EXPECT_FALSE(q.kv_cache);
  EXPECT_EQ(quantization(test::kW4A16).groups[0].weights.group_size, 128);
  EXPECT_FALSE(quantization(test::kW4A16).groups[0].activations);
}

TEST(Config, CompressedTensorsByTheOlderKeyAndWithAQuantizedKvCache) {
  const auto c = parsed(R"({"compression_config": {"config_groups": {"group_0": {"targets": ["Linear"], "weights": {"num_bits": 8, "type": "float",
    "strategy": "tensor"}}}, "format": "naive-quantized", "kv_cache_scheme": {"num_bits": 8, "type": "float", "strategy": "tensor", "dynamic": false,
    "symmetric": true}}})");
  ASSERT_TRUE(c.quantization);
  EXPECT_EQ(c.quantization->method, "compressed-tensors");
  EXPECT_EQ(c.quantization->weight_bits(), 8);
  ASSERT_TRUE(c.quantization->kv_cache);
  EXPECT_EQ(c.quantization->kv_cache->bits, 8);
  EXPECT_EQ(c.quantization->kv_cache->type, "float");
  EXPECT_EQ(c.quantization->kv_cache->dynamic, false);
}

TEST(Config, GroupsOfUnlikeBitsHaveNoBitsInCommon) {
  const auto q = quantization(R"({"quant_method": "compressed-tensors",
    "config_groups": {"a": {"weights": {"num_bits": 4}}, "b": {"weights": {"num_bits": 8}}}})");
  EXPECT_EQ(q.groups.size(), 2u);
  EXPECT_EQ(q.weight_bits(), std::nullopt);
}

TEST(Config, Fp8InBlocksAsQwen3HasIt) {  // Qwen/Qwen3-8B-FP8, from memory
  const auto q = quantization(R"({"activation_scheme": "dynamic", "fmt": "e4m3", "quant_method": "fp8", "weight_block_size": [128, 128]})");
  EXPECT_EQ(q.method, "fp8");
  EXPECT_EQ(q.weight_bits(), 8);
  EXPECT_EQ(q.groups[0].weights.strategy, "block");
  EXPECT_THAT(q.groups[0].weights.block, ElementsAre(128, 128));
  EXPECT_EQ(q.groups[0].activations->dynamic, true);
  const auto fixed = quantization(R"({"quant_method": "fp8", "activation_scheme": "static", "ignored_layers": ["lm_head"]})");
  EXPECT_EQ(fixed.groups[0].weights.strategy, "tensor");
  EXPECT_EQ(fixed.groups[0].activations->dynamic, false);
  EXPECT_THAT(fixed.ignore, ElementsAre("lm_head"));
  EXPECT_EQ(quantization(R"({"quant_method": "fp8"})").groups[0].activations->dynamic, std::nullopt);
}

TEST(Config, BitsandbytesAndOthersByName) {
  const auto q = quantization(R"({"quant_method": "bitsandbytes", "load_in_4bit": true, "load_in_8bit": false, "bnb_4bit_quant_type": "nf4"})");
  EXPECT_EQ(q.weight_bits(), 4);
  EXPECT_EQ(q.groups[0].weights.type, "nf4");
  EXPECT_EQ(quantization(R"({"quant_method": "bitsandbytes", "load_in_8bit": true})").weight_bits(), 8);
  const auto other = quantization(R"({"quant_method": "mxfp4", "modules_to_not_convert": ["lm_head"]})");
  EXPECT_EQ(other.method, "mxfp4");
  EXPECT_EQ(other.weight_bits(), std::nullopt);
  EXPECT_EQ(quantization("{}").method, "unknown");
  EXPECT_EQ(quantization("[4]").method, "unknown");
}

TEST(Config, FieldsOfOtherTypesCountAsAbsent) {
  const auto c = parsed(R"({"architectures": "LlamaForCausalLM", "hidden_size": "4096", "num_hidden_layers": 32.5, "vocab_size": null, "head_dim": 1e30,
    "max_position_embeddings": 18446744073709551615, "tie_word_embeddings": 1, "torch_dtype": 7, "quantization_config": null})");
  EXPECT_TRUE(c.architectures.empty());
  EXPECT_EQ(c.hidden_size, std::nullopt);
  EXPECT_EQ(c.layers, std::nullopt);
  EXPECT_EQ(c.vocab_size, std::nullopt);
  EXPECT_EQ(c.head_dim, std::nullopt);
  EXPECT_EQ(c.max_positions, std::nullopt);
  EXPECT_EQ(c.tied_embeddings, std::nullopt);
  EXPECT_EQ(c.dtype, std::nullopt);
  EXPECT_FALSE(c.quantization);
}

TEST(Config, TheNewNameOfDtypeAndAMultimodalModelsText) {
  const auto c = parsed(R"({"architectures": ["Gemma3ForConditionalGeneration"], "dtype": "torch.bfloat16", "vocab_size": 1,
    "text_config": {"hidden_size": 2560, "vocab_size": 262208}})");
  EXPECT_EQ(c.dtype, "bfloat16");
  EXPECT_EQ(c.hidden_size, 2560);
  EXPECT_EQ(c.vocab_size, 1);  // the top counts first
}

TEST(Config, NoObjectIsDamage) {
  for (const char* text : {"", "{", "[]", "7"}) {
    const auto config = parse_config(text, "x/config.json");
    ASSERT_FALSE(config) << text;
    EXPECT_EQ(config.error().fault, Fault::damaged);
    EXPECT_THAT(config.error().message, HasSubstr("x/config.json"));
  }
}

}  // namespace
}  // namespace qc
