#include "judge/compare/load_figures.h"

#include <algorithm>

#include "judge/compare/samples.h"
#include "record/rates.h"
#include "stats/sequence.h"
#include "stats/stats.h"

namespace qc {
namespace {

std::vector<const RequestRecord*> measured(const std::vector<RequestRecord>& requests) {
  std::vector<const RequestRecord*> out;
  for (const RequestRecord& r : requests)
    if (!r.warmup) out.push_back(&r);
  return out;
}

double span_s(const std::vector<const RequestRecord*>& requests) {
  if (requests.empty()) return 0;
  Instant first = requests.front()->sent, last = first;
  for (const RequestRecord* r : requests) first = std::min(first, r->sent), last = std::max(last, r->done.value_or(r->last.value_or(r->sent)));
  return seconds(last - first);
}

// From so many samples on both tails of an interval are taken alike: the pair with the fewest ranks between is hardly narrower, and takes long to find.
constexpr std::size_t kMany = 1000;
constexpr double kEachTail = 0.025;

}  // namespace

Distribution distribution_of(std::vector<double> samples, Sampled of) {
  Distribution out;
  out.n = static_cast<int>(samples.size());
  if (samples.empty()) return out;
  out.mean = mean(samples);
  const auto [least, most] = std::ranges::minmax(samples);
  out.min = least, out.max = most;
  const auto at = quantiles_in_place(samples, {0.5, 0.9, 0.95, 0.99});
  out.p50 = at[0], out.p90 = at[1], out.p95 = at[2], out.p99 = at[3];
  if (of == Sampled::events) return out;
  const auto interval = [&](double q) -> std::optional<std::pair<double, double>> {
    if (samples.size() < kMany) {
      const auto found = quantile_interval(samples, q);
      return found ? std::optional(std::pair(found->lo, found->hi)) : std::nullopt;
    }
    const auto found = quantile_bounds(samples, q, out.n, kEachTail, kEachTail);
    return std::pair(found.lo, found.hi);
  };
  out.p95_interval = interval(0.95), out.p99_interval = interval(0.99);
  if (!out.p95_interval) out.p95_needed = std::max(1, samples_needed(0.95) - out.n);
  return out;
}

StampCounts stamps_of(const std::vector<RequestRecord>& requests) {
  StampCounts out;
  for (const RequestRecord& r : requests)
    for (const Event& e : r.events)
      if (!r.warmup) ++(e.stamp == Stamp::kernel ? out.kernel : out.user);
  return out;
}

LoadFigures figures_of_load(const TrialRecord& trial, const std::vector<RequestRecord>& requests) {
  const auto counted = measured(requests);
  Samples samples = collect(counted);
  LoadFigures out;
  out.requests_ok = samples.ok, out.requests_failed = samples.failed, out.failures = samples.failures;
  for (const double n : samples.output_tokens) out.output_tokens += static_cast<std::int64_t>(n);
  for (const double n : samples.prompt_tokens) out.prompt_tokens += static_cast<std::int64_t>(n);
  out.output_tok_s = window_rate(trial, counted);
  out.window_s = seconds(trial.steady_end - trial.steady_start);
  out.duration_s = span_s(counted);
  if (samples.ok > 0 && out.duration_s > 0) out.whole_run_tok_s = static_cast<double>(out.output_tokens) / out.duration_s;
  if (const auto length = mean(samples.output_tokens); out.output_tok_s && length && *length > 0) out.requests_per_s = *out.output_tok_s / *length;
  std::vector<double> intended, gaps, late;
  for (const RequestRecord* r : counted) {
    if (r->failure != Failure::connect && r->failure != Failure::tls) late.push_back(static_cast<double>((r->sent - r->intended).count()) * 1e-3);
    if (r->failure || !r->first) continue;
    intended.push_back(millis(*r->first - r->intended));
    for (std::size_t i = 1; i < r->events.size(); ++i) gaps.push_back(millis(r->events[i].at - r->events[i - 1].at));
  }
  out.ttft_ms = distribution_of(std::move(samples.ttft_ms), Sampled::requests), out.tpot_ms = distribution_of(std::move(samples.tpot_ms), Sampled::requests);
  out.itl_ms = distribution_of(std::move(samples.itl_ms)), out.e2e_ms = distribution_of(std::move(samples.e2e_ms), Sampled::requests);
  out.ttft_intended_ms = distribution_of(std::move(intended), Sampled::requests), out.chunk_gap_ms = distribution_of(std::move(gaps));
  out.send_lateness_us = distribution_of(std::move(late));
  return out;
}

}  // namespace qc
