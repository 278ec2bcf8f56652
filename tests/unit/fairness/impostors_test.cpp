// Recorded servers with one thing changed: each impostor is named by the setting that gives it away, and by nothing else.
#include <gmock/gmock.h>

#include "judge/fairness/rules.h"
#include "unit/fairness/recorded.h"

namespace qc {
namespace {

using test::awq;
using test::between;
using test::bf16;
using test::fp8;
using test::int8;
using test::names_of;
using test::Recorded;
using test::refused;
using test::swap_in;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Names = std::vector<std::string>;

TEST(FourRealServers, AreFairAmongEachOther) {
  const std::vector<Recorded> all = {bf16(), fp8(), awq(), int8()};
  for (const auto& baseline : all) {
    std::vector<VariantFacts> facts = {baseline.facts()};
    for (const auto& other : all)
      if (other.name != baseline.name) facts.push_back(other.facts());
    const Fairness fairness = find_differences(facts, {});
    EXPECT_EQ(refusal(fairness), "") << baseline.name;
    for (const auto& d : fairness.differences) EXPECT_EQ(d.kind, DifferenceKind::explained) << in_words(d);
    EXPECT_THAT(fairness.slow_kernels, IsEmpty());
    EXPECT_THAT(fairness.not_told, IsEmpty());
  }
}

TEST(FourRealServers, AreProvedByTheirGiBAndTheirKernels) {
  for (const auto& server : {bf16(), fp8(), awq(), int8()}) {
    const Identity identity = server.facts().identity;
    EXPECT_EQ(identity.verdict, IdentityVerdict::proved) << identity.because;
  }
  EXPECT_EQ(awq().facts().identity.because, "awq: its config's parameters ask for 5.33 GiB, 5.49 GiB were loaded; kernel MacheteLinearKernel for AutoAWQMarlinLinearMethod");
}

TEST(Impostor, AQuantizedServerThatServesBf16) {
  Recorded gptq = bf16();   // as seen on the H100: no warning, the name of a quantization, BF16's bytes
  gptq.name = "gptq", gptq.checkpoint = test::llama_8b(R"({"quant_method":"gptq","bits":4,"group_size":128,"sym":true,"desc_act":false})", "gptq");
  swap_in(gptq.texts.log, "quantization=None", "quantization=auto_gptq");
  gptq.texts.server_info.clear();
  EXPECT_THAT(refused(bf16(), gptq), ElementsAre("identity"));
  EXPECT_THAT(refusal(between(bf16(), gptq)), HasSubstr("loaded 15.00 GiB and names no kernel"));
  gptq.checkpoint.reset();   // without its files, its memory beside the baseline's still tells
  EXPECT_THAT(refused(bf16(), gptq), ElementsAre("identity"));
  EXPECT_THAT(refusal(between(bf16(), gptq)), HasSubstr("says quantization auto_gptq, but loaded 15.00 GiB, as the unquantized baseline did"));
}

// Nothing but HTTP: the name of the quantization, and a KV cache as small as BF16's.
TEST(Impostor, AnAttachedOneThatServesBf16IsToldByItsKvCache) {
  Recorded base = bf16(), gptq = bf16();
  gptq.name = "gptq", gptq.checkpoint.reset();
  swap_in(gptq.texts.server_info, "quantization=None", "quantization=auto_gptq");
  base.texts.log.clear(), gptq.texts.log.clear();
  EXPECT_THAT(refused(base, gptq), ElementsAre("identity"));
  EXPECT_THAT(refusal(between(base, gptq)), HasSubstr("its KV cache holds 449968 tokens beside the unquantized baseline's 449968, where 8 bits would leave room for 53248 more"));
  swap_in(gptq.texts.metrics, "kv_cache_size_tokens=\"449968\"", "kv_cache_size_tokens=\"527920\"");   // AWQ's, as recorded
  EXPECT_THAT(refused(base, gptq), IsEmpty());
  swap_in(gptq.texts.metrics, "kv_cache_size_tokens=\"527920\"", "kv_cache_size_tokens=\"449968\"");
  for (auto* server : {&base, &gptq}) swap_in(server->texts.metrics, "kv_cache_memory_bytes=\"None\"", "kv_cache_memory_bytes=\"58982400000\"");   // sized by hand: no sign
  EXPECT_THAT(refused(base, gptq), IsEmpty());
}

TEST(Impostor, QuantizedWhileLoadingButAsLargeAsBefore) {
  Recorded online = bf16();
  online.name = "fp8", online.texts.server_info.clear();
  swap_in(online.texts.log, "quantization=None", "quantization=fp8");
  EXPECT_THAT(online.facts().identity.because, HasSubstr("--quantization fp8 left the weights as they were"));
  EXPECT_THAT(refused(bf16(), online), ElementsAre("identity"));
  swap_in(online.texts.log, "Model loading took 15.0 GiB", "Model loading took 8.52 GiB");
  EXPECT_EQ(online.facts().identity.verdict, IdentityVerdict::proved);
  EXPECT_THAT(refused(bf16(), online), IsEmpty());
}

TEST(Impostor, AnotherModel) {
  Recorded other = awq();
  other.checkpoint->config.hidden_size = 3584, other.checkpoint->config.layers = 28;
  other.texts.log.clear(), other.texts.server_info.clear();   // attached, so that its bytes do not speak first
  EXPECT_THAT(refused(bf16(), other), ElementsAre("hidden_size", "layers"));
}

TEST(Impostor, AnotherContextLength) {
  Recorded other = awq();
  swap_in(other.texts.log, "max_seq_len=20480", "max_seq_len=8192");
  EXPECT_THAT(refused(bf16(), other), ElementsAre("max_model_len"));
  EXPECT_THAT(refusal(between(bf16(), other)), HasSubstr("max_model_len: bf16 20480 (log), awq 8192 (log)"));
}

TEST(Impostor, AnotherBatchLimit) {
  Recorded other = awq();
  swap_in(other.texts.log, "'max_num_seqs': 128", "'max_num_seqs': 16");
  EXPECT_THAT(refused(bf16(), other), ElementsAre("max_num_seqs"));
  Recorded open = awq();   // the limit is left to vLLM
  swap_in(open.texts.log, ", 'max_num_seqs': 128", "");
  EXPECT_THAT(refused(bf16(), open), ElementsAre("max_num_seqs"));
}

TEST(Impostor, AnotherMemoryShare) {
  Recorded other = awq();
  swap_in(other.texts.log, "'gpu_memory_utilization': 0.9", "'gpu_memory_utilization': 0.5");
  EXPECT_THAT(refused(bf16(), other), ElementsAre("gpu_memory_utilization"));
}

TEST(Impostor, PrefixCacheOnInOne) {
  Recorded other = awq();
  swap_in(other.texts.log, "enable_prefix_caching=False", "enable_prefix_caching=True");
  EXPECT_THAT(refused(bf16(), other), ElementsAre("prefix_caching"));
}

TEST(Impostor, Fp8KvCacheInOne) {
  Recorded other = awq();
  swap_in(other.texts.log, "kv_cache_dtype=auto", "kv_cache_dtype=fp8");
  EXPECT_THAT(refused(bf16(), other), ElementsAre("kv_cache_dtype"));
  Recorded brought = fp8();   // the checkpoint has scales for it, and `auto` takes them
  brought.checkpoint->config.quantization->kv_cache = NumberFormat{.bits = 8, .type = "float"};
  EXPECT_THAT(refused(bf16(), brought), ElementsAre("checkpoint_kv_cache"));
}

TEST(Impostor, AnotherVllmVersion) {
  Recorded other = awq();
  other.version = "0.24.0";
  EXPECT_THAT(refused(bf16(), other), ElementsAre("engine_version"));
}

TEST(Impostor, EagerInOne) {
  Recorded other = awq();
  swap_in(other.texts.log, "enforce_eager=False", "enforce_eager=True");
  EXPECT_THAT(refused(bf16(), other), ElementsAre("enforce_eager"));
}

TEST(Impostor, WithoutGraphsByAnotherName) {
  Recorded other = awq();
  swap_in(other.texts.log, "'cudagraph_mode': <CUDAGraphMode.FULL_AND_PIECEWISE: (2, 1)>", "'cudagraph_mode': <CUDAGraphMode.NONE: 0>");
  other.texts.server_info.clear();
  EXPECT_THAT(refused(bf16(), other), Contains("config.compilation_config.cudagraph_mode"));
}

TEST(Impostor, AnotherCacheModelOrSchedulerByItsArgument) {
  for (const auto& [argument, setting] : {std::pair<std::string, std::string>{"'num_gpu_blocks_override': 500", "argument.num_gpu_blocks_override"}, {"'hf_overrides': {'num_hidden_layers': 15}", "argument.hf_overrides"},
                                          {"'async_scheduling': False", "argument.async_scheduling"}, {"'enable_lora': True", "argument.enable_lora"}, {"'compilation_config': {'level': 0}", "argument.compilation_config"}}) {
    Recorded other = awq();
    swap_in(other.texts.log, "'max_num_seqs': 128}", "'max_num_seqs': 128, " + argument + "}");
    other.texts.server_info.clear();
    EXPECT_THAT(refused(bf16(), other), ElementsAre(setting)) << argument;
    EXPECT_TRUE(may_be_allowed(setting)) << "the refusal names it";
    EXPECT_EQ(refusal(between(bf16(), other, {setting})), "") << argument;
    EXPECT_THAT(between(bf16(), other, {setting}).not_told, testing::Not(Contains(HasSubstr(setting)))) << "what was left at its default is compared";
  }
  EXPECT_TRUE(may_be_allowed("argument.compilation_config*"));
  EXPECT_FALSE(may_be_allowed("argument.port"));
}

// vLLM 0.6 to 0.8 writes every argument, given or not.
TEST(Impostor, OfAnOldReleaseIsToldByItsArguments) {
  const auto old = [](Recorded server, const std::string& more) {
    std::string& log = server.texts.log;
    const auto at = log.find("non-default args: ");
    log.replace(at, log.find('\n', at) - at, "args: Namespace(subparser='serve', model_tag='m', host=None, port=8000, gpu_memory_utilization=0.9, max_num_batched_tokens=None, " + more + ", dispatch_function=<function serve at 0x7f" + server.name + ">)");
    server.texts.server_info.clear(), server.texts.metrics.clear();
    return server;
  };
  EXPECT_THAT(refused(old(bf16(), "max_num_seqs=None"), old(awq(), "max_num_seqs=None")), IsEmpty());
  EXPECT_THAT(refused(old(bf16(), "max_num_seqs=None"), old(awq(), "max_num_seqs=16")), ElementsAre("max_num_seqs"));
  EXPECT_THAT(refused(old(bf16(), "chat_template=None"), old(awq(), "chat_template='other.jinja'")), ElementsAre("chat_template"));
}

TEST(Impostor, AForcedSlowKernel) {
  Recorded exllama = awq();
  swap_in(exllama.texts.log, "Using MacheteLinearKernel for AutoAWQMarlinLinearMethod", "Using ExllamaLinearKernel for AutoAWQMarlinLinearMethod");
  EXPECT_THAT(refused(bf16(), exllama), ElementsAre("slow_kernel"));
  Recorded plain = awq();   // vllm#21376: --quantization awq takes 23 tok/s where awq_marlin has 123
  swap_in(plain.texts.log, "quantization=auto_awq", "quantization=awq");
  swap_in(plain.texts.log, "Using MacheteLinearKernel for AutoAWQMarlinLinearMethod", "Detected that the model can run with awq_marlin, however you specified quantization=awq explicitly, so forcing awq. Use quantization=awq_marlin for faster inference");
  EXPECT_THAT(refused(bf16(), plain), ElementsAre("slow_kernel"));
  Recorded triton = fp8();
  swap_in(triton.texts.log, "CutlassFP8ScaledMMLinearKernel", "TritonFP8ScaledMMLinearKernel");
  EXPECT_THAT(refused(bf16(), triton), ElementsAre("slow_kernel"));
}

/// The FP8 server with another kernel, on a card of this compute capability (0: not known).
Recorded fp8_by(const std::string& kernel, int capability) {
  Recorded server = fp8();
  swap_in(server.texts.log, "CutlassFP8ScaledMMLinearKernel", kernel);
  if (capability > 0) server.texts.capability = capability;
  return server;
}

// What the card can't do better is no choice of its user: Ada has no faster kernel for weights in blocks, Ampere no FP8 arithmetic, Turing no Marlin.
TEST(SlowKernels, AreSlowOnlyWhereTheCardHasAFasterOne) {
  EXPECT_THAT(refused(bf16(), fp8_by("TritonFp8BlockScaledMMKernel", 89)), IsEmpty());
  EXPECT_THAT(refused(bf16(), fp8_by("TritonFp8BlockScaledMMKernel", 0)), IsEmpty());
  EXPECT_THAT(refused(bf16(), fp8_by("TritonFp8BlockScaledMMKernel", 90)), ElementsAre("slow_kernel"));
  EXPECT_THAT(refused(bf16(), fp8_by("MarlinFP8ScaledMMLinearKernel", 80)), IsEmpty());
  EXPECT_THAT(refused(bf16(), fp8_by("MarlinFP8ScaledMMLinearKernel", 89)), ElementsAre("slow_kernel"));
  EXPECT_THAT(between(bf16(), fp8_by("MarlinFP8ScaledMMLinearKernel", 80)).slow_kernels, Contains(HasSubstr("its kernel is a slow fallback, which the engine took by itself: MarlinFP8ScaledMMLinearKernel for ")));
  Recorded turing = awq();
  swap_in(turing.texts.log, "quantization=auto_awq", "quantization=awq");
  swap_in(turing.texts.log, "Using MacheteLinearKernel for AutoAWQMarlinLinearMethod", "awq quantization is not fully optimized yet. The speed can be slower than non-quantized models.");
  turing.texts.server_info.clear();
  EXPECT_THAT(refused(bf16(), turing), IsEmpty());
  const Recorded unasked = turing;
  swap_in(turing.texts.log, "non-default args: {", "non-default args: {'quantization': 'awq', ");
  EXPECT_THAT(refused(bf16(), turing), ElementsAre("slow_kernel"));   // asked for by hand
  turing.texts.capability = 75;
  EXPECT_THAT(refused(bf16(), turing), IsEmpty());
}

TEST(Impostor, KernelsTakenAwayByTheEnvironment) {
  Recorded forced = fp8_by("MarlinFP8ScaledMMLinearKernel", 0);
  forced.texts.forced_by = "VLLM_TEST_FORCE_FP8_MARLIN";
  EXPECT_THAT(refused(bf16(), forced), ElementsAre("slow_kernel"));
  EXPECT_THAT(refusal(between(bf16(), forced)), HasSubstr("MarlinFP8ScaledMMLinearKernel for CompressedTensorsW8A8Fp8, with VLLM_TEST_FORCE_FP8_MARLIN set"));
  Recorded attached = fp8();
  attached.texts.log.clear();
  swap_in(attached.texts.server_info, "\"VLLM_DISABLED_KERNELS\": []", "\"VLLM_DISABLED_KERNELS\": [\"CutlassFP8ScaledMMLinearKernel\"]");
  EXPECT_THAT(refused(bf16(), attached), Contains("env.VLLM_DISABLED_KERNELS"));
}

// An ordinary `vllm serve` has no /server_info: what none of them tells is named.
TEST(Attached, SettingsThatNobodyTellsAreNamed) {
  const auto attached = [](Recorded server) { server.texts.log.clear(), server.texts.server_info.clear(); return server; };
  EXPECT_THAT(between(attached(bf16()), attached(awq())).not_told, Contains(AllOf(HasSubstr("max_num_seqs"), HasSubstr("enforce_eager"), HasSubstr("could not be compared: no server tells them."))));
}

TEST(Impostor, SpeculativeDecodingInOne) {
  Recorded other = awq();
  swap_in(other.texts.log, "speculative_config=None", "speculative_config=SpeculativeConfig(method='ngram', model=None, num_spec_tokens=4)");
  EXPECT_THAT(refused(bf16(), other), ElementsAre("speculative"));
}

TEST(Impostor, AnotherChatTemplate) {
  Recorded other = awq();
  other.checkpoint->template_sha256 = std::string(64, 'c');
  EXPECT_THAT(refused(bf16(), other), ElementsAre("chat_template"));
  Recorded by_hand = awq();
  swap_in(by_hand.texts.log, "'load_format': 'dummy'", "'load_format': 'dummy', 'chat_template': '/nowhere/other.jinja'");
  EXPECT_THAT(refused(bf16(), by_hand), ElementsAre("chat_template"));
}

TEST(Impostor, AnotherGenerationConfig) {
  Recorded warm = awq();
  warm.checkpoint->generation = R"({"do_sample":true,"temperature":1.0,"top_p":0.9})";
  EXPECT_THAT(refused(bf16(), warm), ElementsAre("generation_config"));
  Recorded penalty = awq();   // the log alone tells it as well
  penalty.checkpoint.reset();
  swap_in(penalty.texts.log, "{'temperature': 0.6, 'top_p': 0.9}", "{'repetition_penalty': 1.1, 'temperature': 0.6, 'top_p': 0.9}");
  EXPECT_THAT(refused(bf16(), penalty), ElementsAre("sampling_defaults"));
}

TEST(Impostor, AnotherGenerationConfigDoesNotCountWhereNobodyReadsIt) {
  Recorded one = bf16(), other = awq();
  other.checkpoint->generation = R"({"temperature":1.0})";
  for (auto* server : {&one, &other}) swap_in(server->texts.log, "'load_format': 'dummy'", "'load_format': 'dummy', 'generation_config': 'vllm'");
  EXPECT_THAT(refused(one, other), IsEmpty());
}

TEST(Impostor, AnotherAttentionBackendTokenizerOrTokenBudget) {
  Recorded attention = awq(), tokenizer = awq(), budget = awq();
  swap_in(attention.texts.log, "Using FLASH_ATTN attention backend", "Using TRITON_ATTN attention backend");
  EXPECT_THAT(refused(bf16(), attention), ElementsAre("attention_backend"));
  tokenizer.checkpoint->tokenizer_sha256 = std::string(64, 'd');
  EXPECT_THAT(refused(bf16(), tokenizer), ElementsAre("tokenizer"));
  swap_in(budget.texts.log, "max_num_batched_tokens=8192", "max_num_batched_tokens=2048");
  EXPECT_THAT(refused(bf16(), budget), ElementsAre("max_num_batched_tokens"));
}

TEST(Dtype, IsExcusedOnlyWhereTheQuantizationForcesIt) {
  Recorded half = awq();
  swap_in(half.texts.log, "dtype=torch.bfloat16", "dtype=torch.float16");
  EXPECT_THAT(refused(bf16(), half), IsEmpty());
  Recorded fp8_half = fp8();
  fp8_half.texts.server_info.clear();
  fp8_half.checkpoint->format = "fp8";
  swap_in(fp8_half.texts.log, "dtype=torch.bfloat16", "dtype=torch.float16");
  EXPECT_THAT(refused(bf16(), fp8_half), ElementsAre("dtype"));
}

TEST(Impostor, AnotherFillingOfRandomWeights) {
  Recorded other = awq();
  other.texts.log += "(EngineCore pid=2280) INFO 11-30 01:09:35 [quantcase_random_weights.py:97] quantcase random weights: 451 tensors filled (195 float, 256 integer), 128 left as they were\n";
  EXPECT_THAT(refused(bf16(), other), ElementsAre("random_weights"));
}

TEST(Fairness, WhatIsAllowedGoesOnAndIsKept) {
  Recorded other = awq();
  swap_in(other.texts.log, "enforce_eager=False", "enforce_eager=True");
  const Fairness fairness = between(bf16(), other, {"enforce_eager"});
  EXPECT_TRUE(fairness.comparable());
  EXPECT_EQ(names_of(fairness.allowed()), Names{"enforce_eager"});
}

TEST(Fairness, ASettingThatNobodyListedIsUnknownAndDoesNotRefuse) {
  Recorded other = awq();
  swap_in(other.texts.server_info, "\"VLLM_USE_DEEP_GEMM\": true", "\"VLLM_USE_DEEP_GEMM\": false");
  const Fairness fairness = between(bf16(), other);
  EXPECT_TRUE(fairness.comparable());
  ASSERT_FALSE(fairness.differences.empty());
  EXPECT_EQ(fairness.differences.front().setting, "env.VLLM_USE_DEEP_GEMM");
  EXPECT_EQ(fairness.differences.front().kind, DifferenceKind::unknown);
}

TEST(Fairness, WhatOneDoesNotTellIsSaidNotRefused) {
  Recorded attached = awq();
  attached.texts.log.clear(), attached.texts.server_info.clear();
  const Fairness fairness = between(bf16(), attached);
  EXPECT_TRUE(fairness.comparable());
  EXPECT_THAT(fairness.not_told, Contains(HasSubstr("attention_backend could not be compared: it is not told by awq")));
  EXPECT_EQ(attached.facts().identity.verdict, IdentityVerdict::unproved);
}

}  // namespace
}  // namespace qc
