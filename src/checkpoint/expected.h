#pragma once
// How large a checkpoint's weights will be, from its config alone: for servers that fill a model with random numbers.
#include <cstdint>
#include <optional>

#include "checkpoint/config.h"

namespace qc {

/// Bytes of all tensors: the layers' linear weights at the config's bits with their scales (16 bits each) and, unless symmetric, zero
/// points (the weight's bits each); embedding, output layer and norms in the config's dtype. Empty for architectures other than those
/// of Llama's build (Llama, Mistral, Qwen2, Qwen3), and where the config leaves a size, the bits or what is ignored open.
std::optional<std::uint64_t> expected_weight_bytes(const ModelConfig& config);

/// Parameters of the whole model, whatever its weights are stored in. Empty as above, but for the quantization, which does not matter here.
std::optional<double> expected_parameters(const ModelConfig& config);

}  // namespace qc
