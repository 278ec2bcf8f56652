#pragma once
// Weights rounded to whole steps, symmetric about zero, and the bytes in which compressed-tensors keeps them.
#include <cstdint>
#include <span>
#include <string>

namespace qc {

/// The step of `bits`-bit numbers that reaches the largest magnitude: that over (2^bits - 1) / 2, as compressed-tensors has it, rounded to BF16,
/// for that is what the file holds. 1 where all values are zero.
float scale_of(std::span<const float> values, int bits);

/// Whole steps in a value: nearest, ties to even, within [-2^(bits-1), 2^(bits-1) - 1]. The value must be finite.
int steps(float value, float scale, int bits);

// What one row becomes, appended to `out`.
void append_bf16(std::span<const float> row, std::string& out);
void append_int8(std::span<const float> row, std::string& out);
void append_int8_scale(std::span<const float> row, std::string& out);
/// Two columns a byte, the first in the low half, each 8 above its steps: eight a little-endian 32-bit word.
/// The row must be whole groups, and a group an even number of columns.
void append_int4(std::span<const float> row, std::size_t group, std::string& out);
void append_int4_scales(std::span<const float> row, std::size_t group, std::string& out);

}  // namespace qc
