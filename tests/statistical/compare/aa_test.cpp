// Studies of a model against itself: how often a verdict comes out all the same.
#include <gtest/gtest.h>

#include "judge/compare/compare.h"
#include "statistical/compare/simulated_study.h"

namespace qc {
namespace {

constexpr int kStudies = 2000;
constexpr double kError = 0.00487;   // the standard error of a share of 5 % among them

/// Four operating points of two workloads, with A/A visits at the lower ones; candidate and baseline are the same.
StudyData draw(Random& random, int blocks) {
  StudyData d;
  d.study = test::study();
  d.study.workloads[0].concurrency = {1, 8};
  Workload batch = d.study.workloads[0];
  batch.name = "batch", batch.concurrency = {16, 32};
  d.study.workloads.push_back(batch);
  const test::Drawn s{blocks, 13, 0.02, 0.02, 1, {0.2, 0.2}, {0.4, 0.4}};
  for (int block = 0; block < blocks; ++block)
    for (const Workload& w : d.study.workloads)
      for (const int c : w.concurrency) test::add_block(d, random, s, w.name, c, block, c == w.concurrency.front());
  return d;
}

struct Counts {
  std::array<int, kDeltas.size()> called{}, judged{}, aa{};
  int studies_called = 0, studies_jointly = 0;
};

Counts count(int blocks) {
  Random random(derive_seed(31, std::to_string(blocks)));
  Counts n;
  const auto different = [](const Delta& d) { return d.verdict == Verdict::faster || d.verdict == Verdict::slower; };
  for (int i = 0; i < kStudies; ++i) {
    const auto workloads = compare(draw(random, blocks));
    for (const auto& w : workloads)
      for (const auto& point : w.points)
        for (std::size_t k = 0; k < kDeltas.size(); ++k) {
          n.called[k] += different(point.candidates[0].*kDeltas[k]), ++n.judged[k];
          if (point.aa) n.aa[k] += different((*point.aa).*kDeltas[k]);
        }
    const Multiplicity m = multiplicity_of(workloads);
    n.studies_called += m.called > 0, n.studies_jointly += m.jointly > 0;
  }
  return n;
}

class AgainstItself : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Blocks, AgainstItself, testing::Values(2, 4));

TEST_P(AgainstItself, is_called_different_in_at_most_5_percent) {
  const Counts n = count(GetParam());
  for (std::size_t k = 0; k < kDeltas.size(); ++k) {
    EXPECT_LE(static_cast<double>(n.called[k]) / n.judged[k], 0.05 + kError) << "figure " << k;   // two standard errors: of 8,000, one is 0.24 points
    EXPECT_LE(n.aa[k] / (2.0 * kStudies), 0.05 + 2 * kError) << "the control, figure " << k;
    EXPECT_GE(n.aa[k] / (2.0 * kStudies), 0.03) << "the control, figure " << k;
  }
  // 20 comparisons, each at 5 %: more than every second study calls one of them different. Judged together it is one in twenty at most.
  EXPECT_GE(static_cast<double>(n.studies_called) / kStudies, 0.5);
  EXPECT_LE(static_cast<double>(n.studies_jointly) / kStudies, 0.05);
  std::printf("%d blocks: %.1f %% of studies with a verdict, %.1f %% with a joint one\n", GetParam(), 100.0 * n.studies_called / kStudies, 100.0 * n.studies_jointly / kStudies);
}

}  // namespace
}  // namespace qc
