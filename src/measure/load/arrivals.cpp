#include "measure/load/arrivals.h"

#include <algorithm>
#include <cmath>

#include "core/random.h"
#include "stats/stats.h"

namespace qc {
namespace {

constexpr double kNever = 366.0 * 86400;   // seconds

Nanos nanos(double s) { return Nanos(static_cast<std::int64_t>(std::llround(s * 1e9))); }

/// The rate at one moment of a straight line.
double rate_in(const RateCurve::Knot& a, const RateCurve::Knot& b, double at_s) { return a.per_s + (b.per_s - a.per_s) * (at_s - a.at_s) / (b.at_s - a.at_s); }

/// Seconds into a line that begins with rate `r` and rises by `slope` a second until `n` are expected: r t + slope t^2 / 2 = n, in the form
/// that does not cancel.
double time_for(double n, double r, double slope) { return n <= 0 ? 0 : 2 * n / (r + std::sqrt(std::max(0.0, r * r + 2 * slope * n))); }

}  // namespace

Gaps poisson_gaps(std::uint64_t seed) {
  return [random = Random(derive_seed(seed, "poisson arrivals"))]() mutable { return -std::log1p(-random.uniform()); };
}

Gaps constant_gaps() {
  return [] { return 1.0; };
}

Gaps gamma_gaps(double burstiness, std::uint64_t seed) {
  return [burstiness, random = Random(derive_seed(seed, "gamma arrivals"))]() mutable { return gamma_quantile(burstiness, random.uniform()) / burstiness; };
}

Gaps burst_gaps(int size) {
  return [size, place = 0]() mutable {
    const bool first = place == 0;
    place = (place + 1) % size;
    return first ? static_cast<double>(size) : 0.0;
  };
}

RateCurve::RateCurve(std::vector<Knot> knots) : knots_(std::move(knots)) {
  if (knots_.front().at_s > 0) knots_.insert(knots_.begin(), {0, knots_.front().per_s});
}

double RateCurve::expected(double at_s) const {
  double sum = 0;
  for (std::size_t i = 0; i < knots_.size() && knots_[i].at_s < at_s; ++i) {
    const Knot& a = knots_[i];
    const bool last = i + 1 == knots_.size();
    const double end = last ? at_s : std::min(at_s, knots_[i + 1].at_s);
    const double then = last ? a.per_s : rate_in(a, knots_[i + 1], end);
    sum += (a.per_s + then) / 2 * (end - a.at_s);
  }
  return sum;
}

std::optional<double> RateCurve::when(double count) const {
  for (std::size_t i = 0; i + 1 < knots_.size(); ++i) {
    const Knot &a = knots_[i], &b = knots_[i + 1];
    const double here = (a.per_s + b.per_s) / 2 * (b.at_s - a.at_s);
    if (count <= here) return a.at_s + time_for(count, a.per_s, (b.per_s - a.per_s) / (b.at_s - a.at_s));
    count -= here;
  }
  const Knot& last = knots_.back();
  if (last.per_s <= 0) return std::nullopt;
  return last.at_s + count / last.per_s;
}

std::vector<Nanos> arrivals(const Gaps& gaps, const RateCurve& rate, const ArrivalEnd& end) {
  std::vector<Nanos> due;
  double sum = 0;
  while (!end.count || due.size() < *end.count) {
    sum += gaps();
    const auto at = rate.when(sum);
    if (!at || *at > kNever || (end.time && *at >= end.time->count())) break;
    due.push_back(nanos(*at));
  }
  return due;
}

}  // namespace qc
