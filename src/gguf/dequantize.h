#pragma once
// Numbers out of ggml's simple block formats, and into BF16. The same bits on every machine: no fused multiply-add (CMakeLists.txt).
#include <cstddef>
#include <cstdint>
#include <span>

#include "gguf/gguf.h"

namespace qc {

/// True for F32, F16, BF16, Q8_0, Q4_0 and Q4_1.
bool can_dequantize(const TensorType& type);

/// Whole blocks to floats. `type` must be one that can_dequantize accepts, `bytes` hold exactly out.size() elements of it.
void dequantize(const TensorType& type, std::span<const std::byte> bytes, std::span<float> out);

float from_f16(std::uint16_t bits);
float from_bf16(std::uint16_t bits);
/// Rounds to nearest, ties to even; a NaN stays a (quiet) NaN.
std::uint16_t to_bf16(float value);

}  // namespace qc
