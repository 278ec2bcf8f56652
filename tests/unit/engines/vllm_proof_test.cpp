#include "measure/engines/vllm_proof.h"
#include "measure/engines/variant_proof.h"
#include "measure/engines/vllm_facts.h"
#include "measure/engines/vllm_settings.h"

#include <gmock/gmock.h>

#include <cmath>

#include "unit/engines/support.h"

namespace qc {
namespace {

using test::fixture;
using testing::AllOf;
using testing::HasSubstr;

/// Llama-3.1-8B's config.json, with what quantizes it.
Checkpoint llama_8b(const std::string& quantization, const std::string& format) {
  Checkpoint c;
  c.config = *parse_config(R"({"architectures":["LlamaForCausalLM"],"torch_dtype":"bfloat16","hidden_size":4096,"num_hidden_layers":32,"num_attention_heads":32,
    "num_key_value_heads":8,"intermediate_size":14336,"vocab_size":128256,"tie_word_embeddings":false,"max_position_embeddings":131072)" +
                               (quantization.empty() ? "" : ",\"quantization_config\":" + quantization) + "}", "config.json");
  c.format = format;
  return c;
}

constexpr const char* kAwq = R"({"quant_method":"awq","bits":4,"group_size":128,"zero_point":true,"version":"gemm"})";
constexpr const char* kGptq = R"({"quant_method":"gptq","bits":4,"group_size":128,"sym":true,"desc_act":false})";

Variant called(const std::string& name, std::optional<std::string> expect = {}) {
  Variant v;
  v.name = name, v.model = "x/" + name, v.expect = std::move(expect);
  return v;
}

TEST(VllmProof, HonestServersPass) {
  EXPECT_EQ(not_as_said(called("bf16", "bf16"), llama_8b("", "bf16"), read_vllm_log(fixture("vllm/starts/h100_bf16.log"))), std::nullopt);
  EXPECT_EQ(not_as_said(called("awq", "awq"), llama_8b(kAwq, "awq"), read_vllm_log(fixture("vllm/starts/h100_awq.log"))), std::nullopt);
}

// Seen on an H100: such a checkpoint starts without a warning, 15.0 GiB of weights and no kernel line; by hand from BF16's recorded start.
TEST(VllmProof, AGptqThatServesBf16IsToldByItsBytesAndItsMissingKernel) {
  VllmLog log = read_vllm_log(fixture("vllm/starts/h100_bf16.log"));
  log.quantization = "auto_gptq";
  const auto wrong = not_as_said(called("gptq", "gptq"), llama_8b(kGptq, "gptq"), log);
  ASSERT_TRUE(wrong);
  EXPECT_THAT(*wrong, AllOf(HasSubstr("gptq: its checkpoint says gptq (5.31 GiB of weights)"), HasSubstr("loaded 15.00 GiB"), HasSubstr("names no kernel")));
}

TEST(VllmProof, AContradictionOfItsOwnFilesComesFirst) {
  Checkpoint c = llama_8b(kGptq, "bf16");
  c.contradiction = "config.json says gptq 4 bit, but none of its 224 linear weights is quantized: it would be served as BF16";
  EXPECT_THAT(*not_as_said(called("gptq"), c, VllmLog{}), HasSubstr("gptq: config.json says gptq 4 bit"));
}

TEST(VllmProof, WhatIsExpectedMustBeServed) {
  VllmLog log = read_vllm_log(fixture("vllm/starts/h100_bf16.log"));
  EXPECT_THAT(*not_as_said(called("awq", "awq"), llama_8b("", "bf16"), log), HasSubstr("`expect` says awq, but what is served is bf16"));
  log.quantization = "fp8", log.weights_bytes = std::llround(8.49 * 1024 * 1024 * 1024);   // --quantization fp8, while loading
  EXPECT_EQ(not_as_said(called("fp8", "fp8"), llama_8b("", "bf16"), log), std::nullopt);
  EXPECT_EQ(served_format(llama_8b("", "bf16"), log), "fp8");
}

TEST(VllmProof, EachWorkerLoadsItsShare) {
  VllmLog log = read_vllm_log(fixture("vllm/starts/h100_bf16.log"));
  log.workers = 2, log.weights_bytes = std::llround(7.55 * 1024 * 1024 * 1024);
  EXPECT_EQ(not_as_said(called("bf16", "bf16"), llama_8b("", "bf16"), log), std::nullopt);
  EXPECT_EQ(vllm_identity(called("bf16"), llama_8b("", "bf16"), log, FromLog::yes).verdict, IdentityVerdict::proved);
  log.quantization = "auto_gptq";
  EXPECT_THAT(*not_as_said(called("gptq", "gptq"), llama_8b(kGptq, "gptq"), log), HasSubstr("(2.65 GiB of weights for each of 2 workers), but the server loaded 7.55 GiB"));
}

TEST(VllmProof, WeightsInTheHostsMemoryProveNothing) {
  VllmLog log = read_vllm_log(fixture("vllm/starts/h100_bf16.log") + "(APIServer pid=1) INFO [api_utils.py:286] non-default args: {'model_tag': 'x', 'cpu_offload_gb': 8.0}\n");
  log.weights_bytes = std::llround(7.0 * 1024 * 1024 * 1024);
  EXPECT_EQ(not_as_said(called("bf16"), llama_8b("", "bf16"), log), std::nullopt);
  EXPECT_EQ(vllm_identity(called("bf16"), llama_8b("", "bf16"), log, FromLog::yes).verdict, IdentityVerdict::unproved);
}

TEST(VllmProof, F32FilesAreLoadedInTheEnginesFormat) {
  Checkpoint c = llama_8b("", "fp32");
  c.facts = TensorFacts{}, c.facts->bytes = 32121044992, c.facts->parameters = 8030261248.0, c.facts->mix = "F32 291";
  const VllmLog log = read_vllm_log(fixture("vllm/starts/h100_bf16.log"));
  EXPECT_EQ(not_as_said(called("bf16", "bf16"), c, log), std::nullopt);
  EXPECT_THAT(vllm_identity(called("bf16"), c, log, FromLog::yes).because, HasSubstr("bf16: its tensors ask for 14.96 GiB, 15.00 GiB were loaded"));
}

TEST(VllmProof, EveryNameOfQuantizingWhileLoadingIsThat) {
  VllmLog log = read_vllm_log(fixture("vllm/starts/h100_bf16.log"));
  log.weights_bytes = std::llround(8.49 * 1024 * 1024 * 1024);
  for (const char* name : {"fp8", "fp8_per_tensor", "fp8_per_block", "mxfp8"}) {
    log.quantization = name;
    EXPECT_EQ(served_format(llama_8b("", "bf16"), log), "fp8") << name;
    EXPECT_EQ(not_as_said(called("fp8", "fp8"), llama_8b("", "bf16"), log), std::nullopt) << name;
    EXPECT_THAT(vllm_identity(called("fp8"), llama_8b("", "bf16"), log, FromLog::yes).because, HasSubstr(std::string(name) + " while loading a bf16 checkpoint")) << name;
  }
}

TEST(VllmProof, AFormatWithoutANameOfOursIsNoQuantizingWhileLoading) {
  Checkpoint c = llama_8b("", "unknown");   // MXFP4, NVFP4, modelopt ...
  c.facts = TensorFacts{}, c.facts->bytes = 5690000000, c.facts->parameters = 8030261248.0, c.facts->mix = "U8 packed 224";
  VllmLog log = read_vllm_log(fixture("vllm/starts/h100_bf16.log"));
  log.quantization = "mxfp4", log.weights_bytes = std::llround(5.4 * 1024 * 1024 * 1024);
  EXPECT_EQ(not_as_said(called("nvfp4", "nvfp4"), c, log), std::nullopt);
  EXPECT_EQ(vllm_identity(called("nvfp4"), c, log, FromLog::yes).verdict, IdentityVerdict::proved);
  EXPECT_FALSE(is_quantized_while_loading(c, log));
}

TEST(VllmProof, AFormatWithoutANameOfOursIsNotProvedByItsConfigAlone) {
  Checkpoint c = llama_8b("", "unknown");
  c.config.quantization = Quantization{}, c.config.quantization->method = "mxfp4";
  c.config.quantization->groups = {QuantizedGroup{}}, c.config.quantization->groups[0].weights.bits = 4;
  VllmLog log = read_vllm_log(fixture("vllm/starts/h100_bf16.log"));
  log.weights_bytes = std::llround(5.4 * 1024 * 1024 * 1024);
  const auto identity = vllm_identity(called("mxfp4"), c, log, FromLog::yes);
  EXPECT_EQ(identity.verdict, IdentityVerdict::unproved);
  EXPECT_THAT(identity.because, HasSubstr("how \"mxfp4\" stores a weight is not known here"));
}

// As releases up to 0.10 write it (by hand from their source).
TEST(VllmProof, AnOldReleaseWritesTheLoadFormatAsItsEnum) {
  VariantFacts facts;
  facts.server = "vLLM";
  prove_vllm(facts, called("bf16"), VllmTexts{"INFO 11-20 10:00:02 llm_engine.py:240] Initializing a V0 LLM engine (v0.8.5) with config: model='m', dtype=torch.bfloat16, load_format=LoadFormat.DUMMY, enforce_eager=True\n", "", ""}, {});
  EXPECT_EQ(value_of(facts.proof, "load_format"), "dummy");
  EXPECT_EQ(value_of(facts.proof, "random_weights"), "as the loader leaves them");
}

// Qwen2.5-0.5B-Instruct-AWQ stores its embedding twice, and vLLM loads it once.
TEST(VllmProof, AnOutputLayerThatIsTheEmbeddingIsNotLoadedTwice) {
  Checkpoint c = llama_8b("", "awq");
  c.config.tied_embeddings = true;
  c.facts = TensorFacts{}, c.facts->bytes = 731'000'000, c.facts->mix = "I32 packed 168";
  c.tensors = {{"model.embed_tokens.weight", "BF16", {151936, 896}, 272'000'000}, {"lm_head.weight", "BF16", {151936, 896}, 272'000'000}};
  VllmLog log = read_vllm_log(fixture("vllm/starts/h100_awq.log"));
  log.weights_bytes = 461'000'000;
  EXPECT_EQ(not_as_said(called("awq", "awq"), c, log), std::nullopt);
  EXPECT_EQ(vllm_identity(called("awq"), c, log, FromLog::yes).verdict, IdentityVerdict::proved);
  log.weights_bytes = 731'000'000;   // an architecture that loads both
  EXPECT_EQ(not_as_said(called("awq", "awq"), c, log), std::nullopt);
  log.weights_bytes = 461'000'000, c.config.tied_embeddings = false;
  EXPECT_NE(not_as_said(called("awq", "awq"), c, log), std::nullopt);
}

// VLLM_LOGGING_LEVEL=WARNING, or `docker run -d`: nothing follows from what such a log does not say.
TEST(VllmProof, ASilentLogProvesNothing) {
  Checkpoint c = llama_8b("", "bf16");
  c.facts = TensorFacts{}, c.facts->bytes = 16060522496, c.facts->parameters = 8030261248.0, c.facts->mix = "BF16 291";
  const auto identity = vllm_identity(called("bf16"), c, read_vllm_log("WARNING 11-23 something\n"), FromLog::yes);
  EXPECT_EQ(identity.verdict, IdentityVerdict::unproved);
  EXPECT_THAT(identity.because, HasSubstr("VLLM_LOGGING_LEVEL"));
  VariantFacts facts;
  facts.server = "vLLM", facts.command = "vllm serve";
  prove_vllm(facts, called("bf16"), VllmTexts{"WARNING 11-23 something\n", "", ""}, c);
  EXPECT_EQ(value_of(facts.proof, "quantized_kernel"), "");
  EXPECT_EQ(value_of(facts.proof, "sampling_defaults"), "");
}

// As one H200 said it of a file of 3.1 billion BF16 weights and `--quantization fp8`.
TEST(VllmFacts, OfWeightsQuantizedWhileLoadingAreThoseThatAreServed) {
  const VllmLog log = read_vllm_log(fixture("vllm/starts/h200_fp8_while_loading.log"));
  Checkpoint c;
  c.format = "bf16", c.facts = TensorFacts{}, c.facts->bytes = 6171877376, c.facts->parameters = 3085938688.0, c.facts->bits_per_weight = 16, c.facts->mix = "BF16 434";
  c.config.max_positions = 32768;
  VariantFacts facts;
  facts.weights_bytes = log.weights_bytes;
  add_checkpoint(c, log, facts);
  EXPECT_EQ(facts.method, "fp8 while loading a bf16 checkpoint");
  EXPECT_NEAR(*facts.bits_per_weight, 8.99, 0.01);
  EXPECT_EQ(facts.tensor_mix, "BF16 434 in the file");
  EXPECT_EQ(facts.model_context, 32768);
  EXPECT_THAT(vllm_identity(called("fp8", "fp8"), c, log, FromLog::yes).because, HasSubstr("kernel CutlassFP8ScaledMMLinearKernel for Fp8PerTensorOnlineLinearMethod"));
  VariantFacts plain;
  plain.weights_bytes = 6216965161;
  add_checkpoint(c, VllmLog{}, plain);
  EXPECT_EQ(plain.method, "bf16");
  EXPECT_EQ(*plain.bits_per_weight, 16);
  EXPECT_EQ(plain.tensor_mix, "BF16 434");
}

TEST(VllmProof, QuantizationIsComparedByItsNameAndNotAsAnArgument) {
  const auto arguments = [](std::vector<std::string> args) {
    Variant variant = called("fp8");
    variant.args = std::move(args);
    VariantFacts facts;
    facts.server = "vLLM", facts.command = "vllm serve";
    prove_vllm(facts, variant, VllmTexts{}, std::nullopt);
    return value_of(facts.proof, "variant_arguments");
  };
  EXPECT_EQ(arguments({}), "none");
  EXPECT_EQ(arguments({"--quantization", "fp8"}), "none");
  EXPECT_EQ(arguments({"--enforce-eager", "-q", "fp8", "--seed", "1"}), "--enforce-eager --seed 1");
  EXPECT_EQ(arguments({"--quantization=fp8", "--seed=1"}), "--seed=1");
}

std::string setting_of(const VllmTexts& texts, const std::string& name) {
  SettingList list;
  add_vllm_settings(texts, list);
  return value_of(list.all(), name);
}

TEST(VllmSettings, OfARealGptqCheckpointOnACard) {
  const VllmTexts gptq{fixture("vllm/h100_gptq/start.log"), fixture("vllm/h100_gptq/server_info.json"), fixture("vllm/h100_gptq/metrics.txt")};
  EXPECT_EQ(setting_of(gptq, "quantized_kernel"), "MacheteLinearKernel for AutoGPTQLinearMethod");
  EXPECT_EQ(setting_of(gptq, "weights_gib"), "0.99");
  EXPECT_EQ(setting_of(gptq, "gpu_memory_utilization"), "0.2");
  EXPECT_EQ(setting_of(gptq, "max_num_seqs"), "64");
  EXPECT_EQ(setting_of(gptq, "random_weights"), "");
  const VllmTexts answers{"", gptq.server_info, gptq.metrics};   // without a log: attached
  EXPECT_EQ(setting_of(answers, "max_model_len"), "8192");
  EXPECT_EQ(setting_of(answers, "kv_cache_tokens"), "461104");
}

TEST(VllmSettings, OfASleeperAtNineTenths) {
  const VllmTexts sleeper{fixture("vllm/h100_sleeper/start_sleep_wake.log"), fixture("vllm/h100_sleeper/server_info.json"), ""};
  EXPECT_EQ(setting_of(sleeper, "gpu_memory_utilization"), "0.9");
  EXPECT_EQ(setting_of(sleeper, "max_model_len"), "20480");
  EXPECT_EQ(setting_of(sleeper, "max_num_seqs"), "128");
  EXPECT_EQ(setting_of(sleeper, "load_format"), "dummy");
  EXPECT_EQ(setting_of(sleeper, "enforce_eager"), "off");
}

TEST(VllmProof, WithoutFilesANameProvesNothing) {
  VllmLog log;
  log.quantization = "awq_marlin";
  EXPECT_EQ(served_format(std::nullopt, log), "");
  EXPECT_EQ(not_as_said(called("awq", "awq"), std::nullopt, log), std::nullopt);
}

}  // namespace
}  // namespace qc
