#include "measure/engines/vllm_log.h"

#include <gmock/gmock.h>

#include <cmath>

#include "unit/engines/support.h"

namespace qc {
namespace {

using test::fixture;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::int64_t gib(double n) { return std::llround(n * 1024 * 1024 * 1024); }

// The figures are those that the recording's own table gives for each start.
TEST(VllmLog, OfAnAwqModelOnAnH100) {
  const auto log = read_vllm_log(fixture("vllm/starts/h100_awq.log"));
  EXPECT_EQ(log.version, "0.25.1");
  EXPECT_EQ(log.quantization, "auto_awq");
  EXPECT_EQ(log.dtype, "bfloat16");
  EXPECT_EQ(log.kv_dtype, "auto");
  EXPECT_EQ(log.max_model_len, 20480);
  EXPECT_EQ(log.eager, false);
  EXPECT_EQ(log.prefix_caching, false);
  EXPECT_EQ(log.chunked_prefill, true);
  EXPECT_EQ(log.speculative, "");
  EXPECT_EQ(log.attention, "FLASH_ATTN");
  EXPECT_THAT(log.kernels, ElementsAre("MacheteLinearKernel for AutoAWQMarlinLinearMethod"));
  EXPECT_EQ(log.weights_bytes, gib(5.49));
  EXPECT_EQ(log.kv_bytes, gib(64.44));
  EXPECT_EQ(log.kv_tokens, 527920);
  EXPECT_EQ(log.graph_bytes, gib(0.37));
  EXPECT_THAT(log.sampling_override, HasSubstr("'temperature': 0.6"));
}

TEST(VllmLog, OfABaselineThatHasNoQuantizedLayer) {
  const auto log = read_vllm_log(fixture("vllm/starts/h100_bf16.log"));
  EXPECT_EQ(log.quantization, "");
  EXPECT_THAT(log.kernels, IsEmpty());
  EXPECT_EQ(log.weights_bytes, gib(15.0));
  EXPECT_EQ(log.kv_tokens, 449968);
}

TEST(VllmLog, KernelsOfTheOtherFormats) {
  EXPECT_THAT(read_vllm_log(fixture("vllm/starts/h100_fp8.log")).kernels, ElementsAre("CutlassFP8ScaledMMLinearKernel for CompressedTensorsW8A8Fp8"));
  EXPECT_THAT(read_vllm_log(fixture("vllm/starts/h100_int8.log")).kernels, ElementsAre("CutlassInt8ScaledMMLinearKernel for CompressedTensorsW8A8Int8"));
  EXPECT_THAT(read_vllm_log(fixture("vllm/starts/h100_w4a16.log")).kernels, ElementsAre("MacheteLinearKernel for CompressedTensorsWNA16"));
  EXPECT_THAT(read_vllm_log(fixture("vllm/starts/cpu_fp8.log")).kernels, ElementsAre("ChannelWiseTorchFP8ScaledMMLinearKernel for CompressedTensorsW8A8Fp8"));
  EXPECT_THAT(read_vllm_log(fixture("vllm/starts/cpu_gptq.log")).kernels, testing::Contains("CPUWNA16LinearKernel for CompressedTensorsWNA16"));
}

TEST(VllmLog, OfFourBitsInCompressedTensorsOnTheCard) {
  const auto log = read_vllm_log(fixture("vllm/starts/h100_w4a16.log"));
  EXPECT_EQ(log.quantization, "compressed-tensors");
  EXPECT_EQ(log.weights_bytes, gib(5.36));
  EXPECT_EQ(log.kv_bytes, gib(63.08));
  EXPECT_EQ(log.kv_tokens, 516736);
}

TEST(VllmLog, OfARealGptqCheckpointAndTheBf16BesideIt) {
  const auto gptq = read_vllm_log(fixture("vllm/h100_gptq/start.log")), plain = read_vllm_log(fixture("vllm/h100_gptq/start_bf16.log"));
  EXPECT_THAT(gptq.kernels, testing::Contains("MacheteLinearKernel for AutoGPTQLinearMethod"));
  EXPECT_EQ(gptq.weights_bytes, gib(0.99));
  EXPECT_EQ(gptq.kv_tokens, 461104);
  EXPECT_THAT(plain.kernels, IsEmpty());
  EXPECT_EQ(plain.weights_bytes, gib(2.32));
  EXPECT_EQ(plain.kv_tokens, 419184);
  EXPECT_EQ(read_vllm_log(fixture("vllm/h100_gptq/start_bf16_memory_released.log")).kv_tokens, 488928);
}

// Lines as other releases have them: 0.9 and 0.10 name the backend in words, 0.19 with its class where it was asked for; activations before their words since 0.10.2.
TEST(VllmLog, WhatOtherReleasesWrite) {
  const auto attention = [](const std::string& line) { return read_vllm_log("INFO 09-24 10:00:00 [cuda.py:1] " + line + "\n").attention; };
  EXPECT_EQ(attention("Using Flash Attention backend on V1 engine."), "FLASH_ATTN");
  EXPECT_EQ(attention("Using FlashInfer backend on V1 engine."), "FLASHINFER");
  EXPECT_EQ(attention("Using Triton backend on V1 engine."), "TRITON_ATTN");
  EXPECT_EQ(attention("Using AttentionBackendEnum.FLASH_ATTN backend."), "FLASH_ATTN");
  const auto memory = read_vllm_log("INFO [gpu_worker.py:1] Desired GPU memory utilization is (0.9, 21.2 GiB). Actual usage is 15.26 GiB for consumed memory (weights + non-torch), 1.44 GiB for peak activation, and 0.23 GiB for CUDAGraph memory.\n");
  EXPECT_EQ(memory.activation_bytes, gib(1.44));
  EXPECT_EQ(memory.graph_bytes, gib(0.23));
  const auto sampling = read_vllm_log("WARNING [model.py:1] Default sampling parameters have been overridden by the model's Hugging Face generation config recommended from the model creator. If this is not intended\n"
                                      "INFO [serving_chat.py:1] Using default chat sampling params from model: {'repetition_penalty': 1.1, 'temperature': 0.7}\n");
  EXPECT_EQ(sampling.sampling_override, "{'repetition_penalty': 1.1, 'temperature': 0.7}");
  const auto old = read_vllm_log("INFO [llm_engine.py:234] Initializing an LLM engine (v0.6.6) with config: model='m', dtype=torch.bfloat16, tensor_parallel_size=2, pipeline_parallel_size=2, enforce_eager=False, chunked_prefill_enabled=True, pooler_config=None\n");
  EXPECT_EQ(old.chunked_prefill, true);
  EXPECT_EQ(old.workers, 4);
}

TEST(VllmLog, RandomValuesInEveryTensorAreSaid) {
  const std::string start = fixture("vllm/starts/h100_w4a16.log");
  EXPECT_FALSE(read_vllm_log(start).weights_filled);
  EXPECT_TRUE(read_vllm_log(start + "(EngineCore pid=2280) INFO 11-30 01:09:35 [quantcase_random_weights.py:97] quantcase random weights: 451 tensors filled (195 float, 256 integer), 128 left as they were\n").weights_filled);
}

TEST(VllmLog, EagerIsTold) { EXPECT_EQ(read_vllm_log(fixture("vllm/starts/h100_bf16_eager_sleep.log")).eager, true); }

TEST(VllmLog, OnTheCpu) {
  const auto log = read_vllm_log(fixture("vllm/starts/cpu_int8.log"));
  EXPECT_EQ(log.version, "0.32.0");
  EXPECT_EQ(log.quantization, "compressed-tensors");
  EXPECT_EQ(log.kv_tokens, 46592);
  EXPECT_EQ(log.kv_bytes, gib(1.0));
  EXPECT_EQ(log.weights_bytes, std::nullopt);   // the CPU does not say it
}

// As 0.11 and 0.13 wrote them of models with experts: their backend is not that of attention.
TEST(VllmLog, TheBackendOfExpertsIsNotThatOfAttention) {
  const std::string attention = "INFO 12-01 10:00:00 [cuda.py:351] Using FLASHINFER attention backend out of potential backends: ('FLASHINFER', 'TRITON_ATTN')\n";
  EXPECT_EQ(read_vllm_log(attention + "INFO 12-01 10:00:01 [fp8.py:205] Using Triton backend for FP8 MoE\n").attention, "FLASHINFER");
  EXPECT_EQ(read_vllm_log(attention + "INFO 12-01 10:00:01 [mxfp4.py:150] Using Triton backend\n").attention, "FLASHINFER");
  EXPECT_EQ(read_vllm_log("INFO 12-01 10:00:01 [cuda.py:230] Using Triton backend on V1 engine.\n").attention, "TRITON_ATTN");
  EXPECT_EQ(read_vllm_log("INFO 12-01 10:00:01 selector.py:135] Using Flash Attention backend.\n").attention, "FLASH_ATTN");
}

// As release 0.6 wrote it (by hand from its source).
TEST(VllmLog, OfAnOldRelease) {
  const auto log = read_vllm_log(
      "INFO 11-20 10:00:00 api_server.py:528] vLLM API server version 0.6.3.post1\n"
      "INFO 11-20 10:00:01 awq_marlin.py:93] The model is convertible to awq_marlin during runtime. Using awq_marlin kernel.\n"
      "INFO 11-20 10:00:02 llm_engine.py:237] Initializing an LLM engine (v0.6.3.post1) with config: model='m', speculative_config=None, tokenizer='m', "
      "dtype=torch.float16, max_seq_len=4096, quantization=awq_marlin, enforce_eager=False, kv_cache_dtype=auto, served_model_name=m, enable_prefix_caching=False)\n"
      "INFO 11-20 10:00:05 model_runner.py:1067] Loading model weights took 1.9456 GB\n"
      "INFO 11-20 10:00:08 worker.py:232] Memory profiling results: total_gpu_memory=7.92GiB initial_memory_usage=0.56GiB peak_torch_memory=3.12GiB memory_usage_post_profile=0.61GiB non_torch_memory=0.05GiB kv_cache_size=3.54GiB gpu_memory_utilization=0.90\n"
      "INFO 11-20 10:00:09 gpu_executor.py:122] # GPU blocks: 21000, # CPU blocks: 7281\n"
      "INFO 11-20 10:00:30 model_runner.py:1523] Graph capturing finished in 15 secs.\n");
  EXPECT_EQ(log.version, "0.6.3.post1");
  EXPECT_EQ(log.quantization, "awq_marlin");
  EXPECT_EQ(log.dtype, "float16");
  EXPECT_THAT(log.kernels, ElementsAre("awq_marlin"));
  EXPECT_EQ(log.weights_bytes, gib(1.9456));
  EXPECT_EQ(log.kv_tokens, 21000 * 16);
  EXPECT_EQ(log.kv_bytes, gib(3.54));
  EXPECT_EQ(log.graph_bytes, std::nullopt);
}

TEST(VllmLog, AnyTextWillDo) {
  EXPECT_EQ(read_vllm_log("").version, "");
  EXPECT_EQ(read_vllm_log("LLM engine (v with config quantization=\nKV cache size: \nModel loading took GiB\nGraph capturing finished took -\n").kv_tokens, std::nullopt);
  EXPECT_FALSE(is_vllm_log("0.00.000.001 I srv  main: loading model"));
}

TEST(VllmPhase, FollowsTheStart) {
  const auto log = fixture("vllm/starts/h100_bf16.log");
  const auto upto = [&](const char* mark) { return log.substr(0, log.find(mark) + std::string(mark).size()); };
  EXPECT_EQ(vllm_phase(upto("non-default args")), "importing and checking the configuration");
  EXPECT_EQ(vllm_phase(upto("Loading model from scratch")), "loading the weights");
  EXPECT_EQ(vllm_phase(upto("Model loading took")), "profiling memory");
  EXPECT_EQ(vllm_phase(upto("torch.compile took")), "compiling");
  EXPECT_EQ(vllm_phase(log), "opening its port");
  EXPECT_EQ(vllm_phase(""), "");
  // Eager: torch.compile is named only as what is not done.
  EXPECT_EQ(vllm_phase("vLLM API server version 0.25.1\nnon-default args: {}\nEnforce eager set, disabling torch.compile and CUDAGraphs."), "importing and checking the configuration");
}

TEST(VllmCauses, TheEnginesOwnErrorComesFirst) {
  EXPECT_THAT(vllm_causes(fixture("vllm/failures/no_kv_memory.log")).at(0), HasSubstr("ValueError: No available memory for the cache blocks"));
  EXPECT_THAT(vllm_causes(fixture("vllm/failures/oom_70b.log")).at(0), HasSubstr("torch.OutOfMemoryError: CUDA out of memory"));
  EXPECT_THAT(vllm_causes(fixture("vllm/failures/max_len_over_derived.log")).at(0), HasSubstr("Value error, User-specified max_model_len (200000) is greater"));
  EXPECT_THAT(vllm_causes(fixture("vllm/failures/bad_kv_dtype.log")).at(0), HasSubstr("invalid choice: 'int3'"));
  EXPECT_THAT(vllm_causes("(APIServer pid=1) RuntimeError: Engine core initialization failed. See root cause above.\n"), ElementsAre(HasSubstr("initialization failed")));
  EXPECT_THAT(vllm_causes("(EngineCore pid=1) INFO all is well\n"), IsEmpty());
}

}  // namespace
}  // namespace qc
