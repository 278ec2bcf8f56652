#include "checkpoint_writer/round.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "gguf/dequantize.h"

namespace qc {
namespace {

void append_one(float value, std::string& out) {
  const std::uint16_t bits = to_bf16(value);
  out += static_cast<char>(bits & 255);
  out += static_cast<char>(bits >> 8);
}

template <class Use>
void each_group(std::span<const float> row, std::size_t group, Use use) {
  assert(group > 0 && group % 2 == 0 && row.size() % group == 0);
  for (std::size_t at = 0; at < row.size(); at += group) use(row.subspan(at, group));
}

}  // namespace

float scale_of(std::span<const float> values, int bits) {
  float largest = 0;
  for (const float v : values) largest = std::max(largest, std::abs(v));
  const float scale = from_bf16(to_bf16(largest / (static_cast<float>((1 << bits) - 1) / 2)));
  return scale > 0 ? scale : 1;
}

int steps(float value, float scale, int bits) {
  const float half = static_cast<float>(1 << (bits - 1));
  return static_cast<int>(std::clamp(std::nearbyint(value / scale), -half, half - 1));
}

void append_bf16(std::span<const float> row, std::string& out) {
  for (const float v : row) append_one(v, out);
}

void append_int8(std::span<const float> row, std::string& out) {
  const float scale = scale_of(row, 8);
  for (const float v : row) out += static_cast<char>(steps(v, scale, 8));
}

void append_int8_scale(std::span<const float> row, std::string& out) { append_one(scale_of(row, 8), out); }

void append_int4(std::span<const float> row, std::size_t group, std::string& out) {
  each_group(row, group, [&](std::span<const float> part) {
    const float scale = scale_of(part, 4);
    for (std::size_t i = 0; i < part.size(); i += 2) out += static_cast<char>((steps(part[i], scale, 4) + 8) | (steps(part[i + 1], scale, 4) + 8) << 4);
  });
}

void append_int4_scales(std::span<const float> row, std::size_t group, std::string& out) {
  each_group(row, group, [&](std::span<const float> part) { append_one(scale_of(part, 4), out); });
}

}  // namespace qc
