#pragma once
// Makes the sample baseline: dequantizes a GGUF to BF16 and takes its weights off the 4-bit grid without changing what the
// model computes, so that quantizing it again costs what it costs a publisher's original.
#include <cstdint>
#include <filesystem>

#include "core/result.h"

namespace qc {

struct RegaugeOptions {
  std::uint64_t seed = 1;
  bool regauge = true;        ///< false: only dequantize to BF16 (the plain one that a test compares with)
  double span = 0.5;          ///< gains are 2^u, u uniform in [-span, span]
};

/// Reads a llama-architecture GGUF of types F32, F16, BF16, Q8_0, Q4_0, Q4_1 and writes one whose matrices are BF16, keys kept.
/// Each norm's gain is multiplied by random t and its readers' columns divided by t; rows of V and ffn_up are multiplied by s
/// and the columns of attn_output and ffn_down divided by it. Deterministic in the seed, on every machine.
/// Fails as usage (architecture or type not supported) or damaged. Writes to a temporary name and renames.
Status regauge(const std::filesystem::path& from, const std::filesystem::path& to, const RegaugeOptions& options);

}  // namespace qc
