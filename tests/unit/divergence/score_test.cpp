// Distributions over three words whose divergence can be worked by hand.
#include "measure/quality/divergence_score.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace qc {
namespace {

std::array<float, 3> logs(double a, double b, double c, double shift = 0) {
  return {static_cast<float>(std::log(a) + shift), static_cast<float>(std::log(b) + shift), static_cast<float>(std::log(c) + shift)};
}

TEST(PositionScore, WorkedByHand) {
  const auto p = logs(0.5, 0.25, 0.25), q = logs(0.25, 0.25, 0.5);
  const PositionScore s = BaselineRow(p).against(q, 1);
  EXPECT_NEAR(s.kld, 0.25 * std::log(2.0), 1e-7);  // 1/2 ln 2 + 0 - 1/4 ln 2
  EXPECT_NEAR(s.nll_baseline, std::log(4.0), 1e-7);
  EXPECT_NEAR(s.nll_candidate, std::log(4.0), 1e-7);
  EXPECT_FALSE(s.same_top);
}

TEST(PositionScore, ItIsNotSymmetric) {
  const auto p = logs(0.5, 0.25, 0.25), q = logs(0.8, 0.1, 0.1);
  EXPECT_NEAR(BaselineRow(p).against(q, 0).kld, 0.5 * std::log(0.625) + 0.5 * std::log(2.5), 1e-7);
  EXPECT_NEAR(BaselineRow(q).against(p, 0).kld, 0.8 * std::log(1.6) + 0.2 * std::log(0.4), 1e-7);
  EXPECT_TRUE(BaselineRow(p).against(q, 0).same_top);
}

TEST(PositionScore, LogitsThatDifferByAConstantAreTheSameDistribution) {
  const auto p = logs(0.5, 0.25, 0.25), q = logs(0.5, 0.25, 0.25, 300), r = logs(0.5, 0.25, 0.25, -300);
  EXPECT_NEAR(BaselineRow(p).against(q, 2).kld, 0, 1e-4);  // a float near 300 is 3e-5 off
  EXPECT_NEAR(BaselineRow(q).against(r, 2).nll_baseline, std::log(4.0), 1e-4);
  EXPECT_GE(BaselineRow(p).against(q, 2).kld, 0);
}

TEST(PositionScore, EqualLogitsGiveExactlyZero) {
  std::vector<float> logits(49152);
  for (std::size_t i = 0; i < logits.size(); ++i) logits[i] = static_cast<float>(10 * std::sin(static_cast<double>(i)));
  const PositionScore s = BaselineRow(logits).against(std::vector<float>(logits), 77);
  EXPECT_EQ(s.kld, 0);
  EXPECT_EQ(s.nll_baseline, s.nll_candidate);
  EXPECT_TRUE(s.same_top);
}

TEST(PositionScore, ATieGoesToTheFirst) {
  const std::array<float, 3> p{1, 1, 0}, q{1, 2, 0}, r{2, 1, 0};
  EXPECT_FALSE(BaselineRow(p).against(q, 0).same_top);
  EXPECT_TRUE(BaselineRow(p).against(r, 0).same_top);
}

// KLD 1, 2, 3, 6: mean 3, sd sqrt(14/3), error half of it; p99 3 + 0.97 x 3. Differences of the likelihoods 0, 0, 1, 1.
TEST(Summary, WorkedByHand) {
  const std::vector<PositionScore> scores{{1, 2, 2, true}, {2, 1, 1, true}, {3, 0, 1, true}, {6, 4, 5, false}};
  const Divergence d = summarize(scores);
  EXPECT_EQ(d.tokens_scored, 4);
  EXPECT_DOUBLE_EQ(d.kld_mean, 3);
  EXPECT_DOUBLE_EQ(d.kld_se, std::sqrt(14.0 / 3) / 2);
  EXPECT_DOUBLE_EQ(d.kld_p99, 5.91);
  EXPECT_DOUBLE_EQ(d.top1_agreement, 0.75);
  EXPECT_DOUBLE_EQ(d.top1_se, std::sqrt(0.75 * 0.25 / 3));
  EXPECT_DOUBLE_EQ(d.ppl_ratio, std::exp(0.5));
  EXPECT_DOUBLE_EQ(d.ppl_ratio_se, std::exp(0.5) * std::sqrt(1.0 / 3) / 2);
}

}  // namespace
}  // namespace qc
