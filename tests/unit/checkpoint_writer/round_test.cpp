// Steps, scales and bytes worked by hand from the definition in checkpoint_writer/round.h.
#include "checkpoint_writer/round.h"

#include <gmock/gmock.h>

#include <vector>

#include "support/gguf_file.h"

namespace qc {
namespace {

using Row = std::vector<float>;
using test::raw;

std::string bytes(void (*append)(std::span<const float>, std::string&), const Row& row) {
  std::string out;
  append(row, out);
  return out;
}
std::string bytes(void (*append)(std::span<const float>, std::size_t, std::string&), const Row& row, std::size_t group) {
  std::string out;
  append(row, group, out);
  return out;
}

TEST(Int8, ARowByHand) {
  // The largest is 127.5, so the scale is 127.5 / 127.5 = 1; 127.5 itself is a tie to 128, which does not exist.
  const Row row = {127.5f, -127.5f, 0.5f, 1.5f, -0.5f, -2.4f, 0, 63};
  EXPECT_EQ(bytes(append_int8, row), (std::string{127, -128, 0, 2, 0, -2, 0, 63}));
  EXPECT_EQ(bytes(append_int8_scale, row), raw(std::uint16_t{0x3f80}));
}

TEST(Int8, TheScaleIsTheOneInTheFile) {
  // 1 / 127.5 = 1.003922 x 2^-7. BF16's neighbours are 1 and 1.0078125 (x 2^-7), half way is 1.003906: the second is nearer.
  EXPECT_EQ(scale_of(Row{1, -0.25f}, 8), 1.0078125f / 128);
  EXPECT_EQ(bytes(append_int8_scale, {1, -0.25f}), raw(std::uint16_t{0x3c01}));
  EXPECT_EQ(bytes(append_int8, {1, -0.25f}), (std::string{127, -32}));  // 127.008, -31.75; with the unrounded scale 127.5 and -31.9
}

TEST(Int8, ZerosAndValuesTooSmallForAScale) {
  EXPECT_EQ(bytes(append_int8, {0, -0.0f}), std::string(2, '\0'));
  EXPECT_EQ(bytes(append_int8_scale, {0, -0.0f}), raw(std::uint16_t{0x3f80}));
  EXPECT_EQ(bytes(append_int8, {1e-44f, 0}), std::string(2, '\0'));  // its scale would be zero in BF16
}

TEST(Int4, AWordByHand) {
  // Scale 7.5 / 7.5 = 1. Steps 7 (8 does not exist), -8, 0, 1, 2, -3, 5, -1; plus 8: f 0 8 9 a 5 d 7, the first lowest.
  const Row row = {7.5f, -7.5f, 0, 1, 2, -3, 5, -1};
  EXPECT_EQ(bytes(append_int4, row, 8), raw(std::uint32_t{0x7d5a980f}));
  EXPECT_EQ(bytes(append_int4_scales, row, 8), raw(std::uint16_t{0x3f80}));
}

TEST(Int4, EachGroupHasItsScale) {
  const Row row = {7.5f, 0, 0, 0, 0, 0, 0, 0, 15, 2, -2, 0, 0, 0, 0, 3};  // scales 1 and 2; 3 / 2 is a tie: 2
  EXPECT_EQ(bytes(append_int4, row, 8), raw(std::uint32_t{0x8888888f}) + raw(std::uint32_t{0xa888879f}));
  EXPECT_EQ(bytes(append_int4_scales, row, 8), raw(std::uint16_t{0x3f80}) + raw(std::uint16_t{0x4000}));
  EXPECT_EQ(bytes(append_int4_scales, row, 16), raw(std::uint16_t{0x4000}));
}

}  // namespace
}  // namespace qc
