#pragma once
// One word for how a checkpoint's weights are stored, and whether its config and its tensors agree on it.
#include <optional>
#include <string>

#include "checkpoint/config.h"
#include "checkpoint/tensor_facts.h"

namespace qc {

/// What config.json claims: bf16, fp16, fp32, awq, gptq, w4a16, w8a16 (integers or floats), w8a8_int8, fp8, or "unknown".
std::string claimed_format(const ModelConfig& config);

struct FormatFinding {
  std::string word;                       ///< the claim; where the tensors contradict it, what they are or "unknown"
  std::optional<std::string> contradiction;  ///< a sentence; empty: they agree, or one of them says nothing
};

/// Holds the claim against the tensors. Without tensors, and for claims that are "unknown", there is nothing to contradict.
FormatFinding find_format(const ModelConfig& config, const std::optional<TensorFacts>& tensors);

}  // namespace qc
