#pragma once
// What a checkpoint's tensors say by their names, dtypes and shapes: how many parameters, how many bits each, what is quantized.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "checkpoint/safetensors.h"

namespace qc {

/// Parameters are counted as the model has them: an I32 of 4-bit weights holds eight. Scales, zero points and the like are none.
struct TensorFacts {
  std::uint64_t bytes = 0;                ///< all tensors, scales too
  std::optional<double> parameters;       ///< empty: weights are packed, and nobody says at how many bits
  std::optional<double> bits_per_weight;  ///< bytes x 8 / parameters
  int linear = 0;                         ///< weight matrices inside the layers: neither embedding nor output layer
  int quantized = 0;                      ///< those of them below 16 bits
  std::vector<std::string> quantized_as;  ///< their kinds, the most bytes first: "I32 packed", "I8", "F8_E4M3"
  std::string plain;                      ///< what holds the most bytes of all that is not quantized: "BF16"; empty: nothing does
  std::string mix;                        ///< "I32 packed 224, BF16 67": parameters' tensors by kind, the most bytes first
};

/// `packed_bits`: of a weight that is packed into a wider type, as the config has it.
TensorFacts tensor_facts(const std::vector<StoredTensor>& tensors, std::optional<int> packed_bits);

}  // namespace qc
