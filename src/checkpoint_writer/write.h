#pragma once
// Hugging Face folders out of a GGUF file, so that the engines which read those can serve the sample model too.
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

#include "core/result.h"

namespace qc {

enum class CheckpointFormat {
  bf16,
  w8a8_int8,  ///< int8 weights, a scale for each row; activations are made int8 for each token by the server
  w4a16,      ///< 4-bit weights, a scale for each group of columns
};
/// By the words that a study's `expect` uses: bf16, w8a8_int8, w4a16.
std::optional<CheckpointFormat> checkpoint_format(std::string_view word);

struct CheckpointOptions {
  CheckpointFormat format = CheckpointFormat::bf16;
  std::uint64_t group = 64;  ///< columns that share a scale, of w4a16
};

struct CheckpointSummary {
  std::size_t quantized = 0;      ///< matrices; embedding, head and norms stay BF16
  std::size_t words = 0;          ///< of the vocabulary
  std::uint64_t tensor_bytes = 0; ///< of model.safetensors, without its header
};

/// Writes a folder with model.safetensors, config.json, generation_config.json, tokenizer.json and tokenizer_config.json. `from`: a dense
/// llama-architecture GGUF without biases, of types that can_dequantize accepts, its tokenizer SmolLM's byte-level BPE. Weights are rounded to
/// nearest, symmetric, and described as compressed-tensors does. The same input gives the same bytes on every machine; a row is in memory at a time.
/// Fails as usage (what can't be carried over; `to` is there already) or damaged. The folder appears under its name when it is whole.
Result<CheckpointSummary> write_checkpoint(const std::filesystem::path& from, const std::filesystem::path& to, const CheckpointOptions& options);

}  // namespace qc
