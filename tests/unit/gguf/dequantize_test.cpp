// Bit patterns by IEEE 754 and ggml's block descriptions, worked by hand.
#include "gguf/dequantize.h"

#include <gmock/gmock.h>

#include <bit>
#include <cmath>
#include <limits>

#include "support/gguf_file.h"

namespace qc {
namespace {

using test::raw;

std::vector<float> floats(std::uint32_t type, const std::string& bytes, std::size_t n) {
  std::vector<float> out(n);
  dequantize(*tensor_type(type), std::as_bytes(std::span(bytes)), out);
  return out;
}

TEST(F16, KnownPatterns) {
  EXPECT_EQ(from_f16(0x3c00), 1.0f);
  EXPECT_EQ(from_f16(0xc000), -2.0f);
  EXPECT_EQ(from_f16(0x7bff), 65504.0f);              // the largest
  EXPECT_EQ(from_f16(0x3555), 0.333251953125f);
  EXPECT_EQ(from_f16(0x0400), 0x1p-14f);              // the smallest normal one
  EXPECT_EQ(from_f16(0x0001), 0x1p-24f);              // the smallest subnormal one
  EXPECT_EQ(from_f16(0x83ff), -0x3ffp-24f);
  EXPECT_TRUE(std::signbit(from_f16(0x8000)));
  EXPECT_EQ(from_f16(0xfc00), -std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(from_f16(0x7e00)));
}

TEST(Bf16, RoundsToNearestEven) {
  const auto rounded = [](std::uint32_t bits) { return to_bf16(std::bit_cast<float>(bits)); };
  EXPECT_EQ(to_bf16(1.0f), 0x3f80);
  EXPECT_EQ(rounded(0x3f807fff), 0x3f80);  // below half
  EXPECT_EQ(rounded(0x3f808000), 0x3f80);  // half, even below
  EXPECT_EQ(rounded(0x3f808001), 0x3f81);  // above half
  EXPECT_EQ(rounded(0x3f818000), 0x3f82);  // half, even above
  EXPECT_EQ(rounded(0xbf818000), 0xbf82);
  EXPECT_EQ(rounded(0x3fffffff), 0x4000);  // carries into the exponent
  EXPECT_EQ(rounded(0x7f7fffff), 0x7f80);  // beyond the largest: infinity
  EXPECT_EQ(rounded(0x7f800000), 0x7f80);
}

TEST(Bf16, NanStaysNan) {
  EXPECT_TRUE(std::isnan(from_bf16(to_bf16(std::bit_cast<float>(0x7f800001u)))));  // its fraction would be cut off
  EXPECT_TRUE(std::isnan(from_bf16(to_bf16(std::bit_cast<float>(0xffffffffu)))));  // rounding up would overflow to zero
}

TEST(Dequantize, PlainTypes) {
  EXPECT_THAT(floats(0, raw(0.1f) + raw(-3.5f), 2), testing::ElementsAre(0.1f, -3.5f));
  EXPECT_THAT(floats(1, raw(std::uint16_t{0x3c00}) + raw(std::uint16_t{0xc000}), 2), testing::ElementsAre(1, -2));
  EXPECT_THAT(floats(30, raw(std::uint16_t{0x3f80}) + raw(std::uint16_t{0xc040}), 2), testing::ElementsAre(1, -3));
}

TEST(Dequantize, Q8_0) {
  std::string block = raw(std::uint16_t{0x3800});  // 0.5
  for (int i = 0; i < 32; ++i) block += static_cast<char>(i == 31 ? -128 : i);
  const auto out = floats(8, block, 32);
  EXPECT_EQ(out[0], 0);
  EXPECT_EQ(out[7], 3.5f);
  EXPECT_EQ(out[31], -64);
}

TEST(Dequantize, Q4_0HasLowHalvesFirstAndIsCentredOn8) {
  std::string block = raw(std::uint16_t{0x4000});  // 2
  for (int i = 0; i < 16; ++i) block += static_cast<char>(i | (15 - i) << 4);
  const auto out = floats(2, block, 32);
  EXPECT_EQ(out[0], -16);
  EXPECT_EQ(out[9], 2);
  EXPECT_EQ(out[15], 14);
  EXPECT_EQ(out[16], 14);
  EXPECT_EQ(out[31], -16);
}

TEST(Dequantize, Q4_1AddsTheMinimumInEveryBlock) {
  std::string block = raw(std::uint16_t{0x3c00}) + raw(std::uint16_t{0xc400});  // 1, -4
  for (int i = 0; i < 16; ++i) block += static_cast<char>(i | (15 - i) << 4);
  std::string other = raw(std::uint16_t{0x4000}) + raw(std::uint16_t{0x4900}) + std::string(16, '\x30');  // 2, 10
  const auto out = floats(3, block + other, 64);
  EXPECT_EQ(out[0], -4);
  EXPECT_EQ(out[15], 11);
  EXPECT_EQ(out[16], 11);
  EXPECT_EQ(out[31], -4);
  EXPECT_EQ(out[32], 10);
  EXPECT_EQ(out[63], 16);
}

TEST(Dequantize, TypesThatItReads) {
  for (const std::uint32_t id : {0u, 1u, 2u, 3u, 8u, 30u}) EXPECT_TRUE(can_dequantize(*tensor_type(id))) << id;
  for (const std::uint32_t id : {6u, 12u, 24u, 39u}) EXPECT_FALSE(can_dequantize(*tensor_type(id))) << id;
}

}  // namespace
}  // namespace qc
