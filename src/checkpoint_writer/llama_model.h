#pragma once
// The sizes and constants of one llama model, out of a GGUF's keys.
#include <cstdint>
#include <optional>

#include "core/result.h"
#include "gguf/gguf.h"

namespace qc {

struct SourceModel {
  std::uint64_t layers = 0, hidden = 0, middle = 0;  ///< middle: between ffn_up and ffn_down
  std::uint64_t heads = 0, kv_heads = 0, head = 0;   ///< head: width of one
  std::uint64_t query = 0, key_value = 0;            ///< rows of Q; of K and of V
  std::uint64_t vocabulary = 0, context = 0;
  double rms_epsilon = 0, rope_base = 0;
  bool tied = true;                                  ///< the embedding is the head, too
  std::uint64_t bos = 0, eos = 0, pad = 0;           ///< words, all within the vocabulary
  std::optional<std::uint64_t> unknown;
};

/// Fails as usage where the architecture is another, a key is missing, or the model uses what a plain llama config can't say (scaled RoPE,
/// partly rotated heads), and as damaged where sizes do not fit together.
Result<SourceModel> llama_model(const GgufHeader& header);

}  // namespace qc
