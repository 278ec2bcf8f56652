// Studies that decide on their blocks while they run, from first block to last and in virtual time: how often what they print in the end holds.
#include <gtest/gtest.h>

#include <array>

#include "judge/compare/compare.h"
#include "judge/sequence/sequence.h"
#include "statistical/compare/simulated_study.h"

namespace qc {
namespace {

constexpr int kStudies = 2000;       // the standard error of a coverage of 95 % is then 0.49 points
constexpr int kRequests = 2;         // a visit: what varies here are the blocks

struct Share { int hits = 0, of = 0; [[nodiscard]] double value() const { return static_cast<double>(hits) / of; } };
void count(Share& share, bool hit) { share.hits += hit, ++share.of; }

/// Blocks in pairs until the look asks for no more; `own_sd` by point.
StudyData run(const Study& study, Random& random, double ratio, const std::vector<double>& own_sd, std::optional<double> seconds) {
  StudyData d;
  d.study = study;
  const auto& points = study.workloads[0].concurrency;
  NextBlocks next;
  for (const int c : points) next.points.emplace_back("chat", c);
  for (int block = 0; !next.points.empty() && block < most_blocks(study); block += kBlocksOfALook) {
    for (int b = block; b < std::min(block + kBlocksOfALook, most_blocks(study)); ++b)
      for (std::size_t i = 0; i < points.size(); ++i)
        if (std::ranges::find(next.points, PointName("chat", points[i])) != next.points.end())
          test::add_block(d, random, {0, kRequests, 0.02, own_sd[i], ratio, {0.01, 0.01}, {0.01, 0.01}}, "chat", points[i], b, false);
    double spent = 0;
    for (const auto& t : d.trials) spent += qc::seconds(t.ended - t.started);
    next = look(d, seconds ? std::optional(TimeLeft{*seconds - spent, 0}) : std::nullopt);
  }
  return d;
}

Study study_of(std::vector<int> concurrency) {
  Study s = test::study();
  s.workloads[0].concurrency = std::move(concurrency);
  return s;
}

struct Sequential { Share covered, called; double blocks = 0; };

Sequential simulate(double ratio, double own_sd, int most) {
  Random random(derive_seed(41, std::to_string(ratio) + "/" + std::to_string(own_sd) + "/" + std::to_string(most)));
  Study study = study_of({1});
  study.sequential = true, study.blocks = most;
  Sequential out;
  for (int i = 0; i < kStudies; ++i) {
    const auto point = compare(run(study, random, ratio, {own_sd}, {}))[0].points[0];
    const Delta& d = point.candidates[0].tok_s;
    count(out.covered, *d.value.lo <= 1 / ratio - 1 && 1 / ratio - 1 <= *d.value.hi);
    count(out.called, d.verdict == Verdict::faster || d.verdict == Verdict::slower);
    out.blocks += static_cast<double>(point.baseline.blocks) / kStudies;
  }
  return out;
}

// No difference, one of about the interval's width, and one that is seen at once; two looks and four.
TEST(ASequentialStudy, of_a_model_against_itself_gives_a_false_verdict_in_at_most_5_percent) {
  for (const int most : {4, 8}) {
    const Sequential itself = simulate(1, 0.02, most);
    EXPECT_LE(itself.called.value(), 0.05) << "at most " << most << " blocks";
    EXPECT_GE(itself.covered.value(), 0.95) << "at most " << most << " blocks";
    EXPECT_GT(itself.blocks, most - 0.5);
  }
}

TEST(ASequentialStudy, holds_the_truth_at_least_as_often_as_it_says_and_stops_where_it_is_plain) {
  EXPECT_GE(simulate(1.04, 0.01, 8).covered.value(), 0.95);
  const Sequential plain = simulate(1.3, 0.01, 8);
  EXPECT_GE(plain.covered.value(), 0.95);
  EXPECT_LT(plain.blocks, 4.5);
}

struct Budget { Share covered; std::array<double, 3> blocks{}; double most_spent = 0; };

/// Three points whose visits scatter as `own_sd` has it; a block of one takes 2 variants x 2 requests of about 1 s, 4 s.
Budget simulate_budget(std::vector<double> own_sd, double seconds) {
  Random random(derive_seed(43, std::to_string(own_sd[0]) + "/" + std::to_string(seconds)));
  Study study = study_of({1, 8, 16});
  study.time_budget_minutes = seconds / 60;
  Budget out;
  for (int i = 0; i < kStudies; ++i) {
    const StudyData d = run(study, random, 1, own_sd, seconds);
    const auto points = compare(d)[0].points;
    double spent = 0;
    for (const auto& t : d.trials) spent += qc::seconds(t.ended - t.started);
    out.most_spent = std::max(out.most_spent, spent);
    for (std::size_t p = 0; p < points.size(); ++p) {
      const Measured& delta = points[p].candidates[0].tok_s.value;
      count(out.covered, *delta.lo <= 0 && 0 <= *delta.hi);
      out.blocks[p] += static_cast<double>(points[p].baseline.blocks) / kStudies;
    }
  }
  return out;
}

TEST(ATimeBudget, gives_more_blocks_to_wider_intervals_and_leaves_the_coverage_as_it_is) {
  const Budget b = simulate_budget({0.003, 0.003, 0.06}, 4 * 3 * 7);   // seven blocks each on average
  EXPECT_GE(b.covered.value(), 0.93);
  EXPECT_LE(b.covered.value(), 0.97);
  EXPECT_GE(b.blocks[0], 2);
  EXPECT_GT(b.blocks[2], b.blocks[0] + 1.5) << b.blocks[0] << ", " << b.blocks[1] << " and " << b.blocks[2] << " blocks";
  EXPECT_LT(b.most_spent, 4 * 3 * 7 * 1.1);   // the last pair may drift slower than those before
}

TEST(ATimeBudget, is_not_led_astray_by_luck_where_all_scatter_alike) {
  const Budget b = simulate_budget({0.02, 0.02, 0.02}, 4 * 3 * 4);   // of 6,000 intervals: the standard error is 0.28 points. Leaning itself is held by unit_sequence
  EXPECT_GE(b.covered.value(), 0.94);
  EXPECT_LE(b.covered.value(), 0.97);
}

}  // namespace
}  // namespace qc
