#include "measure/engines/llama_proof.h"

#include <gmock/gmock.h>

#include "gguf/gguf.h"
#include "measure/engines/probe.h"
#include "unit/engines/support.h"

namespace qc {
namespace {

using testing::HasSubstr;
using enum IdentityVerdict;

VariantFacts started(std::int64_t loaded) {
  VariantFacts f;
  f.command = "llama-server -m q4.gguf", f.tensor_mix = "Q4_0 210, F32 61 (4.9 bits a weight)", f.bits_per_weight = 4.9, f.file_bytes = 91'700'000, f.weights_bytes = loaded;
  return f;
}

TEST(LlamaProof, AFileWhoseBytesWereLoadedIsProved) {
  const Identity identity = llama_identity(started(92'000'000), {});
  EXPECT_EQ(identity.verdict, proved);
  EXPECT_EQ(identity.because, "its file holds Q4_0 210, F32 61 (4.9 bits a weight), and 0.09 GiB were loaded");
  EXPECT_EQ(llama_identity(started(40'000'000), {}).verdict, contradicted);
  VariantFacts repacked = started(150'000'000);
  repacked.add_setting("weight buffers", "CPU_Mapped 85.30 MiB, CPU_REPACK 56.95 MiB");
  EXPECT_THAT(llama_identity(repacked, {}).because, testing::EndsWith(", and 0.14 GiB were loaded, some of it twice: once more in a layout that its kernels read faster"));
}

TEST(LlamaProof, AnAttachedServersOwnWordsProveNothingButCanContradict) {
  VariantFacts f;
  f.method = "Q4_0 (GGUF)", f.parameters = 134'515'008, f.weights_bytes = 103'668'480;
  EXPECT_EQ(llama_identity(f, {}).verdict, unproved);
  f.weights_bytes = 270'900'000;   // BF16's
  EXPECT_EQ(llama_identity(f, {}).verdict, contradicted);
  f.method = "BF16";
  EXPECT_EQ(llama_identity(f, {}).verdict, unproved);
  EXPECT_THAT(llama_identity(f, "gguf:Q4_0").because, HasSubstr("16.1 bits a weight"));
}

TEST(LlamaProof, SamplingAndGuessedTokensComeFromProps) {
  const auto props = parse_props(test::fixture("llamacpp/props.json"));
  ASSERT_TRUE(props);
  VariantFacts f;
  f.slots = props->slots, f.context_per_request = props->context;
  SettingList settings;
  add_llama_settings(f, &*props, settings);
  EXPECT_EQ(value_of(settings.all(), "sampling_defaults"), "temperature 0.8, top_k 40, top_p 0.95, min_p 0.05, typical_p 1, repeat_penalty 1, presence_penalty 0, frequency_penalty 0");
  EXPECT_EQ(value_of(settings.all(), "speculative"), "none");
  EXPECT_EQ(value_of(settings.all(), "max_num_seqs"), "4");
}

TEST(LlamaProof, AGgufHeaderTellsTheShape) {
  const auto header = read_gguf_header(test::smollm2_like("shape.gguf"));
  ASSERT_TRUE(header);
  SettingList settings;
  add_gguf_settings(*header, settings);
  EXPECT_EQ(value_of(settings.all(), "hidden_size") + " " + value_of(settings.all(), "layers") + " " + value_of(settings.all(), "kv_heads"), "576 30 3");
}

}  // namespace
}  // namespace qc
