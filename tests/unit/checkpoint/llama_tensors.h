#pragma once
// The tensors of Llama-3.1-8B as the tools write them, in each format: names, dtypes and shapes as in public checkpoints.
#include <cstdint>
#include <string>

#include "support/safetensors_file.h"

namespace qc::test {

using AddLinear = void (*)(SafetensorsFile&, const std::string& name, std::uint64_t in, std::uint64_t out);

inline void plain_linear(SafetensorsFile& f, const std::string& name, std::uint64_t in, std::uint64_t out) { f.tensor(name + ".weight", "BF16", {out, in}); }

inline void awq_linear(SafetensorsFile& f, const std::string& name, std::uint64_t in, std::uint64_t out) {
  f.tensor(name + ".qweight", "I32", {in, out / 8}).tensor(name + ".qzeros", "I32", {in / 128, out / 8}).tensor(name + ".scales", "F16", {in / 128, out});
}

inline void gptq_linear(SafetensorsFile& f, const std::string& name, std::uint64_t in, std::uint64_t out) {
  f.tensor(name + ".g_idx", "I32", {in}).tensor(name + ".qweight", "I32", {in / 8, out});
  f.tensor(name + ".qzeros", "I32", {in / 128, out / 8}).tensor(name + ".scales", "F16", {in / 128, out});
}

inline void w4a16_linear(SafetensorsFile& f, const std::string& name, std::uint64_t in, std::uint64_t out) {
  f.tensor(name + ".weight_packed", "I32", {out, in / 8}).tensor(name + ".weight_scale", "BF16", {out, in / 128}).tensor(name + ".weight_shape", "I64", {2});
}

inline void int8_linear(SafetensorsFile& f, const std::string& name, std::uint64_t in, std::uint64_t out) {
  f.tensor(name + ".weight", "I8", {out, in}).tensor(name + ".weight_scale", "BF16", {out, 1});
}

inline void fp8_linear(SafetensorsFile& f, const std::string& name, std::uint64_t in, std::uint64_t out) {
  f.tensor(name + ".weight", "F8_E4M3", {out, in}).tensor(name + ".weight_scale", "BF16", {out, 1});
}

inline void llama_layer(SafetensorsFile& f, int layer, AddLinear linear) {
  const std::string name = "model.layers." + std::to_string(layer);
  f.tensor(name + ".input_layernorm.weight", "BF16", {4096}).tensor(name + ".post_attention_layernorm.weight", "BF16", {4096});
  for (const char* square : {"q", "o"}) linear(f, name + ".self_attn." + square + "_proj", 4096, 4096);
  for (const char* narrow : {"k", "v"}) linear(f, name + ".self_attn." + narrow + "_proj", 4096, 1024);
  for (const char* wide : {"gate", "up"}) linear(f, name + ".mlp." + wide + "_proj", 4096, 14336);
  linear(f, name + ".mlp.down_proj", 14336, 4096);
}

inline SafetensorsFile llama_8b(AddLinear linear) {
  SafetensorsFile f;
  f.tensor("model.embed_tokens.weight", "BF16", {128256, 4096}).tensor("lm_head.weight", "BF16", {128256, 4096}).tensor("model.norm.weight", "BF16", {4096});
  for (int layer = 0; layer < 32; ++layer) llama_layer(f, layer, linear);
  return f;
}

}  // namespace qc::test
