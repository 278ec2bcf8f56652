#include "judge/cost/cost.h"

#include <gtest/gtest.h>

#include "support/tiny_study.h"

namespace qc {
namespace {

std::vector<CostRow> rows_of(const StudyData& d) { return cost_rows(d, compare(d)); }

TEST(Cost, DollarsFollowTheFormula) {
  // 0.36 $/h = 0.0001 $/s. At 10 tok/s a million tokens take 100,000 s: 10 $. Total tokens: 20 + 11 for each 11: x 11/31.
  const auto rows = rows_of(test::two_blocks({1100, 1100}, {1000, 1000}));
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_NEAR(*rows[0].usd_per_1m_output.value, 10, 1e-9);
  EXPECT_NEAR(*rows[0].usd_per_1m_total.value, 10 * 11 / 31.0, 1e-9);
  EXPECT_NEAR(*rows[0].usd_per_1k_requests.value, 0.0001 * 1000 * 1.1, 1e-9);  // a request of 11 tokens takes 1.1 s
  EXPECT_NEAR(*rows[1].saving.value, 1 - 10 / 11.0, 1e-9);
}

TEST(Cost, HalfTheUtilizationCostsTwice) {
  StudyData d = test::two_blocks({1100, 1100}, {1000, 1000});
  d.study.hardware.utilization = 0.5;
  EXPECT_NEAR(*rows_of(d)[0].usd_per_1m_output.value, 20, 1e-9);
}

TEST(Cost, TheIntervalTurnsOver) {
  const auto rows = rows_of(test::two_blocks({1100, 1000}, {1000, 1000}));
  EXPECT_LT(*rows[0].usd_per_1m_output.lo, *rows[0].usd_per_1m_output.value);
  EXPECT_GT(*rows[0].usd_per_1m_output.hi, *rows[0].usd_per_1m_output.value);
  const auto w = compare(test::two_blocks({1100, 1000}, {1000, 1000}));
  EXPECT_NEAR(*rows[0].usd_per_1m_output.lo, 100 / *w[0].points[0].baseline.tok_s.hi, 1e-9);
}

TEST(Cost, WithoutAPriceThereIsNoFigureButAReason) {
  StudyData d = test::two_blocks({1100, 1100}, {1000, 1000});
  d.study.hardware.hourly_usd.reset();
  const auto rows = rows_of(d);
  EXPECT_FALSE(rows[0].usd_per_1m_output);
  EXPECT_EQ(rows[0].usd_per_1m_output.na, "no hourly price in the study");
  EXPECT_TRUE(rows[1].saving);  // the share saved needs no price
}

}  // namespace
}  // namespace qc
