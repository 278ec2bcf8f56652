// How often the intervals hold the truth, over many simulated studies with fixed seeds (METRICS.md asks for 93 to 97 %).
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "core/random.h"
#include "stats/stats.h"

namespace qc {
namespace {

constexpr int kStudies = 2000;   // the standard error of a coverage of 95 % is then 0.49 points
constexpr int kRequests = 16;    // a block
constexpr double kRequestSd = 0.05;
constexpr double kLevelRatio = 1.3;

struct Setting {
  int blocks;
  double shared_sd;  ///< drift that both variants of a block feel
  double own_sd;     ///< of each visit alone
  double candidate_sd = kRequestSd;
};

/// The log times of one visit's requests.
std::vector<double> visit(Random& random, double level, double sd) {
  std::vector<double> logs(kRequests);
  for (double& x : logs) x = level + sd * random.normal();
  return logs;
}

std::vector<double> exp_of(std::vector<double> logs) {
  for (double& x : logs) x = std::exp(x);
  return logs;
}

/// Share of studies whose paired interval holds the true ratio, each block's figure being `summary` of its requests.
template <class Summary>
double paired_coverage(const Setting& setting, double true_ratio, std::string_view name, Summary summary) {
  Random random(derive_seed(7, std::string(name) + std::to_string(setting.blocks)));
  int held = 0;
  for (int study = 0; study < kStudies; ++study) {
    std::vector<double> baseline, candidate;
    for (int block = 0; block < setting.blocks; ++block) {
      const double shared = setting.shared_sd * random.normal();
      baseline.push_back(summary(exp_of(visit(random, shared + setting.own_sd * random.normal(), kRequestSd))));
      candidate.push_back(
          summary(exp_of(visit(random, std::log(kLevelRatio) + shared + setting.own_sd * random.normal(), setting.candidate_sd))));
    }
    const auto paired = paired_ratio(baseline, candidate);
    held += paired->interval.lo <= true_ratio && true_ratio <= paired->interval.hi;
  }
  return static_cast<double>(held) / kStudies;
}

std::vector<Setting> settings() {
  std::vector<Setting> all;
  for (const int blocks : {2, 4, 8})
    for (const double sd : {0.0, 0.02, 0.05}) {
      all.push_back({blocks, 0, sd});
      all.push_back({blocks, sd, 0.01});
    }
  return all;
}

std::string text(const Setting& s) {
  return std::to_string(s.blocks) + " blocks, shared sd " + std::to_string(s.shared_sd) + ", own sd " + std::to_string(s.own_sd) +
         ", candidate's requests " + std::to_string(s.candidate_sd);
}

// Throughput is the inverse of the mean time, and on logarithms the interval of an inverse is the inverse interval.
TEST(PairedRatio, covers_the_ratio_of_throughputs) {
  for (const Setting& s : settings()) {
    const double share = paired_coverage(s, kLevelRatio, "throughput", [](const auto& times) { return *mean(times); });
    EXPECT_GE(share, 0.93) << text(s);
    EXPECT_LE(share, 0.97) << text(s);
  }
}

TEST(LogTInterval, covers_a_cells_own_level) {
  for (const int blocks : {2, 4, 8}) {
    Random random(derive_seed(11, std::to_string(blocks)));
    int held = 0;
    for (int study = 0; study < kStudies; ++study) {
      std::vector<double> rates;
      for (int block = 0; block < blocks; ++block) rates.push_back(40 * std::exp(0.03 * random.normal()));
      const auto interval = log_t_interval(rates);
      held += interval->lo <= 40 && 40 <= interval->hi;
    }
    EXPECT_NEAR(static_cast<double>(held) / kStudies, 0.95, 0.02) << blocks << " blocks";
  }
}

TEST(QuantileInterval, of_p95_covers_at_least_as_often_as_it_says) {
  for (const int n : {59, 64, 128}) {
    Random random(derive_seed(13, std::to_string(n)));
    constexpr int kFewStudies = 1000;
    const double truth = -std::log(0.05);  // p95 of an exponential with mean 1
    int held = 0;
    for (int study = 0; study < kFewStudies; ++study) {
      std::vector<double> xs(static_cast<std::size_t>(n));
      for (double& x : xs) x = -std::log(1 - random.uniform());
      const auto interval = quantile_interval(xs, 0.95);
      held += interval->lo <= truth && truth <= interval->hi;
    }
    EXPECT_GE(static_cast<double>(held) / kFewStudies, 0.94) << n << " samples";
    EXPECT_LE(static_cast<double>(held) / kFewStudies, 0.985) << n << " samples";
  }
}

}  // namespace
}  // namespace qc
