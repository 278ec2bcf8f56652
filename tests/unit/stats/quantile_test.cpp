#include <gtest/gtest.h>

#include <array>

#include "stats/stats.h"

namespace qc {
namespace {

TEST(Quantile, interpolates_as_numpy_does) {
  const std::array matrix{10.0, 7.0, 4.0, 3.0, 2.0, 1.0};  // numpy.percentile's own example: 3.5
  EXPECT_DOUBLE_EQ(*quantile(matrix, 0.5), 3.5);
  const std::array four{4.0, 1.0, 3.0, 2.0};               // place 0.95 x 3 = 2.85: 3 + 0.85
  EXPECT_DOUBLE_EQ(*quantile(four, 0.95), 3.85);
  EXPECT_DOUBLE_EQ(*quantile(four, 0.25), 1.75);
}

TEST(Quantile, ends_are_the_extremes) {
  const std::array xs{5.0, -2.0, 9.0};
  EXPECT_EQ(quantile(xs, 0), -2.0);
  EXPECT_EQ(quantile(xs, 1), 9.0);
}

TEST(Quantile, of_one_sample_is_it_and_of_none_is_unknown) {
  EXPECT_EQ(quantile(std::array{7.5}, 0.95), 7.5);
  EXPECT_EQ(quantile({}, 0.5), std::nullopt);
}

TEST(MedianUnbiasedQuantile, by_hand) {
  // Median of four: place (4 + 1/3) / 2 + 1/3 = 2.5, as any other definition; first quarter of 2: (2 + 1/3) / 4 + 1/3 = 0.917 < 1.
  EXPECT_DOUBLE_EQ(*median_unbiased_quantile(std::array{4.0, 1.0, 3.0, 2.0}, 0.5), 2.5);
  EXPECT_EQ(median_unbiased_quantile(std::array{1.0, 2.0}, 0.25), std::nullopt);
  // 0.75 of five values: place 16/3 x 3/4 + 1/3 = 4 1/3.
  EXPECT_NEAR(*median_unbiased_quantile(std::array{10.0, 20.0, 30.0, 40.0, 70.0}, 0.75), 50.0, 1e-12);
}

TEST(MedianUnbiasedQuantile, p95_needs_13_samples) {
  const std::vector<double> twelve(12, 1.0), thirteen(13, 1.0);
  EXPECT_EQ(median_unbiased_quantile(twelve, 0.95), std::nullopt);  // place 12.05 of 12
  EXPECT_EQ(median_unbiased_quantile(thirteen, 0.95), 1.0);         // place 13.0 of 13
  EXPECT_EQ(median_unbiased_quantile({}, 0.95), std::nullopt);
  EXPECT_EQ(median_unbiased_samples(0.95), 13);
  EXPECT_EQ(median_unbiased_samples(0.99), 67);                     // 67.333 x 0.99 + 0.333 = 66.993; of 66: 66.003
  EXPECT_EQ(median_unbiased_samples(0.5), 1);
}

TEST(Mean, of_none_is_unknown) {
  EXPECT_EQ(mean({}), std::nullopt);
  EXPECT_DOUBLE_EQ(*mean(std::array{1.0, 2.0, 6.0}), 3.0);
}

TEST(SampleStddev, divides_by_n_less_one_and_is_unknown_for_one) {
  EXPECT_DOUBLE_EQ(*sample_stddev(std::array{1.0, 3.0, 5.0}), 2.0);  // (4 + 0 + 4) / 2 = 4
  EXPECT_EQ(sample_stddev(std::array{3.0}), std::nullopt);
}

}  // namespace
}  // namespace qc
