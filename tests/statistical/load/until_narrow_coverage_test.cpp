// How often the interval that ended a run holds the true mean, over many simulated runs with fixed seeds: looking again and again must not cost it its coverage.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

#include "core/random.h"
#include "measure/load/until_narrow.h"

namespace qc {
namespace {

constexpr int kRuns = 1000;               // the standard error of a coverage of 95 % is then 0.69 points
constexpr std::size_t kMost = 400'000;

using Sequence = std::function<std::function<double()>(Random& random)>;

/// Share of runs whose last interval holds `truth`, and the mean number of values that a run took.
struct Ran { double coverage, mean_length; };
Ran run_many(const std::string& name, const Sequence& make, double truth, double half_width, std::size_t slots) {
  Random random(derive_seed(23, name));
  int held = 0;
  double length = 0;
  for (int i = 0; i < kRuns; ++i) {
    const auto next = make(random);
    UntilNarrow until(half_width, slots);
    std::size_t n = 0;
    while (!until.add(n, next()) && ++n < kMost) {}
    EXPECT_TRUE(until.narrow()) << name;
    EXPECT_LE(until.interval()->half_width, half_width * until.interval()->mean);
    held += std::abs(until.interval()->mean - truth) <= until.interval()->half_width;
    length += static_cast<double>(n) / kRuns;
  }
  std::printf("%s, +-%g %%: held %.3f, %.0f requests\n", name.c_str(), 100 * half_width, static_cast<double>(held) / kRuns, length);
  return {static_cast<double>(held) / kRuns, length};
}

std::function<double()> lognormal(Random& random, double sd) {
  return [&random, sd] { return std::exp(sd * random.normal()); };
}

/// Logs that keep `phi` of what they were; sd 0.3.
std::function<double()> drifting(Random& random, double phi) {
  return [&random, phi, x = 0.3 * random.normal()]() mutable { return std::exp(x = phi * x + 0.3 * std::sqrt(1 - phi * phi) * random.normal()); };
}

std::function<double()> waves(Random& random) {
  return [&random, place = 0, wave = 0.0]() mutable {
    if (place++ % 16 == 0) wave = std::exp(0.2 * random.normal());
    return wave * std::exp(0.05 * random.normal());
  };
}

void expect_covers(const Ran& ran) {
  EXPECT_GE(ran.coverage, 0.93);
  EXPECT_LE(ran.coverage, 0.97);
}

// The mean of a lognormal is exp(sd^2 / 2). An sd of 30 % to 2 % takes 1.96^2 x (30 / 2)^2 = 864 at least.
TEST(UntilNarrow, CoversTheMeanOfIndependentRequests) {
  for (const double half_width : {0.05, 0.02}) expect_covers(run_many("independent", [](Random& r) { return lognormal(r, 0.3); }, std::exp(0.045), half_width, 0));
  expect_covers(run_many("long tail", [](Random& r) { return lognormal(r, 0.8); }, std::exp(0.32), 0.05, 0));
}

TEST(UntilNarrow, CoversTheMeanOfCorrelatedRequests) {
  expect_covers(run_many("correlated 0.8", [](Random& r) { return drifting(r, 0.8); }, std::exp(0.045), 0.05, 0));
  expect_covers(run_many("correlated 0.95", [](Random& r) { return drifting(r, 0.95); }, std::exp(0.045), 0.07, 0));
  expect_covers(run_many("waves of 16", [](Random& r) { return waves(r); }, std::exp(0.02 + 0.00125), 0.05, 16));
}

}  // namespace
}  // namespace qc
