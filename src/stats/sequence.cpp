#include "stats/sequence.h"

#include <boost/math/distributions/binomial.hpp>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <vector>

namespace qc {
namespace {

/// Places in order, equal values sharing the mean of theirs, less the mean of all.
std::vector<double> centred_ranks(std::span<const double> xs) {
  std::vector<std::size_t> order(xs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return xs[i]; });
  std::vector<double> ranks(xs.size());
  const double centre = static_cast<double>(xs.size() - 1) / 2;
  for (std::size_t i = 0; i < order.size();) {
    std::size_t end = i;
    while (end < order.size() && !(xs[order[i]] < xs[order[end]])) ++end;
    for (std::size_t k = i; k < end; ++k) ranks[order[k]] = static_cast<double>(i + end - 1) / 2 - centre;
    i = end;
  }
  return ranks;
}

double covariance(const std::vector<double>& xs, std::size_t lag) {
  const double *at = xs.data(), *const end = at + xs.size() - lag;
  double sum = 0;
  for (; at != end; ++at) sum += *at * at[lag];
  return sum;
}

/// Largest r with P(B < r) <= miss, B ~ binomial(n, q): the order statistic of rank r lies above the quantile no more often. 0: none.
int lower_rank(const boost::math::binomial& below, int n, double miss) {
  int lo = 0, hi = n;
  while (lo < hi) {
    const int middle = (lo + hi + 1) / 2;
    if (cdf(below, middle - 1) <= miss) lo = middle;
    else hi = middle - 1;
  }
  return lo;
}

/// Smallest s with P(B >= s) <= miss. n + 1: none.
int upper_rank(const boost::math::binomial& below, int n, double miss) {
  int lo = 1, hi = n + 1;
  while (lo < hi) {
    const int middle = (lo + hi) / 2;
    if (cdf(complement(below, middle - 1)) <= miss) hi = middle;
    else lo = middle + 1;
  }
  return lo;
}

}  // namespace

double correlation_time(std::span<const double> xs, double most) {
  if (xs.size() < 4) return 1;
  const std::vector<double> ranks = centred_ranks(xs);
  const double variance = covariance(ranks, 0);
  if (variance <= 0) return 1;
  double sum = 0, least = std::numeric_limits<double>::infinity();
  for (std::size_t lag = 0; lag + 1 < xs.size() / 2 && 2 * sum - 1 <= most; lag += 2) {
    const double pair = (covariance(ranks, lag) + covariance(ranks, lag + 1)) / variance;
    if (pair <= 0) break;
    least = std::min(least, pair);
    sum += least;
  }
  return std::max(1.0, 2 * sum - 1);
}

double binomial_tail(int n, int k, double p) { return k <= 0 ? 1 : cdf(complement(boost::math::binomial(n, p), k - 1)); }

QuantileBounds quantile_bounds(std::span<const double> xs, double q, double independent, double miss_lo, double miss_hi) {
  assert(q > 0 && q < 1 && miss_lo > 0 && miss_lo < 1 && miss_hi > 0 && miss_hi < 1);
  QuantileBounds out{-std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()};
  const auto n = static_cast<int>(std::min(std::floor(independent), static_cast<double>(xs.size())));
  if (n < 1) return out;
  std::vector<double> sorted(xs.begin(), xs.end());
  std::ranges::sort(sorted);
  const boost::math::binomial below(n, q);
  const double each = static_cast<double>(sorted.size()) / n;   // samples that stand for one independent one
  const auto at = [&](double rank) { return sorted[static_cast<std::size_t>(std::clamp(rank, 1.0, static_cast<double>(sorted.size()))) - 1]; };
  if (const int r = lower_rank(below, n, miss_lo); r > 0) out.lo = at(std::floor((r - 1) * each) + 1);
  if (const int s = upper_rank(below, n, miss_hi); s <= n) out.hi = at(std::ceil(s * each));
  return out;
}

std::optional<MeanInterval> batch_mean_interval(std::span<const double> xs, int batches, double confidence) {
  assert(batches >= 2);
  const std::size_t size = xs.size() / static_cast<std::size_t>(batches);
  if (size < 2) return std::nullopt;
  xs = xs.last(size * static_cast<std::size_t>(batches));
  std::vector<double> means;
  for (std::size_t i = 0; i < xs.size(); i += size) means.push_back(*mean(xs.subspan(i, size)));
  return MeanInterval{*mean(means), student_t(batches - 1, confidence) * *sample_stddev(means) / std::sqrt(static_cast<double>(batches))};
}

}  // namespace qc
