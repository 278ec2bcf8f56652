// Intervals of quantiles from order statistics: exact for independent samples of any continuous distribution.
#include <boost/math/distributions/binomial.hpp>

#include <algorithm>
#include <cassert>
#include <cmath>

#include "stats/stats.h"

namespace qc {
namespace {

/// How many of n samples lie at or below the true quantile q: binomial(n, q).
class SamplesBelow {
 public:
  SamplesBelow(int n, double q) : counts_(n, q) {}
  /// The order statistic of rank r lies above the quantile: fewer than r samples are below it.
  [[nodiscard]] double misses_low(int r) const { return r < 1 ? 0 : cdf(counts_, r - 1); }
  /// The order statistic of rank s lies below the quantile.
  [[nodiscard]] double misses_high(int s) const { return cdf(complement(counts_, s - 1)); }

 private:
  boost::math::binomial counts_;
};

}  // namespace

std::optional<std::pair<int, int>> quantile_ranks(int n, double q, double confidence) {
  assert(q > 0 && q < 1 && confidence > 0 && confidence < 1);
  if (n < 2) return std::nullopt;
  const SamplesBelow below(n, q);
  const double allowed = 1 - confidence;
  std::optional<std::pair<int, int>> best;
  double best_larger_tail = 1;
  // For each lower rank the least upper one that keeps the sum of both tails; it only grows with the lower rank.
  int s = 2;
  for (int r = 1; r < n && below.misses_low(r) <= allowed; ++r) {
    s = std::max(s, r + 1);
    while (s <= n && below.misses_low(r) + below.misses_high(s) > allowed) ++s;
    if (s > n) break;
    const double larger_tail = std::max(below.misses_low(r), below.misses_high(s));
    const int width = best ? best->second - best->first : n;
    if (s - r > width || (s - r == width && larger_tail >= best_larger_tail)) continue;
    best = {r, s};
    best_larger_tail = larger_tail;
  }
  return best;
}

std::optional<Interval> quantile_interval(std::span<const double> xs, double q, double confidence) {
  const auto ranks = quantile_ranks(static_cast<int>(xs.size()), q, confidence);
  if (!ranks) return std::nullopt;
  std::vector<double> sorted(xs.begin(), xs.end());
  std::ranges::sort(sorted);
  const auto at = [&](int rank) { return sorted[static_cast<std::size_t>(rank - 1)]; };
  return Interval{at(ranks->first), at(ranks->second)};
}

int samples_needed(double q, double confidence) {
  assert(q > 0 && q < 1 && confidence > 0 && confidence < 1);
  // The widest pair, (1, n), misses with q^n + (1 - q)^n, which only falls with n.
  int n = 2;
  while (std::pow(q, n) + std::pow(1 - q, n) > 1 - confidence) ++n;
  return n;
}

}  // namespace qc
