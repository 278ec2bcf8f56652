#include "checkpoint/checkpoint.h"

#include <gmock/gmock.h>

#include "configs.h"
#include "llama_tensors.h"

namespace qc {
namespace {

using testing::HasSubstr;

// printf hello | sha256sum
const std::string kHelloHash = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

struct ReadCheckpoint : testing::Test {
  test::Folder folder;

  void file(const std::string& name, const std::string& text) { test::spill(folder / name, text); }
  Checkpoint read() {
    auto checkpoint = read_checkpoint(folder / "");
    EXPECT_TRUE(checkpoint) << checkpoint.error().message;
    return checkpoint ? std::move(*checkpoint) : Checkpoint{};
  }
  void refused(Fault fault, const std::string& because) {
    const auto checkpoint = read_checkpoint(folder / "");
    ASSERT_FALSE(checkpoint) << because;
    EXPECT_EQ(checkpoint.error().fault, fault);
    EXPECT_THAT(checkpoint.error().message, HasSubstr(because));
  }
};

TEST_F(ReadCheckpoint, AnHonestOne) {
  file("config.json", test::llama_config(test::kAwq));
  test::llama_8b(test::awq_linear).write(folder / "model.safetensors");
  file("tokenizer.json", "hello");
  file("chat_template.jinja", "hello");
  file("generation_config.json", R"({"bos_token_id": 128000, "do_sample": true, "temperature": 0.6, "top_p": 0.9, "top_k": 20, "repetition_penalty": 1.05})");
  const auto c = read();
  EXPECT_EQ(c.folder, folder / "");
  EXPECT_EQ(c.config.layers, 32);
  EXPECT_EQ(c.tensors.size(), 67u + 3 * 224);
  EXPECT_EQ(c.format, "awq");
  EXPECT_EQ(c.contradiction, std::nullopt);
  EXPECT_EQ(c.facts->bytes, 5'727'854'592u);
  EXPECT_EQ(c.facts->parameters, 8'030'261'248);
  EXPECT_EQ(c.tokenizer_sha256, kHelloHash);
  EXPECT_EQ(c.template_sha256, kHelloHash);
  EXPECT_EQ(c.sampling.temperature, 0.6);
  EXPECT_EQ(c.sampling.top_p, 0.9);
  EXPECT_EQ(c.sampling.top_k, 20);
  EXPECT_EQ(c.sampling.repetition_penalty, 1.05);
}

TEST_F(ReadCheckpoint, AnImpostor) {
  file("config.json", test::llama_config(test::kGptq));
  test::llama_8b(test::plain_linear).write(folder / "model.safetensors");
  const auto c = read();
  EXPECT_EQ(c.format, "bf16");
  EXPECT_EQ(c.contradiction, "config.json says gptq 4 bit, but none of its 224 linear weights is quantized: it would be served as BF16");
}

// As ModelOpt up to 0.29 writes it (by hand from its source): config.json names nothing.
TEST_F(ReadCheckpoint, AQuantizationInAFileOfItsOwn) {
  file("config.json", test::llama_config(""));
  file("hf_quant_config.json", R"({"producer": {"name": "modelopt", "version": "0.23.0"}, "quantization": {"quant_algo": "FP8", "kv_cache_quant_algo": "FP8", "exclude_modules": ["lm_head"]}})");
  test::llama_8b(test::fp8_linear).write(folder / "model.safetensors");
  const auto c = read();
  EXPECT_EQ(c.format, "fp8");
  EXPECT_EQ(c.contradiction, std::nullopt);
  EXPECT_EQ(c.config.quantization->method, "modelopt");
  EXPECT_EQ(c.config.quantization->kv_cache->bits, 8);
  file("hf_quant_config.json", R"({"quantization": {"quant_algo": "NVFP4"}})");
  EXPECT_EQ(read().format, "unknown");
  EXPECT_EQ(read().contradiction, std::nullopt);
}

TEST_F(ReadCheckpoint, OnlyAConfig) {
  file("config.json", test::llama_config(test::kGptq));
  const auto c = read();
  EXPECT_EQ(c.format, "gptq");
  EXPECT_EQ(c.contradiction, std::nullopt);
  EXPECT_TRUE(c.tensors.empty());
  EXPECT_FALSE(c.facts);
  EXPECT_EQ(c.tokenizer_sha256, std::nullopt);
  EXPECT_EQ(c.template_sha256, std::nullopt);
  EXPECT_EQ(c.sampling.temperature, std::nullopt);
  EXPECT_EQ(c.sampling.top_k, std::nullopt);
}

TEST_F(ReadCheckpoint, TheTemplateInsideTokenizerConfig) {
  file("config.json", "{}");
  file("tokenizer_config.json", R"({"chat_template": "hello"})");
  EXPECT_EQ(read().template_sha256, kHelloHash);
  file("tokenizer_config.json", R"({"chat_template": [{"name": "tool_use", "template": "x"}, {"name": "default", "template": "hello"}]})");
  EXPECT_EQ(read().template_sha256, kHelloHash);
  file("tokenizer_config.json", R"({"chat_template": [{"name": "tool_use", "template": "x"}, 7]})");
  EXPECT_EQ(read().template_sha256, std::nullopt);
  file("tokenizer_config.json", R"({"chat_template": "other"})");
  file("chat_template.jinja", "hello");  // the file counts first
  EXPECT_EQ(read().template_sha256, kHelloHash);
}

TEST_F(ReadCheckpoint, DamageNamesTheFile) {
  refused(Fault::usage, "config.json");
  file("config.json", "{");
  refused(Fault::damaged, "config.json: not JSON");
  file("config.json", "{}");
  file("generation_config.json", "{");
  refused(Fault::damaged, "generation_config.json: not JSON");
  file("generation_config.json", "{}");
  file("tokenizer_config.json", "{");
  refused(Fault::damaged, "tokenizer_config.json: not JSON");
  file("tokenizer_config.json", "{}");
  file("model.safetensors", "short");
  refused(Fault::damaged, "model.safetensors: not a usable safetensors file");
}

}  // namespace
}  // namespace qc
