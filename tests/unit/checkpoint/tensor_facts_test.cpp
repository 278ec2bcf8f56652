// Llama-3.1-8B by hand: 32 layers of 218,103,808 linear weights, 2 x 525,336,576 in embedding and output layer, 65 norms of 4096.
#include "checkpoint/tensor_facts.h"

#include <gmock/gmock.h>

#include "llama_tensors.h"

namespace qc {
namespace {

using testing::ElementsAre;

constexpr double kParameters = 8'030'261'248;

TensorFacts facts(const test::SafetensorsFile& file, std::optional<int> bits) {
  const auto tensors = parse_safetensors(file.header(), file.data_bytes(), "x");
  EXPECT_TRUE(tensors) << tensors.error().message;
  return tensors ? tensor_facts(*tensors, bits) : TensorFacts{};
}

TEST(TensorFacts, Bf16) {
  const auto f = facts(test::llama_8b(test::plain_linear), {});
  EXPECT_EQ(f.bytes, 16'060'522'496u);  // total_size in meta-llama/Llama-3.1-8B's own index
  EXPECT_EQ(f.parameters, kParameters);
  EXPECT_EQ(f.bits_per_weight, 16.0);
  EXPECT_EQ(f.linear, 224);
  EXPECT_EQ(f.quantized, 0);
  EXPECT_TRUE(f.quantized_as.empty());
  EXPECT_EQ(f.plain, "BF16");
  EXPECT_EQ(f.mix, "BF16 291");
}

TEST(TensorFacts, AwqPacksEightAlongTheOutputs) {
  const auto f = facts(test::llama_8b(test::awq_linear), 4);
  // 6,979,321,856 x 4.15625 bits (a scale of 16 and a zero of 4 for 128) + 2,101,878,784 bytes unquantized
  EXPECT_EQ(f.bytes, 5'727'854'592u);
  EXPECT_EQ(f.parameters, kParameters);
  EXPECT_NEAR(*f.bits_per_weight, 5.7063, 0.0001);
  EXPECT_EQ(f.linear, 224);
  EXPECT_EQ(f.quantized, 224);
  EXPECT_THAT(f.quantized_as, ElementsAre("I32 packed"));
  EXPECT_EQ(f.plain, "BF16");
  EXPECT_EQ(f.mix, "I32 packed 224, BF16 67");
}

TEST(TensorFacts, GptqPacksEightAlongTheInputs) {
  const auto f = facts(test::llama_8b(test::gptq_linear), 4);
  EXPECT_EQ(f.bytes, 5'727'854'592u + 32 * (6 * 4096 + 14336) * 4);  // as awq, and an I32 for each input in g_idx
  EXPECT_EQ(f.parameters, kParameters);
  EXPECT_EQ(f.mix, "I32 packed 224, BF16 67");
}

TEST(TensorFacts, CompressedTensors) {
  const auto packed = facts(test::llama_8b(test::w4a16_linear), 4);
  EXPECT_EQ(packed.bytes, 5'700'591'616u + 224 * 16);  // 4.125 bits a linear weight; weight_shape is two I64
  EXPECT_EQ(packed.parameters, kParameters);
  EXPECT_EQ(packed.mix, "I32 packed 224, BF16 67");
  const auto int8 = facts(test::llama_8b(test::int8_linear), 8);
  EXPECT_EQ(int8.bytes, 9'083'953'152u);  // 8 bits, and 16 for each of 43,008 outputs a layer
  EXPECT_EQ(int8.parameters, kParameters);
  EXPECT_THAT(int8.quantized_as, ElementsAre("I8"));
  EXPECT_EQ(int8.mix, "I8 224, BF16 67");
  const auto fp8 = facts(test::llama_8b(test::fp8_linear), 8);
  EXPECT_EQ(fp8.bytes, int8.bytes);
  EXPECT_EQ(fp8.quantized, 224);
  EXPECT_EQ(fp8.mix, "F8_E4M3 224, BF16 67");
}

TEST(TensorFacts, OtherWidthsInOneI32) {
  const auto eight = facts(test::SafetensorsFile().tensor("q_proj.qweight", "I32", {16, 10}), 8);
  EXPECT_EQ(eight.parameters, 640);
  const auto three = facts(test::SafetensorsFile().tensor("q_proj.qweight", "I32", {3, 10}), 3);  // GPTQ lays 32 inputs into three
  EXPECT_EQ(three.parameters, 320);
}

TEST(TensorFacts, PackedAtUnknownBitsHasUnknownParameters) {
  const auto f = facts(test::llama_8b(test::awq_linear), {});
  EXPECT_EQ(f.parameters, std::nullopt);
  EXPECT_EQ(f.bits_per_weight, std::nullopt);
  EXPECT_EQ(f.quantized, 224);
}

TEST(TensorFacts, BitsandbytesKeepsItsTablesUnderTheWeightsName) {
  test::SafetensorsFile f;
  f.tensor("model.layers.0.q_proj.weight", "U8", {512, 1}).tensor("model.layers.0.q_proj.weight.absmax", "U8", {16});
  f.tensor("model.layers.0.q_proj.weight.quant_map", "F32", {16}).tensor("model.layers.0.q_proj.weight.quant_state.bitsandbytes__nf4", "U8", {90});
  EXPECT_EQ(facts(f, 4).parameters, 1024);
  EXPECT_EQ(facts(f, 4).mix, "U8 packed 1");
}

TEST(TensorFacts, WhatIsNoMatrixOfALayerIsNotCounted) {
  test::SafetensorsFile f;
  f.tensor("transformer.wte.weight", "F16", {10, 4}).tensor("visual.patch_embed.proj.weight", "F16", {4, 3, 2, 2}).tensor("model.norm.weight", "F16", {4});
  f.tensor("model.layers.0.q_proj.bias", "F16", {4}).tensor("model.layers.0.self_attn.rotary_emb.inv_freq", "F32", {2});
  f.tensor("lm_head.weight", "F16", {10, 4});
  EXPECT_EQ(facts(f, {}).linear, 0);
  EXPECT_EQ(facts(f, {}).parameters, 40 + 48 + 4 + 4 + 40);
}

TEST(TensorFacts, NoTensorsHaveNoBits) {
  EXPECT_EQ(tensor_facts({}, {}).bits_per_weight, std::nullopt);
  EXPECT_EQ(tensor_facts({}, {}).mix, "");
}

}  // namespace
}  // namespace qc
