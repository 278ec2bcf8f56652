// How often the intervals of a median, a p95 and a mean hold the truth: of a cell over its blocks, and of the Delta of two cells.
// Fixed seeds, 2,000 studies a setting; the requests' spread and the blocks' are drawn apart, and the two variants may scatter unlike.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "core/random.h"
#include "stats/stats.h"

namespace qc {
namespace {

constexpr int kFigureStudies = 2000;   // the standard error of a coverage of 95 % is then 0.49 points
constexpr double kFigureLevelRatio = 1.3, kZ95 = 1.6448536;

/// Requests' times about a block's level: exp(sd x normal), or waiting times (exponential), whose mean is 1.
struct Scatter {
  double sd = 0.05;
  bool exponential = false;
  [[nodiscard]] double draw(Random& random) const { return exponential ? -std::log(1 - random.uniform()) : std::exp(sd * random.normal()); }
  [[nodiscard]] double p50() const { return exponential ? std::log(2) : 1; }
  [[nodiscard]] double p95() const { return exponential ? -std::log(0.05) : std::exp(kZ95 * sd); }
  [[nodiscard]] double mean() const { return exponential ? 1 : std::exp(sd * sd / 2); }
};

struct FigureSetting {
  int blocks, requests;
  double block_sd;   ///< of the drift that both variants of a block feel, and once more of each visit alone
  Scatter baseline, candidate;
};

std::string text(const FigureSetting& s) {
  const auto words = [](const Scatter& x) { return x.exponential ? std::string("exponential") : std::to_string(x.sd); };
  return std::to_string(s.blocks) + " blocks of " + std::to_string(s.requests) + ", their sd " + std::to_string(s.block_sd) + ", requests' sd " + words(s.baseline) + " and " + words(s.candidate);
}

enum Figure { p50, p95, average, figures };
constexpr const char* kNames[figures] = {"p50", "p95", "mean"};
using Values = std::array<std::vector<double>, figures>;   ///< a value a block

void add_visit(Values& values, Random& random, int requests, double level, const Scatter& scatter) {
  std::vector<double> ms(static_cast<std::size_t>(requests));
  for (double& x : ms) x = level * scatter.draw(random);
  values[p50].push_back(*median_unbiased_quantile(ms, 0.5));
  values[p95].push_back(*median_unbiased_quantile(ms, 0.95));
  values[average].push_back(*mean(ms));
}

bool holds(const Interval& interval, double truth) { return interval.lo <= truth && truth <= interval.hi; }

struct Held { std::array<int, figures> cell{}, delta{}; };

Held simulate(const FigureSetting& s) {
  Random random(derive_seed(23, text(s)));
  const std::array<double, figures> truth = {s.baseline.p50(), s.baseline.p95(), s.baseline.mean()};
  const std::array<double, figures> of_candidate = {s.candidate.p50(), s.candidate.p95(), s.candidate.mean()};
  Held held;
  for (int study = 0; study < kFigureStudies; ++study) {
    Values a, b;
    for (int block = 0; block < s.blocks; ++block) {
      const double shared = s.block_sd * random.normal();
      add_visit(a, random, s.requests, std::exp(shared + s.block_sd * random.normal()), s.baseline);
      add_visit(b, random, s.requests, kFigureLevelRatio * std::exp(shared + s.block_sd * random.normal()), s.candidate);
    }
    for (std::size_t f = 0; f < figures; ++f) {
      held.cell[f] += holds(*log_t_interval(a[f]), truth[f]);
      held.delta[f] += holds(paired_ratio(a[f], b[f])->interval, kFigureLevelRatio * of_candidate[f] / truth[f]);
    }
  }
  return held;
}

void expect_coverage(const FigureSetting& s) {
  const Held held = simulate(s);
  for (std::size_t f = 0; f < figures; ++f)
    for (const auto& [what, count] : {std::pair("cell's ", held.cell[f]), std::pair("Delta of ", held.delta[f])}) {
      const double share = static_cast<double>(count) / kFigureStudies;
      EXPECT_GE(share, 0.93) << what << kNames[f] << ", " << text(s);
      EXPECT_LE(share, 0.97) << what << kNames[f] << ", " << text(s);
    }
}

const Scatter kNarrow{0.05}, kWide{0.20}, kHeavy{0.60}, kWaiting{0, true};

TEST(FiguresOfBlocks, cover_with_16_requests_a_block) {
  for (const int blocks : {2, 4, 8})
    for (const double sd : {0.0, 0.02, 0.05}) {
      expect_coverage({blocks, 16, sd, kNarrow, kNarrow});
      expect_coverage({blocks, 16, sd, kNarrow, kWide});
      expect_coverage({blocks, 16, sd, kHeavy, kHeavy});
      expect_coverage({blocks, 16, sd, kWide, kHeavy});
    }
}

TEST(FiguresOfBlocks, cover_with_48_and_96_requests_a_block) {
  for (const int blocks : {2, 4})
    for (const double sd : {0.0, 0.05}) expect_coverage({blocks, 48, sd, kNarrow, kHeavy});
  expect_coverage({8, 96, 0.05, kNarrow, kHeavy});
}

// What waits in a queue: standard deviation as large as the mean.
TEST(FiguresOfBlocks, cover_waiting_times) {
  for (const int blocks : {2, 4, 8}) expect_coverage({blocks, 32, 0.05, kWaiting, kWaiting});
}

}  // namespace
}  // namespace qc
