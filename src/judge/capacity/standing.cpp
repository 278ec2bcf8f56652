#include "judge/capacity/standing.h"

#include <algorithm>
#include <cmath>

#include "stats/sequence.h"

namespace qc {
namespace {

constexpr double kCorrelationTimes = 30;  // in a sample that decides: below that a correlation is not known well enough (tests/statistical/capacity)
constexpr std::size_t kPieces = 16, kPiece = 20;
constexpr double kFar = 8;                // standard deviations: of a queue at its limit the pieces lie at 2

double share_over(std::span<const double> xs, double bound) {
  return static_cast<double>(std::ranges::count_if(xs, [&](double x) { return x > bound; })) / static_cast<double>(xs.size());
}

std::span<const double> piece(std::span<const double> xs, std::size_t i) {
  const std::size_t from = i * xs.size() / kPieces, to = (i + 1) * xs.size() / kPieces;
  return xs.subspan(from, to - from);
}

/// How far the percentile lies below the limit (above: negative), in standard deviations of its logarithm from piece to piece of the run. A server that takes nearly as long for each request drifts a
/// little, all of it one correlation; what matters is whether such a drift could ever reach the limit.
double distance(const ServiceLimit& limit, std::span<const double> own, double bound) {
  if (own.size() < kPieces * kPiece) return 0;
  std::vector<double> logs;
  for (std::size_t i = 0; i < kPieces; ++i) logs.push_back(std::log(std::max(1e-9, *quantile(piece(own, i), limit.share))));
  return (std::log(bound) - *mean(logs)) / std::max(1e-9, *sample_stddev(logs));
}

/// A load beyond what the server takes makes a queue that grows: its samples are one long correlation, and no number of them would decide. But of
/// requests that keep a limit with `share`, a piece of the run all of which is over it has a chance of at most 1 - share (Markov).
bool keeps_missing(const ServiceLimit& limit, std::span<const double> own, double bound, double miss) {
  if (own.size() < kPieces * kPiece) return false;
  std::size_t over = 0;
  for (std::size_t i = 0; i < kPieces; ++i) over += share_over(piece(own, i), bound) == 1;
  return binomial_tail(kPieces, static_cast<int>(over), 1 - limit.share) <= miss;
}

/// A time that an answer took; empty: of failed requests, or no bound at all.
std::optional<double> answered(double ms) { return ms >= 0 && ms < kNeverMs / 1e6 ? std::optional(ms) : std::nullopt; }

}  // namespace

LimitStanding judge_limit(const ServiceLimit& limit, const LimitSamples& samples, double miss_met, double miss_missed) {
  LimitStanding out;
  if (samples.own.empty() || samples.pooled.empty()) return out;
  const double bound = limit.is_latency() ? limit.ms : limit.what == Bounded::missed ? 1 : 0;
  const auto n = static_cast<double>(samples.own.size());
  const double correlation = correlation_time(samples.own, 1.5 * n / kCorrelationTimes);
  out.independent = n / correlation;
  const double over = share_over(samples.pooled, bound);
  // Two ways to be called missed share its chance.
  const auto bounds = quantile_bounds(samples.pooled, limit.share, out.independent, miss_missed / 2, miss_met);
  if (limit.is_latency()) {
    const double value = *quantile(samples.pooled, limit.share);
    out.value = answered(value), out.lo = answered(bounds.lo), out.hi = answered(bounds.hi);
    out.room = limit.ms / value;
  } else {
    out.value = limit.what == Bounded::failed ? over : 1 - over;
    if (limit.what == Bounded::missed) out.room = 1 / std::max(1e-9, *quantile(samples.own, limit.share));
    else if (over > 0) out.room = (1 - limit.share) / over;
  }
  const bool known = n >= kCorrelationTimes * correlation;
  out.growing = !known && keeps_missing(limit, samples.own, bound, miss_missed / 2);
  // Where a bound can be had it decides alone.
  const bool bounded = known && std::isfinite(bounds.hi) && std::isfinite(bounds.lo);
  const double far = bounded || bound == 0 ? 0 : distance(limit, samples.own, bound);
  if ((known && bounds.hi <= bound) || far >= kFar) out.standing = Standing::met;
  if ((known && bounds.lo > bound) || far <= -kFar || out.growing) out.standing = Standing::missed;
  return out;
}

}  // namespace qc
