#include "checkpoint/format_word.h"

#include <gmock/gmock.h>

#include "configs.h"

namespace qc {
namespace {

ModelConfig llama_config(const std::string& quantization = "") {
  const auto config = parse_config(test::llama_config(quantization), "config.json");
  EXPECT_TRUE(config);
  return config ? *config : ModelConfig{};
}

std::string claim(const std::string& quantization) { return claimed_format(llama_config(quantization)); }

TensorFacts stored(const std::vector<std::string>& kinds, int quantized) {
  TensorFacts facts;
  facts.linear = 224;
  facts.quantized = quantized;
  facts.quantized_as = kinds;
  facts.plain = "BF16";
  return facts;
}

void agree(const std::string& quantization, const std::string& kind, const std::string& word) {
  const auto found = find_format(llama_config(quantization), stored({kind}, 224));
  EXPECT_EQ(found.word, word);
  EXPECT_EQ(found.contradiction, std::nullopt) << *found.contradiction;
}

TEST(ClaimedFormat, OfEachConfigThatWasServed) {
  EXPECT_EQ(claim(""), "bf16");
  EXPECT_EQ(claim(test::kAwq), "awq");
  EXPECT_EQ(claim(test::kGptq), "gptq");
  EXPECT_EQ(claim(test::kW4A16), "w4a16");
  EXPECT_EQ(claim(test::kInt8), "w8a8_int8");
  EXPECT_EQ(claim(test::kFp8), "fp8");
  EXPECT_EQ(claim(R"({"quant_method": "fp8", "activation_scheme": "dynamic"})"), "fp8");
  EXPECT_EQ(claim(test::compressed("pack-quantized", test::channel_weights("int"))), "w8a16");
  EXPECT_EQ(claim(test::compressed("naive-quantized", test::channel_weights("float"))), "w8a16");  // floats, computed in 16 bits
}

TEST(ClaimedFormat, PlainTypes) {
  ModelConfig config;
  EXPECT_EQ(claimed_format(config), "unknown");
  config.dtype = "float16";
  EXPECT_EQ(claimed_format(config), "fp16");
  config.dtype = "float32";
  EXPECT_EQ(claimed_format(config), "fp32");
  config.dtype = "float64";
  EXPECT_EQ(claimed_format(config), "unknown");
}

TEST(ClaimedFormat, WhatHasNoWord) {
  EXPECT_EQ(claim(R"({"quant_method": "mxfp4"})"), "unknown");
  EXPECT_EQ(claim(R"({"quant_method": "bitsandbytes", "load_in_4bit": true})"), "unknown");
  EXPECT_EQ(claim(R"({"quant_method": "compressed-tensors"})"), "unknown");
  EXPECT_EQ(claim(test::compressed("int-quantized", test::kGroupsOf128, test::token_activations("int"))), "unknown");  // w4a8
  EXPECT_EQ(claim(test::compressed("mixed", test::channel_weights("float"), test::token_activations("int"))), "unknown");
  EXPECT_EQ(claim(R"({"quant_method": "compressed-tensors", "config_groups": {"a": {"weights": {"num_bits": 4, "type": "int"}},
    "b": {"weights": {"num_bits": 8, "type": "int"}}}})"), "unknown");
}

TEST(Format, ConfigAndTensorsAgree) {
  agree(test::kAwq, "I32 packed", "awq");
  agree(test::kGptq, "I32 packed", "gptq");
  agree(test::kW4A16, "I32 packed", "w4a16");
  agree(test::kInt8, "I8", "w8a8_int8");
  agree(test::kFp8, "F8_E4M3", "fp8");
  agree(test::compressed("pack-quantized", test::channel_weights("int")), "I32 packed", "w8a16");
  EXPECT_EQ(find_format(llama_config(), stored({}, 0)).word, "bf16");
  EXPECT_EQ(find_format(llama_config(), stored({}, 0)).contradiction, std::nullopt);
}

TEST(Format, AQuantizationThatNoTensorHas) {
  const auto gptq = find_format(llama_config(test::kGptq), stored({}, 0));
  EXPECT_EQ(gptq.word, "bf16");
  EXPECT_EQ(gptq.contradiction, "config.json says gptq 4 bit, but none of its 224 linear weights is quantized: it would be served as BF16");
  EXPECT_EQ(find_format(llama_config(test::kInt8), stored({}, 0)).contradiction,
            "config.json says compressed-tensors int-quantized 8 bit, but none of its 224 linear weights is quantized: they are BF16");
}

TEST(Format, TensorsThatNoConfigAnnounces) {
  const auto found = find_format(llama_config(), stored({"I32 packed"}, 224));
  EXPECT_EQ(found.word, "unknown");
  EXPECT_EQ(found.contradiction, "config.json names no quantization, but 224 of its 224 linear weights are I32 packed");
}

TEST(Format, AnotherQuantizationThanTheTensors) {
  const auto found = find_format(llama_config(R"({"quant_method": "fp8"})"), stored({"I8"}, 200));
  EXPECT_EQ(found.word, "unknown");
  EXPECT_EQ(found.contradiction, "config.json says fp8 8 bit, but 200 of its 224 linear weights are I8");
  EXPECT_EQ(find_format(llama_config(test::kAwq), stored({"U8 packed"}, 224)).word, "unknown");
}

TEST(Format, WithoutTensorsTheClaimStands) {
  EXPECT_EQ(find_format(llama_config(test::kGptq), {}).word, "gptq");
  EXPECT_EQ(find_format(llama_config(test::kGptq), {}).contradiction, std::nullopt);
  EXPECT_EQ(find_format(llama_config(test::kGptq), TensorFacts{}).word, "gptq");  // files without a linear weight, such as an adapter's
}

TEST(Format, AnUnknownClaimIsNotContradicted) {  // gpt-oss: its experts lie in tensors that are no matrices
  const auto found = find_format(llama_config(R"({"quant_method": "mxfp4"})"), stored({}, 0));
  EXPECT_EQ(found.word, "unknown");
  EXPECT_EQ(found.contradiction, std::nullopt);
}

TEST(Format, WithoutADtypeTheTensorsTellIt) {
  ModelConfig config = llama_config();
  config.dtype.reset();
  TensorFacts facts = stored({}, 0);
  facts.plain = "F16";
  EXPECT_EQ(find_format(config, facts).word, "fp16");
}

}  // namespace
}  // namespace qc
