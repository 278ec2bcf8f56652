// How often the intervals that the report prints hold the truth: whole studies through compare(), fixed seeds. The grid of settings, on
// blocks alone, is in statistical_stats; here it is seen that compare() takes those intervals, and takes them of the right samples.
#include <gtest/gtest.h>

#include <map>

#include "judge/compare/compare.h"
#include "statistical/compare/simulated_study.h"

namespace qc {
namespace {

constexpr int kCoverageStudies = 2000;   // the standard error of a coverage of 95 % is then 0.49 points
constexpr double kZ95 = 1.6448536;

class Coverage {
 public:
  void see(const std::string& what, const Measured& m, double truth) {
    ASSERT_TRUE(m.lo && m.hi) << what << ": " << m.interval_na;
    EXPECT_LE(*m.lo, *m.value) << what;
    EXPECT_GE(*m.hi, *m.value) << what;
    held_[what] += *m.lo <= truth && truth <= *m.hi;
  }
  void expect(const test::Drawn& s) const {
    EXPECT_EQ(held_.size(), 9u);
    for (const auto& [what, held] : held_) {
      const double share = static_cast<double>(held) / kCoverageStudies;
      EXPECT_GE(share, 0.93) << what << ", " << s.blocks << " blocks";
      EXPECT_LE(share, 0.97) << what << ", " << s.blocks << " blocks";
    }
  }

 private:
  std::map<std::string, int> held_;
};

/// Own intervals are the baseline's, whose level is 1000 ms and its first tokens' 100 ms.
void see_study(Coverage& coverage, const test::Drawn& s, const PointComparison& p) {
  const auto tail = [](double sd) { return std::exp(kZ95 * sd); };
  const auto average = [](double sd) { return std::exp(sd * sd / 2); };
  const auto &e2e = s.e2e_sd, &ttft = s.ttft_sd;
  coverage.see("tok/s", p.baseline.tok_s, 2 / average(e2e[0]));
  coverage.see("p50", p.baseline.p50_ms, 1000);
  if (p.baseline.requests_ok >= 59) coverage.see("p95", p.baseline.p95_ms, 1000 * tail(e2e[0]));
  else coverage.see("p95", p.baseline.p50_ms, 1000);   // n/a below 59 requests
  coverage.see("TTFT mean", p.baseline.ttft_mean_ms, 100 * average(ttft[0]));
  const Candidate& c = p.candidates[0];
  coverage.see("Delta of tok/s", c.tok_s.value, average(e2e[0]) / (s.ratio * average(e2e[1])) - 1);
  coverage.see("Delta of p50", c.p50.value, s.ratio - 1);
  coverage.see("Delta of p95", c.p95.value, s.ratio * tail(e2e[1]) / tail(e2e[0]) - 1);
  coverage.see("Delta of TTFT mean", c.ttft_mean.value, s.ratio * average(ttft[1]) / average(ttft[0]) - 1);
  coverage.see("Delta of TTFT p95", c.ttft_p95.value, s.ratio * tail(ttft[1]) / tail(ttft[0]) - 1);
}

void expect_coverage(const test::Drawn& s) {
  Random random(derive_seed(17, std::to_string(s.blocks) + "x" + std::to_string(s.requests)));
  Coverage coverage;
  for (int i = 0; i < kCoverageStudies; ++i) {
    StudyData d;
    d.study = test::study();
    for (int block = 0; block < s.blocks; ++block) test::add_block(d, random, s, "chat", 1, block, false);
    see_study(coverage, s, compare(d)[0].points[0]);
  }
  coverage.expect(s);
}

// The candidate's requests scatter up to four times as much as the baseline's, which is where a block's plain p95 fails (80 to 93 %).
TEST(PrintedIntervals, cover_at_two_blocks) { expect_coverage({2, 32, 0.02, 0.02, 1.3, {0.05, 0.10}, {0.2, 0.4}}); }
TEST(PrintedIntervals, cover_at_four_blocks) { expect_coverage({4, 16, 0.05, 0.05, 1.3, {0.05, 0.20}, {0.2, 0.6}}); }
TEST(PrintedIntervals, cover_at_four_blocks_that_do_not_drift) { expect_coverage({4, 16, 0, 0, 0.8, {0.05, 0.05}, {0.6, 0.2}}); }
TEST(PrintedIntervals, cover_at_eight_blocks) { expect_coverage({8, 16, 0.02, 0.02, 1.05, {0.05, 0.10}, {0.4, 0.4}}); }

}  // namespace
}  // namespace qc
