#include "gguf/dequantize.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstring>

namespace qc {
namespace {

template <class T>
T at(const std::byte* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

// One block of each format: `in` at its first byte, `out` for its elements.
void block_f32(const std::byte* in, float* out) { *out = at<float>(in); }
void block_f16(const std::byte* in, float* out) { *out = from_f16(at<std::uint16_t>(in)); }
void block_bf16(const std::byte* in, float* out) { *out = from_bf16(at<std::uint16_t>(in)); }

void block_q8_0(const std::byte* in, float* out) {
  const float d = from_f16(at<std::uint16_t>(in));
  for (int i = 0; i < 32; ++i) out[i] = static_cast<float>(at<std::int8_t>(in + 2 + i)) * d;
}

// Low halves of the bytes are elements 0 to 15, high halves 16 to 31.
void block_q4_0(const std::byte* in, float* out) {
  const float d = from_f16(at<std::uint16_t>(in));
  for (int i = 0; i < 16; ++i) {
    const int pair = std::to_integer<int>(in[2 + i]);
    out[i] = static_cast<float>((pair & 15) - 8) * d;
    out[i + 16] = static_cast<float>((pair >> 4) - 8) * d;
  }
}

void block_q4_1(const std::byte* in, float* out) {
  const float d = from_f16(at<std::uint16_t>(in)), m = from_f16(at<std::uint16_t>(in + 2));
  for (int i = 0; i < 16; ++i) {
    const int pair = std::to_integer<int>(in[4 + i]);
    out[i] = static_cast<float>(pair & 15) * d + m;
    out[i + 16] = static_cast<float>(pair >> 4) * d + m;
  }
}

struct Reader { std::uint32_t id; void (*block)(const std::byte*, float*); };
constexpr std::array kReaders = {Reader{0, block_f32},  Reader{1, block_f16},  Reader{30, block_bf16},
                                 Reader{8, block_q8_0}, Reader{2, block_q4_0}, Reader{3, block_q4_1}};

}  // namespace

bool can_dequantize(const TensorType& type) { return std::ranges::find(kReaders, type.id, &Reader::id) != kReaders.end(); }

void dequantize(const TensorType& type, std::span<const std::byte> bytes, std::span<float> out) {
  const auto reader = std::ranges::find(kReaders, type.id, &Reader::id);
  const auto elements = static_cast<std::size_t>(type.block_elements), size = static_cast<std::size_t>(type.block_bytes);
  assert(reader != kReaders.end() && out.size() % elements == 0 && bytes.size() == out.size() / elements * size);
  for (std::size_t block = 0; block * elements < out.size(); ++block) reader->block(&bytes[block * size], &out[block * elements]);
}

float from_f16(std::uint16_t bits) {
  const std::uint32_t sign = (bits & 0x8000u) << 16, exponent = (bits >> 10) & 31u, fraction = bits & 1023u;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7f800000u | fraction << 13);
  if (exponent > 0) return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
  const float magnitude = static_cast<float>(fraction) * 0x1p-24f;  // subnormal: exact in a float
  return sign ? -magnitude : magnitude;
}

float from_bf16(std::uint16_t bits) { return std::bit_cast<float>(std::uint32_t{bits} << 16); }

std::uint16_t to_bf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if (std::isnan(value)) return static_cast<std::uint16_t>(bits >> 16 | 64);
  return static_cast<std::uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

}  // namespace qc
