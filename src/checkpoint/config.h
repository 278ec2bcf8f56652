#pragma once
// What a checkpoint's config.json says: the model's shape, and how its weights are said to be quantized.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace qc {

/// How numbers are stored. Scales are one a tensor, channel, token, group of `group_size` inputs or `block` of weights.
struct NumberFormat {
  std::optional<int> bits = {};
  std::string type = {};                  ///< int | float | nf4 | fp4; empty: not said
  std::string strategy = {};              ///< tensor | channel | token | group | block; empty: not said
  std::optional<int> group_size = {};     ///< set when the strategy is group
  std::vector<std::uint64_t> block = {};  ///< rows and columns when the strategy is block
  std::optional<bool> symmetric = {};     ///< false: stored with zero points
  std::optional<bool> dynamic = {};       ///< scales are found while serving
};

/// Layers that are quantized alike.
struct QuantizedGroup {
  std::vector<std::string> targets = {};  ///< "Linear", layer names, "re:..."; empty: every linear layer
  NumberFormat weights = {};
  std::optional<NumberFormat> activations = {};  ///< empty: they stay as they are
};

/// quantization_config (or compression_config), whatever the method calls its fields.
struct Quantization {
  std::string method;                     ///< quant_method as written: awq, gptq, compressed-tensors, fp8, bitsandbytes ...; else "unknown"
  std::string format;                     ///< of compressed-tensors: pack-quantized, int-quantized, float-quantized ...
  std::vector<QuantizedGroup> groups;     ///< one, except where compressed-tensors has more; none for methods that we can't read
  std::vector<std::string> ignore;        ///< layers left as they are: names, parts of names or "re:..."
  std::optional<bool> desc_act;           ///< gptq: columns in order of their activations
  std::optional<NumberFormat> kv_cache;   ///< kv_cache_scheme
  /// Bits of a quantized weight, when all groups have the same.
  [[nodiscard]] std::optional<int> weight_bits() const;
};

struct ModelConfig {
  std::vector<std::string> architectures;
  std::optional<std::string> dtype;       ///< of what is not quantized: bfloat16, float16, float32
  std::optional<std::int64_t> hidden_size, layers, heads, kv_heads, head_dim, intermediate_size, vocab_size, max_positions;
  std::optional<bool> tied_embeddings;    ///< the output layer is the embedding
  std::optional<bool> attention_bias, mlp_bias;
  std::optional<Quantization> quantization;
};

/// Reads config.json's text; fields of a multimodal model's text_config count where the top has none. A field of another type than
/// expected counts as absent. Fails as damaged, naming `what`, when the text is no JSON object.
Result<ModelConfig> parse_config(std::string_view text, std::string_view what);

}  // namespace qc
