#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "stats/stats.h"

namespace qc {
namespace {

using testing::ElementsAre;

TEST(HolmRejects, by_hand) {
  // 0.01 against 0.05 / 4, 0.015 against 0.05 / 3, 0.03 against 0.05 / 2: the third does not stand, and what follows it does not either.
  EXPECT_THAT(holm_rejects(std::array{0.03, 0.01, 0.045, 0.015}), ElementsAre(false, true, false, true));
  EXPECT_THAT(holm_rejects(std::array{0.0124, 0.0124, 0.0124, 0.0124}), ElementsAre(true, true, true, true));
  EXPECT_THAT(holm_rejects(std::array{0.0126, 0.0126, 0.0126, 0.0126}), ElementsAre(false, false, false, false));
  EXPECT_TRUE(holm_rejects({}).empty());
}

TEST(LookShare, grows_with_the_looks_and_is_one_in_all) {
  EXPECT_DOUBLE_EQ(look_share(1, 1), 1);
  EXPECT_DOUBLE_EQ(look_share(1, 2), 1.0 / 3);
  EXPECT_DOUBLE_EQ(look_share(4, 4), 0.4);   // 4 / (1 + 2 + 3 + 4)
  for (int looks = 1; looks <= 20; ++looks) {
    double sum = 0;
    for (int look = 1; look <= looks; ++look) sum += look_share(look, looks);
    EXPECT_NEAR(sum, 1, 1e-12);
  }
}

TEST(PairedRatio, p_value_is_that_of_students_t) {
  // Logs 1 and 3: mean 2, sd sqrt(2), standard error 1, t = 2 with one degree of freedom: 1 - 2 atan(2) / pi.
  const auto paired = paired_ratio(std::array{1.0, 1.0}, std::array{std::exp(1.0), std::exp(3.0)});
  ASSERT_TRUE(paired);
  EXPECT_NEAR(paired->p_value, 1 - 2 * std::atan(2.0) / std::acos(-1.0), 1e-9);
}

TEST(PairedRatio, at_a_confidence_of_one_less_p_the_interval_ends_at_one) {
  const std::array a{100.0, 90.0, 110.0, 95.0}, b{104.0, 97.0, 109.0, 101.0};
  const auto paired = paired_ratio(a, b);
  const auto touching = paired_ratio(a, b, 1 - paired->p_value);
  EXPECT_NEAR(touching->interval.lo, 1, 1e-9);
}

}  // namespace
}  // namespace qc
