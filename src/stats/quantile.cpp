#include <algorithm>
#include <cassert>
#include <cmath>
#include <initializer_list>
#include <numeric>

#include "stats/stats.h"

namespace qc {

namespace {

/// The value at a place between order statistics, counted from 0.
double at_place(std::span<const double> sorted, double place) {
  const auto below = static_cast<std::size_t>(place);
  const auto above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], place - std::floor(place));
}

std::vector<double> in_order(std::span<const double> xs) {
  std::vector<double> sorted(xs.begin(), xs.end());
  std::ranges::sort(sorted);
  return sorted;
}

/// (n + 1/3) q + 1/3, counted from 1; here from 0.
double median_unbiased_place(double n, double q) { return q * (n + 1.0 / 3) - 2.0 / 3; }

}  // namespace

std::optional<double> quantile(std::span<const double> xs, double q) {
  assert(q >= 0 && q <= 1);
  if (xs.empty()) return std::nullopt;
  return at_place(in_order(xs), q * static_cast<double>(xs.size() - 1));
}

std::vector<double> quantiles_in_place(std::span<double> xs, std::initializer_list<double> qs) {
  std::vector<double> out;
  if (xs.empty()) return out;
  auto from = xs.begin();   // all before it are no larger than what follows
  for (const double q : qs) {
    assert(q >= 0 && q <= 1);
    const double place = q * static_cast<double>(xs.size() - 1);
    const auto at = xs.begin() + static_cast<std::ptrdiff_t>(place);
    std::nth_element(from, at, xs.end());
    const auto next = at + 1 == xs.end() ? at : std::min_element(at + 1, xs.end());
    out.push_back(std::lerp(*at, *next, place - std::floor(place)));
    from = at;
  }
  return out;
}

std::optional<double> median_unbiased_quantile(std::span<const double> xs, double q) {
  assert(q >= 0 && q <= 1);
  const auto n = static_cast<double>(xs.size());
  const double place = median_unbiased_place(n, q);
  if (place < 0 || place > n - 1) return std::nullopt;
  return at_place(in_order(xs), place);
}

int median_unbiased_samples(double q) {
  assert(q > 0 && q < 1);
  int n = 1;
  while (median_unbiased_place(n, q) < 0 || median_unbiased_place(n, q) > n - 1) ++n;
  return n;
}

std::optional<double> mean(std::span<const double> xs) {
  if (xs.empty()) return std::nullopt;
  return std::accumulate(xs.begin(), xs.end(), 0.0) / static_cast<double>(xs.size());
}

std::optional<double> sample_stddev(std::span<const double> xs) {
  if (xs.size() < 2) return std::nullopt;
  const double centre = *mean(xs);
  double squares = 0;
  for (const double x : xs) squares += (x - centre) * (x - centre);
  return std::sqrt(squares / static_cast<double>(xs.size() - 1));
}

}  // namespace qc
