// Samples in order: correlation, bounds of quantiles, the mean over pieces. Answers from elsewhere: closed forms, and binomial tails by hand.
#include "stats/sequence.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "core/random.h"

namespace qc {
namespace {

/// x_i = phi x_(i-1) + noise: its correlation time is (1 + phi) / (1 - phi).
std::vector<double> autoregressive(double phi, int n, std::uint64_t seed) {
  Random random(seed);
  std::vector<double> out;
  double x = random.normal() / std::sqrt(1 - phi * phi);
  for (int i = 0; i < n; ++i) out.push_back(x = phi * x + random.normal());
  return out;
}

TEST(CorrelationTime, OfIndependentSamplesIsOne) { EXPECT_NEAR(correlation_time(autoregressive(0, 20'000, 1)), 1, 0.1); }

// Ranks of a normal series correlate a little less than its values (6 / pi asin(rho / 2)): 8.6 in place of 9, 18 in place of 19.
TEST(CorrelationTime, OfAnAutoregressiveSeriesIsThatOfTheTextbook) {
  EXPECT_NEAR(correlation_time(autoregressive(0.8, 50'000, 2)), 8.7, 1);
  EXPECT_NEAR(correlation_time(autoregressive(0.9, 50'000, 3)), 18.2, 3);
}

TEST(CorrelationTime, DoesNotMindALongTail) {
  auto xs = autoregressive(0.8, 50'000, 2);
  for (double& x : xs) x = std::exp(5 * x);   // ranks stay
  EXPECT_NEAR(correlation_time(xs), 8.7, 1);
}

TEST(CorrelationTime, OfWavesIsTheirSize) {
  Random random(4);
  std::vector<double> xs;
  for (int wave = 0; wave < 500; ++wave) xs.insert(xs.end(), 8, random.normal());
  EXPECT_NEAR(correlation_time(xs), 8, 1.2);
}

TEST(CorrelationTime, OfWhatAlwaysRisesIsAThirdOfIt) {
  std::vector<double> xs;
  for (int i = 0; i < 300; ++i) xs.push_back(i);
  EXPECT_GT(correlation_time(xs), 60);
  EXPECT_EQ(correlation_time(std::vector<double>(300, 7.0)), 1);   // nothing varies: nothing correlates
}

std::vector<double> counted(int n) {
  std::vector<double> xs;
  for (int i = n; i >= 1; --i) xs.push_back(i);
  return xs;
}

// 0.95^58 = 0.0510, 0.95^59 = 0.0485: so many are needed for an upper bound of p95 at 5 %, and it is the largest.
TEST(QuantileBounds, ExistWhereTheBinomialTailAllowsIt) {
  EXPECT_TRUE(std::isinf(quantile_bounds(counted(58), 0.95, 58, 0.05, 0.05).hi));
  EXPECT_EQ(quantile_bounds(counted(59), 0.95, 59, 0.05, 0.05).hi, 59);
  // Median of 5: P(B < 1) = P(B >= 5) = 1/32; of ranks 2 and 4 it would be 6/32.
  EXPECT_EQ(quantile_bounds(counted(5), 0.5, 5, 1.0 / 32, 1.0 / 32).lo, 1);
  EXPECT_EQ(quantile_bounds(counted(5), 0.5, 5, 1.0 / 32, 1.0 / 32).hi, 5);
  EXPECT_EQ(quantile_bounds(counted(5), 0.5, 5, 6.0 / 32, 6.0 / 32).lo, 2);
  EXPECT_EQ(quantile_bounds(counted(5), 0.5, 5, 6.0 / 32, 6.0 / 32).hi, 4);
  EXPECT_TRUE(std::isinf(quantile_bounds(counted(5), 0.5, 5, 0.03, 0.03).lo));
}

// Each misses for itself: the lower end may be safer than the upper one.
TEST(QuantileBounds, HaveAChanceEach) {
  const auto b = quantile_bounds(counted(5), 0.5, 5, 1.0 / 32, 6.0 / 32);
  EXPECT_EQ(b.lo, 1);
  EXPECT_EQ(b.hi, 4);
}

// 15 samples worth 5: the ends stand where those of 5 would, at thirds of the sample: the first, and the last of the fourth.
TEST(QuantileBounds, OfCorrelatedSamplesAreThoseOfFewer) {
  const auto b = quantile_bounds(counted(15), 0.5, 5.4, 6.0 / 32, 6.0 / 32);
  EXPECT_EQ(b.lo, 4);
  EXPECT_EQ(b.hi, 12);
  EXPECT_TRUE(std::isinf(quantile_bounds(counted(15), 0.5, 0.9, 0.1, 0.1).hi));
}

TEST(BinomialTail, IsAHandCount) {
  EXPECT_DOUBLE_EQ(binomial_tail(3, 0, 0.5), 1);
  EXPECT_NEAR(binomial_tail(3, 2, 0.5), 4.0 / 8, 1e-12);
  EXPECT_NEAR(binomial_tail(3, 3, 0.1), 0.001, 1e-12);
}

// Four pieces of means 1, 2, 3, 4: sd 1.291, t(3) = 3.182, half 3.182 x 1.291 / 2 = 2.054. The 9 at the start is left over.
TEST(BatchMeanInterval, IsStudentsOverThePieces) {
  const auto i = batch_mean_interval(std::vector<double>{9, 0, 2, 1, 3, 2, 4, 3, 5}, 4);
  ASSERT_TRUE(i);
  EXPECT_DOUBLE_EQ(i->mean, 2.5);
  EXPECT_NEAR(i->half_width, 2.054, 0.001);
  EXPECT_FALSE(batch_mean_interval(std::vector<double>{1, 2, 3, 4, 5, 6, 7}, 4));
}

}  // namespace
}  // namespace qc
