// Recorded logs; expected values read off them by hand (MiB x 1,048,576).
#include "measure/engines/llama_log.h"

#include "unit/engines/support.h"

namespace qc {
namespace {

using test::fixture;

TEST(LlamaLog, ReadsAStart) {
  const auto log = read_llama_log(fixture("llamacpp/start_q8_0.log"));
  EXPECT_EQ(log.weights_bytes, 143025766);  // 136.40 MiB
  EXPECT_EQ(log.kv_bytes, 5892997);         // 5.62 MiB
  EXPECT_EQ(log.kv_tokens, 256);
  EXPECT_EQ(log.other_bytes, 199229 + 7214203);  // output 0.19 and compute 6.88 MiB
  EXPECT_EQ(log.slots, 1);
  EXPECT_EQ(log.context_per_slot, 256);
  EXPECT_EQ(log.build, "build 1 (de3ff81)");
  EXPECT_EQ(log.flash_attention, "enabled");
  EXPECT_EQ(log.kv_type, "f16");
  EXPECT_EQ(log.buffers, "CPU_Mapped 136.40 MiB");
  EXPECT_EQ(log.compute_bytes, 7214203);
  EXPECT_FALSE(log.host_weights_bytes);
  EXPECT_EQ(log.threads, "2");
  EXPECT_EQ(log.system_info.substr(0, 35), "n_threads = 2 (n_threads_batch = 2)");
}

TEST(LlamaLog, AddsBuffersAndMultipliesCellsByStreams) {
  const auto log = read_llama_log(fixture("llamacpp/start_q4_0_repack.log"));
  EXPECT_EQ(log.weights_bytes, 89443533 + 59716403);
  EXPECT_EQ(log.buffers, "CPU_Mapped 85.30 MiB, CPU_REPACK 56.95 MiB");
  EXPECT_EQ(log.kv_bytes, 47185920);
  EXPECT_EQ(log.kv_tokens, 4 * 512);
  EXPECT_EQ(log.slots, 4);
  EXPECT_EQ(log.context_per_slot, 512);
}

constexpr char kOneListing[] =
    "load_tensors: loading model tensors, this can take a while...\n"
    "load_tensors:   CPU_Mapped model buffer size =     {W} MiB\n"
    "llama_context: constructing llama_context\n"
    "llama_kv_cache: size =   {K} MiB (   512 cells,  30 layers,  2/1 seqs), K (q8_0):    5.62 MiB, V (f16):    5.62 MiB\n"
    "sched_reserve: reserving ...\n"
    "sched_reserve:        CPU compute buffer size =     {C} MiB\n";

std::string listing(const std::string& weights, const std::string& kv, const std::string& compute) {
  std::string text = kOneListing;
  for (const auto& [key, value] : {std::pair<std::string, std::string>{"{W}", weights}, {"{K}", kv}, {"{C}", compute}})
    text.replace(text.find(key), 3, value);
  return text;
}

TEST(LlamaLog, OfTwoListingsTheLastCounts) {
  const auto log = read_llama_log(listing("0.00", "0.00", "0.00") + listing("10.00", "4.00", "2.00"));
  EXPECT_EQ(log.weights_bytes, 10485760);
  EXPECT_EQ(log.kv_bytes, 4194304);
  EXPECT_EQ(log.other_bytes, 2097152);
  EXPECT_EQ(log.buffers, "CPU_Mapped 10.00 MiB");
}

// As an H100 listed an 8B model: the embedding stays with the host.
TEST(LlamaLog, OnAGpuWhatLiesOnItCounts) {
  const auto log = read_llama_log(
      "load_tensors:   CPU_Mapped model buffer size =  1002.00 MiB\n"
      "load_tensors:        CUDA0 model buffer size = 14315.02 MiB\n"
      "llama_context:  CUDA_Host  output buffer size =    31.31 MiB\n"
      "sched_reserve:      CUDA0 compute buffer size =   109.01 MiB\n"
      "sched_reserve:  CUDA_Host compute buffer size =    17.01 MiB\n");
  EXPECT_EQ(log.weights_bytes, 15010386412);    // 14315.02 MiB
  EXPECT_EQ(log.host_weights_bytes, 1050673152);  // 1002 MiB
  EXPECT_EQ(log.compute_bytes, 114305270);
  EXPECT_EQ(log.other_bytes, 114305270);
}

TEST(LlamaLog, AUnifiedCacheHasOneStream) {
  const auto log = read_llama_log(listing("1.00", "1.00", "1.00"));
  EXPECT_EQ(log.kv_tokens, 512);
  EXPECT_EQ(log.kv_type, "K q8_0, V f16");
}

TEST(LlamaLog, SlidingWindowsAddACache) {
  const auto log = read_llama_log(
      "llama_kv_cache: size =   16.00 MiB (  4096 cells,   4 layers,  1/1 seqs), K (f16):    8.00 MiB, V (f16):    8.00 MiB\n"
      "llama_kv_cache: size =   30.00 MiB (  1024 cells,  30 layers,  1/1 seqs), K (f16):   15.00 MiB, V (f16):   15.00 MiB\n");
  EXPECT_EQ(log.kv_bytes, 46 * 1048576);
  EXPECT_EQ(log.kv_tokens, 4096);
}

TEST(LlamaLog, ARecurrentStateHasNoTokens) {
  const auto log = read_llama_log("llama_memory_recurrent: size =    2.00 MiB (     4 cells,  24 layers,  4 seqs  0 rs_seq), R (f32):    1.00 MiB, S (f32):    1.00 MiB\n");
  EXPECT_EQ(log.kv_bytes, 2097152);
  EXPECT_FALSE(log.kv_tokens);
}

TEST(LlamaLog, UnknownIsNotZero) {
  const auto log = read_llama_log("hello\n\nllama_kv_cache: size = many MiB\n model buffer size = \n");
  EXPECT_FALSE(log.weights_bytes || log.kv_bytes || log.kv_tokens || log.other_bytes || log.slots || log.context_per_slot);
}

TEST(TellingLines, AreErrorLinesWhereThereAreAny) {
  EXPECT_EQ(telling_lines(fixture("llamacpp/no_model.log"), 2),
            "0.00.006.254 E srv    load_model: failed to load model, 'WORK/none.gguf'\n"
            "0.00.006.753 E srv  llama_server: exiting due to model loading error");
}

TEST(TellingLines, AreTheEndOfACleanLog) {
  EXPECT_EQ(telling_lines("one\ntwo\n\nthree\n", 2), "two\nthree");
  EXPECT_EQ(telling_lines("", 3), "");
}

TEST(TellingLines, OldErrorsDoNotHideTheEnd) {
  std::string log = "0.00.001.000 E srv operator(): got exception: bad request\n";
  for (int i = 0; i < 60; ++i) log += "slot " + std::to_string(i) + "\n";
  EXPECT_EQ(telling_lines(log, 1), "slot 59");
}

TEST(TellingLines, KnowOtherProgramsErrors) {
  EXPECT_EQ(telling_lines("starting\nllama-server: error while loading shared libraries: libggml.so: cannot open shared object file\nbye\n", 3),
            "llama-server: error while loading shared libraries: libggml.so: cannot open shared object file");
}

}  // namespace
}  // namespace qc
