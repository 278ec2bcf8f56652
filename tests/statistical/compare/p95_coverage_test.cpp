// How often the interval of a Delta of p95, as the report prints it, holds the truth: whole studies through compare(), fixed seeds.
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "core/random.h"
#include "judge/compare/compare.h"
#include "support/tiny_study.h"

namespace qc {
namespace {

constexpr int kStudies = 1000;   // the standard error of a coverage of 95 % is then 0.69 points
constexpr double kRequestSd = 0.05, kLevelRatio = 1.3, kZ95 = 1.6448536;

struct Setting {
  int blocks, requests;
  double shared_sd, own_sd, candidate_sd;
};

void add_visit(StudyData& d, const std::string& variant, int block, const Setting& s, Random& random, double level, double sd) {
  const int id = d.planned_trials++;
  d.trials.push_back(test::trial(id, variant, block, 1e6));
  for (int i = 0; i < s.requests; ++i) {
    const double ms = 1000 * std::exp(level + sd * random.normal());
    d.requests.push_back(test::answered(id, i, 0, ms, 0, 1));
  }
}

StudyData draw(const Setting& s, Random& random) {
  StudyData d;
  d.study = test::study();
  for (int block = 0; block < s.blocks; ++block) {
    const double shared = s.shared_sd * random.normal();
    add_visit(d, "bf16", block, s, random, shared + s.own_sd * random.normal(), kRequestSd);
    add_visit(d, "q4", block, s, random, std::log(kLevelRatio) + shared + s.own_sd * random.normal(), s.candidate_sd);
  }
  return d;
}

double coverage(const Setting& s) {
  Random random(derive_seed(17, std::to_string(s.blocks) + "x" + std::to_string(s.requests)));
  const double truth = kLevelRatio * std::exp(kZ95 * (s.candidate_sd - kRequestSd)) - 1;
  int held = 0;
  for (int i = 0; i < kStudies; ++i) {
    const auto w = compare(draw(s, random));
    const Measured& delta = w[0].points[0].candidates[0].p95.value;
    if (!delta.lo || !delta.hi) return -1;
    EXPECT_LE(*delta.lo, *delta.value);
    EXPECT_GE(*delta.hi, *delta.value);
    held += *delta.lo <= truth && truth <= *delta.hi;
  }
  return static_cast<double>(held) / kStudies;
}

// The candidate's requests scatter four times as much as the baseline's, which is where a block's plain p95 fails (80 to 93 %).
// statistical_stats has the whole grid of settings, on blocks alone. The bounds here are 93 to 97 % and two standard errors.
TEST(DeltaOfP95, covers_the_true_ratio) {
  for (const Setting& s : {Setting{2, 16, 0.02, 0.02, 0.20}, {4, 13, 0.02, 0.02, 0.20}, {4, 16, 0.05, 0.05, 0.20}, {8, 16, 0.02, 0.02, 0.20}}) {
    const double share = coverage(s);
    EXPECT_GE(share, 0.916) << s.blocks << " blocks of " << s.requests;
    EXPECT_LE(share, 0.984) << s.blocks << " blocks of " << s.requests;
  }
}

}  // namespace
}  // namespace qc
