#include "judge/compare/load_figures.h"

#include <algorithm>

#include "judge/compare/samples.h"
#include "record/rates.h"
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

}  // namespace

Distribution distribution_of(std::vector<double> samples) {
  Distribution out;
  out.n = static_cast<int>(samples.size());
  if (samples.empty()) return out;
  out.mean = mean(samples);
  const auto [least, most] = std::ranges::minmax(samples);
  out.min = least, out.max = most;
  const auto at = quantiles_in_place(samples, {0.5, 0.9, 0.95, 0.99});
  out.p50 = at[0], out.p90 = at[1], out.p95 = at[2], out.p99 = at[3];
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
  out.ttft_ms = distribution_of(std::move(samples.ttft_ms)), out.tpot_ms = distribution_of(std::move(samples.tpot_ms));
  out.itl_ms = distribution_of(std::move(samples.itl_ms)), out.e2e_ms = distribution_of(std::move(samples.e2e_ms));
  out.ttft_intended_ms = distribution_of(std::move(intended)), out.chunk_gap_ms = distribution_of(std::move(gaps));
  out.send_lateness_us = distribution_of(std::move(late));
  return out;
}

}  // namespace qc
