// vLLM 0.32 on a CPU, as recorded: its log tells no GiB, and its /server_info is JSON.
#include <gmock/gmock.h>

#include "unit/fairness/recorded.h"

namespace qc {
namespace {

using test::fixture;
using test::Recorded;
using testing::Contains;
using testing::HasSubstr;

Recorded on_cpu(const std::string& name, const std::string& log, const std::string& info, const std::string& quantization, const std::string& format) {
  Recorded server{name, {fixture("vllm/starts/" + log), info.empty() ? "" : fixture("vllm/" + info), ""}, test::llama_8b(quantization, format), "0.32.0"};
  server.checkpoint->facts.emplace();
  server.checkpoint->facts->mix = format == "bf16" ? "BF16 272" : "I8 210, BF16 62";
  return server;
}

Recorded cpu_fp8() { return on_cpu("fp8", "cpu_fp8.log", "", test::compressed("float-quantized", 8, "float"), "fp8"); }
Recorded cpu_int8() { return on_cpu("int8", "cpu_int8.log", "", test::compressed("int-quantized", 8, "int"), "w8a8_int8"); }
Recorded gptq() { return on_cpu("gptq", "cpu_gptq.log", "server_info_cpu_gptq.json", test::compressed("pack-quantized", 4, "int"), "w4a16"); }

TEST(OnCpu, ThreeEagerServersAreFairAndTheSlowFallbackIsSaid) {
  const Fairness fairness = find_differences({cpu_int8().facts(), cpu_fp8().facts(), gptq().facts()}, {});
  EXPECT_EQ(refusal(fairness), "");
  EXPECT_THAT(fairness.slow_kernels, Contains("fp8: its kernel is a slow fallback, which the engine took by itself: ChannelWiseTorchFP8ScaledMMLinearKernel for CompressedTensorsW8A8Fp8."));
}

TEST(OnCpu, TensorHeadersAndTheKernelLineProve) {
  const Identity identity = cpu_int8().facts().identity;
  EXPECT_EQ(identity.verdict, IdentityVerdict::proved);
  EXPECT_EQ(identity.because, "w8a8_int8: its tensors are I8 210, BF16 62; kernel CPUInt8ScaledMMLinearKernel for CompressedTensorsW8A8Int8");
  Recorded silent = cpu_int8();
  test::swap_in(silent.texts.log, "Selected CPUInt8ScaledMMLinearKernel for CompressedTensorsW8A8Int8", "");
  EXPECT_EQ(silent.facts().identity.verdict, IdentityVerdict::unproved);
  EXPECT_THAT(silent.facts().identity.because, HasSubstr("names neither the size loaded nor a kernel"));
}

// The recorded BF16 server was compiled, the others ran eagerly: a pair that nobody should compare.
TEST(OnCpu, CompiledBesideEagerIsRefusedByItsNameAlone) {
  const Recorded bf16 = on_cpu("bf16", "cpu_bf16.log", "server_info_cpu_bf16.json", "", "bf16");
  const Fairness fairness = find_differences({bf16.facts(), gptq().facts()}, {});
  EXPECT_EQ(test::names_of(fairness.refused()), std::vector<std::string>{"enforce_eager"});
}

TEST(OnCpu, ServerInfoAsJsonTellsWhatTheLogDoesNot) {
  Recorded attached = gptq();
  attached.texts.log.clear();
  const auto facts = attached.facts();
  EXPECT_EQ(value_of(facts.proof, "max_num_seqs"), "16");
  EXPECT_EQ(value_of(facts.proof, "max_num_batched_tokens"), "2048");
  EXPECT_EQ(value_of(facts.proof, "prefix_caching"), "on");
  EXPECT_EQ(value_of(facts.proof, "speculative"), "none");
  EXPECT_EQ(value_of(facts.proof, "config.scheduler_config.policy"), "fcfs");
  EXPECT_EQ(value_of(facts.proof, "env.VLLM_WORKER_MULTIPROC_METHOD"), "spawn");
}

TEST(OnCpu, KeysAndTokensAreLeftOut) {
  Recorded attached = gptq();
  attached.texts.log.clear();
  test::swap_in(attached.texts.server_info, "\"vllm_env\":{", "\"vllm_env\":{\"VLLM_API_KEY\":\"sk-1\",");
  test::swap_in(attached.texts.server_info, "\"hf_token\":null", "\"hf_token\":\"hf_1\"");
  for (const auto& s : attached.facts().proof) EXPECT_TRUE(s.value != "sk-1" && s.value != "hf_1" && s.name != "system.env_vars") << s.name;
}

}  // namespace
}  // namespace qc
