// What must hold of chrF for any two texts, bytes that are no UTF-8 included.
#include <gtest/gtest.h>

#include "core/random.h"
#include "measure/quality/quality.h"

namespace qc {
namespace {

std::string random_bytes(Random& random, std::uint64_t kinds) {
  std::string text;
  for (std::uint64_t n = random.below(40); n > 0; --n) text += static_cast<char>(random.below(kinds));
  return text;
}

TEST(ChrfProperty, LiesBetween0And100AndIs100OfATextItself) {
  Random random(1);
  for (int i = 0; i < 3000; ++i) {
    const std::string a = "x" + random_bytes(random, 256), b = random_bytes(random, 256);
    const double score = chrf(a, b);
    ASSERT_GE(score, 0);
    ASSERT_LE(score, 100 + 1e-9);
    ASSERT_NEAR(chrf(a, a), 100, 1e-9);
  }
}

TEST(ChrfProperty, WhiteSpaceNeverCounts) {
  Random random(2);
  for (int i = 0; i < 500; ++i) {
    const std::string a = random_bytes(random, 128), b = random_bytes(random, 128);
    std::string spread;
    for (const char c : a) spread += std::string(1, c) + (random.below(2) ? "\n" : "\u3000");
    ASSERT_DOUBLE_EQ(chrf(spread, b), chrf(a, b));
  }
}

TEST(ChrfProperty, TextsWithoutACommonCharacterScore0) {
  EXPECT_EQ(chrf("aaa bbb", "ccc ddd"), 0);
  EXPECT_EQ(chrf("\xff\xff", "\xfe\xfe"), 0);
}

}  // namespace
}  // namespace qc
