#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "stats/stats.h"

namespace qc {
namespace {

TEST(StudentT, agrees_with_the_printed_tables) {
  EXPECT_NEAR(student_t(1), 12.706205, 1e-6);
  EXPECT_NEAR(student_t(3), 3.182446, 1e-6);
  EXPECT_NEAR(student_t(7), 2.364624, 1e-6);
  EXPECT_NEAR(student_t(10, 0.99), 3.169273, 1e-6);
}

TEST(LogTInterval, by_hand) {
  // logs 0, 1, 2: mean 1, sd 1; half width 4.302653 / sqrt(3) = 2.484138.
  const auto interval = log_t_interval(std::array{1.0, std::exp(1.0), std::exp(2.0)});
  ASSERT_TRUE(interval);
  EXPECT_NEAR(std::log(interval->lo), 1 - 2.484138, 1e-6);
  EXPECT_NEAR(std::log(interval->hi), 1 + 2.484138, 1e-6);
}

TEST(LogTInterval, needs_two_positive_samples) {
  EXPECT_FALSE(log_t_interval(std::array{4.0}));
  EXPECT_FALSE(log_t_interval(std::array{4.0, 0.0}));
  EXPECT_FALSE(log_t_interval(std::array{4.0, std::nan("")}));
}

TEST(PairedRatio, by_hand) {
  // Ratios 1.1 and 1.21: log mean 1.5 ln 1.1 = 0.142965, sd ln 1.1 / sqrt(2); half width 12.706205 x ln 1.1 / 2 = 0.605515.
  const auto paired = paired_ratio(std::array{100.0, 50.0}, std::array{110.0, 60.5});
  ASSERT_TRUE(paired);
  EXPECT_NEAR(std::log(paired->ratio), 0.142965, 1e-6);
  EXPECT_NEAR(paired->half_width_log, 0.605515, 1e-6);
  EXPECT_NEAR(std::log(paired->interval.lo), 0.142965 - 0.605515, 1e-6);
  EXPECT_NEAR(std::log(paired->interval.hi), 0.142965 + 0.605515, 1e-6);
}

TEST(PairedRatio, drift_that_both_share_leaves_no_width) {
  const auto paired = paired_ratio(std::array{100.0, 80.0, 125.0}, std::array{120.0, 96.0, 150.0});
  ASSERT_TRUE(paired);
  EXPECT_NEAR(paired->ratio, 1.2, 1e-12);
  EXPECT_NEAR(paired->half_width_log, 0, 1e-12);
}

TEST(PairedRatio, needs_two_positive_pairs) {
  EXPECT_FALSE(paired_ratio(std::array{1.0}, std::array{2.0}));
  EXPECT_FALSE(paired_ratio(std::array{1.0, 2.0}, std::array{2.0, 0.0}));
}

}  // namespace
}  // namespace qc
