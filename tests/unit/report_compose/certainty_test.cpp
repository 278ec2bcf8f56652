// What Methodology says of many comparisons, and of studies that decided on their blocks while they ran.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "golden/report_compose/cases.h"
#include "report/report.h"
#include "unit/report_compose/document_text.h"

namespace qc::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string methodology(const Case& c) { return prose(section(compose(c.data, c.findings), "methodology")); }

TEST(Certainty, EveryComparisonIsCountedAndThoseThatStandTogetherAreTold) {
  // Two candidates, five points, five figures, all of them different.
  Case c = clear_win();
  EXPECT_THAT(methodology(c), AllOf(HasSubstr("each of this study's 50 Deltas"), HasSubstr("Of the 50 called different, all are so also when all are judged together")));
  c.findings.workloads[0].points[0].candidates[0].p95.jointly = false;
  EXPECT_THAT(methodology(c), HasSubstr("Of the 50 called different, 49 are so also"));
}

TEST(Certainty, PageOneSaysHowManyStandTogetherWhereSomeDoNot) {
  const auto page_one = [](const Case& c) { return prose(section(compose(c.data, c.findings), "summary")); };
  Case c = clear_win();
  EXPECT_THAT(page_one(c), Not(HasSubstr("Many comparisons")));
  c.findings.workloads[0].points[0].candidates[0].p95.jointly = false;
  EXPECT_THAT(page_one(c), HasSubstr("Of the 50 that this report calls different, 49 stand when all are judged together; "));
  const auto keep = [&](int points) {
    for (WorkloadComparison& w : c.findings.workloads)
      for (PointComparison& p : w.points)
        for (Candidate& x : p.candidates)
          for (Delta* d : {&x.tok_s, &x.p50, &x.p95, &x.ttft_mean, &x.ttft_p95}) d->jointly = d == &x.tok_s && points-- > 0;
  };
  keep(1);
  EXPECT_THAT(page_one(c), HasSubstr("1 stands when all are judged together; in throughput this is q8_0 in chat at concurrency 1. Hold the others"));
  keep(0);
  EXPECT_THAT(page_one(c), HasSubstr("different, none stands when all are judged together. Hold them for likely, not for certain."));
}

TEST(Certainty, AFixedStudySpeaksOfNoLooks) { EXPECT_THAT(methodology(clear_win()), AllOf(Not(HasSubstr("**Looks**")), Not(HasSubstr("**Time budget**")))); }

TEST(Certainty, ASequentialStudyTellsWhatItsLooksCost) {
  // Eight blocks: four looks, whose shares are k of 1 + 2 + 3 + 4.
  Case c = clear_win();
  c.data.study.sequential = true, c.data.study.blocks = 8;
  EXPECT_THAT(methodology(c), AllOf(HasSubstr("after look k of at most 4 they leave an error of 5 % x k / 10"), HasSubstr("a difference surely below 1 %")));
}

TEST(Certainty, ATimeBudgetIsSaid) {
  Case c = clear_win();
  c.data.study.time_budget_minutes = 30;
  EXPECT_THAT(methodology(c), AllOf(HasSubstr("as 30 minutes allowed"), Not(HasSubstr("**Looks**"))));
}

TEST(Certainty, BlocksOfSuchAStudyAreARange) {
  Case c = clear_win();
  c.data.study.sequential = true, c.data.study.blocks = 8;
  for (TrialRecord& t : c.data.trials) t.block %= 2;
  TrialRecord more = c.data.trials.front();
  more.id = 1000, more.concurrency = 16, more.block = 3;
  c.data.trials.push_back(more);
  EXPECT_THAT(methodology(c), HasSubstr("2 to 4 blocks, more where the figures asked for them"));
}

}  // namespace
}  // namespace qc::test
