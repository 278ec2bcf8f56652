#pragma once
// A llama-shaped GGUF of some hundred weights: one block, 8 wide, 4 query heads of 2 on 2 value heads, 32 in the middle.
#include "support/gguf_file.h"

namespace qc::test {

/// Float i of every tensor: multiples of 1/64 between -1 and 1, never 0, so that each is exact in BF16.
inline std::string tiny_weights(std::size_t n, std::uint32_t start) {
  std::string out;
  for (std::size_t i = 0; i < n; ++i) {
    const int step = static_cast<int>((start + i * 37) % 127) - 63;
    out += raw(static_cast<float>(step == 0 ? 64 : step) / 64.0f);
  }
  return out;
}

inline GgufFile tiny_llama() {
  GgufFile f;
  f.word("general.architecture", "llama").number("general.file_type", 3).word("general.name", "tiny");
  f.number("llama.block_count", 1).number("llama.attention.head_count", 4).number("llama.attention.head_count_kv", 2);
  std::uint32_t start = 0;
  const auto add = [&](const std::string& name, std::vector<std::uint64_t> shape) {
    const std::size_t n = shape[0] * (shape.size() > 1 ? shape[1] : 1);
    f.tensor(name, shape, 0, tiny_weights(n, start += 11));
  };
  add("token_embd.weight", {8, 3});
  add("blk.0.attn_norm.weight", {8});
  add("blk.0.attn_q.weight", {8, 8});
  add("blk.0.attn_k.weight", {8, 4});
  add("blk.0.attn_v.weight", {8, 4});
  add("blk.0.attn_v.bias", {4});
  add("blk.0.attn_output.weight", {8, 8});
  add("blk.0.ffn_norm.weight", {8});
  add("blk.0.ffn_gate.weight", {8, 32});
  add("blk.0.ffn_up.weight", {8, 32});
  add("blk.0.ffn_down.weight", {32, 8});
  add("output_norm.weight", {8});
  return f;
}

}  // namespace qc::test
