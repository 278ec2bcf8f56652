// Expected ranks: the binomial tails summed as fractions, all pairs searched, by a program of a few lines apart from ours.
#include <gtest/gtest.h>

#include <numeric>

#include "stats/stats.h"

namespace qc {
namespace {

using Ranks = std::pair<int, int>;

TEST(QuantileRanks, median) {
  // n = 20: P(B <= 5) = 21700 / 2^20 = 0.0207 on either side; one rank less on one side: 0.0207 + 0.0577 is too much.
  EXPECT_EQ(quantile_ranks(20, 0.5, 0.95), Ranks(6, 15));
  EXPECT_EQ(quantile_ranks(10, 0.5, 0.95), Ranks(2, 9));   // 2 x 11/1024
  EXPECT_EQ(quantile_ranks(6, 0.5, 0.95), Ranks(1, 6));    // 2 x 1/64
  EXPECT_EQ(quantile_ranks(5, 0.5, 0.95), std::nullopt);   // 2 x 1/32 = 0.0625
  EXPECT_EQ(quantile_ranks(50, 0.5, 0.95), Ranks(18, 32)); // 0.0164 + 0.0325
}

TEST(QuantileRanks, p95_from_59_samples_on) {
  EXPECT_EQ(quantile_ranks(58, 0.95, 0.95), std::nullopt);   // 0.95^58 = 0.0510
  EXPECT_EQ(quantile_ranks(59, 0.95, 0.95), Ranks(50, 59));  // 0.0006 + 0.95^59 = 0.0485
  EXPECT_EQ(quantile_ranks(72, 0.95, 0.95), Ranks(64, 72));
  EXPECT_EQ(quantile_ranks(100, 0.95, 0.95), Ranks(91, 100));
  EXPECT_EQ(quantile_ranks(200, 0.95, 0.95), Ranks(184, 197));
}

TEST(QuantileRanks, of_a_low_quantile_mirror_those_of_the_high_one) {
  EXPECT_EQ(quantile_ranks(59, 0.05, 0.95), Ranks(1, 10));  // 60 - 59, 60 - 50
}

TEST(SamplesNeeded, is_the_first_n_whose_extremes_cover) {
  EXPECT_EQ(samples_needed(0.5), 6);
  EXPECT_EQ(samples_needed(0.9), 29);
  EXPECT_EQ(samples_needed(0.95), 59);
  EXPECT_EQ(samples_needed(0.99), 299);  // 0.99^299 = 0.0495, 0.99^298 = 0.0500 and a little
}

TEST(QuantileInterval, takes_the_values_at_its_ranks) {
  std::vector<double> xs(20);
  std::iota(xs.rbegin(), xs.rend(), 101.0);  // 101 .. 120, largest first
  const auto interval = quantile_interval(xs, 0.5);
  ASSERT_TRUE(interval);
  EXPECT_EQ(interval->lo, 106);
  EXPECT_EQ(interval->hi, 115);
  EXPECT_EQ(quantile_interval(xs, 0.95), std::nullopt);
}

}  // namespace
}  // namespace qc
