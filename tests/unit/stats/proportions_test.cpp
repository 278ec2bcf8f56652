#include <gtest/gtest.h>

#include "stats/stats.h"

namespace qc {
namespace {

TEST(TangoInterval, agrees_with_published_results) {
  // Fagerland, Lydersen, Laake (2014), Table V, data of Bentur (2009): 21 pairs, 1 and 7 discordant: -0.517 to -0.026.
  const auto bentur = tango_interval(21, 7, 1);
  ASSERT_TRUE(bentur);
  EXPECT_NEAR(bentur->lo, -0.517, 5e-4);
  EXPECT_NEAR(bentur->hi, -0.026, 5e-4);
}

TEST(TangoInterval, nothing_changed_is_wilsons_bound_for_zero) {
  // With no flips the score equation is n D^2 = z^2 |D| (1 - |D|): |D| = z^2 / (n + z^2) = 3.841459 / 103.841459.
  const auto same = tango_interval(100, 0, 0);
  ASSERT_TRUE(same);
  EXPECT_NEAR(same->hi, 0.0369935, 1e-6);
  EXPECT_NEAR(same->lo, -0.0369935, 1e-6);
}

TEST(TangoInterval, losses_and_gains_mirror_each_other) {
  // PropCIs' example, 40 and 20 of 160: the score equation solved apart from ours by bisection on its square root.
  const auto gained = tango_interval(160, 20, 40), lost = tango_interval(160, 40, 20);
  ASSERT_TRUE(gained && lost);
  EXPECT_NEAR(gained->lo, 0.0308645, 1e-6);
  EXPECT_NEAR(gained->hi, 0.2180642, 1e-6);
  EXPECT_NEAR(lost->lo, -0.2180642, 1e-6);
  EXPECT_NEAR(lost->hi, -0.0308645, 1e-6);
}

TEST(TangoInterval, all_gained_reaches_one) {
  const auto all = tango_interval(10, 0, 10);
  ASSERT_TRUE(all);
  EXPECT_DOUBLE_EQ(all->hi, 1);
  EXPECT_GT(all->lo, 0.4);
}

TEST(TangoInterval, of_no_items_is_unknown) { EXPECT_FALSE(tango_interval(0, 0, 0)); }

TEST(McnemarExact, by_hand) {
  EXPECT_EQ(mcnemar_exact(0, 0), 1);
  EXPECT_DOUBLE_EQ(mcnemar_exact(0, 5), 2.0 / 32);
  EXPECT_DOUBLE_EQ(mcnemar_exact(7, 1), 2 * 9.0 / 256);  // (1 + 8) / 2^8 on one side
  EXPECT_EQ(mcnemar_exact(4, 4), 1);
}

TEST(NonInferiorityItems, by_hand) {
  EXPECT_EQ(non_inferiority_items(0.04, 0.02), 785);   // 7.85 x 0.04 / 0.0004
  EXPECT_EQ(non_inferiority_items(0.05, 0.01), 3925);
}

}  // namespace
}  // namespace qc
