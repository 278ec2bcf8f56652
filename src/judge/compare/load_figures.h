#pragma once
// One load on one endpoint: its figures, without a comparison.
#include <array>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "record/record.h"

namespace qc {

/// Of the samples of one figure; nothing but n where there are none.
struct Distribution {
  int n = 0;
  std::optional<double> mean, p50, p90, p95, p99, min, max;
  std::optional<std::pair<double, double>> p95_interval, p99_interval;  ///< 95 %, from order statistics; of requests only; empty: the sample is too small for one
  int p95_needed = 0;                     ///< more samples that the first one takes
};
/// One a request, or several: those of one request share its luck, so that their order bounds no percentile.
enum class Sampled { requests, events };
Distribution distribution_of(std::vector<double> samples, Sampled of = Sampled::events);

/// METRICS.md's figures of ok, non-warm-up requests, in milliseconds.
struct LoadFigures {
  int requests_ok = 0, requests_failed = 0;
  std::array<int, kFailureNames.size()> failures{};
  std::int64_t output_tokens = 0, prompt_tokens = 0;
  std::optional<double> output_tok_s;     ///< in the steady window
  std::optional<double> whole_run_tok_s;
  std::optional<double> requests_per_s;   ///< output_tok_s over the mean length of an answer
  double window_s = 0;                    ///< of the steady window
  double duration_s = 0;                  ///< from the first request's sending to the end of the last one
  Distribution ttft_ms, ttft_intended_ms, tpot_ms, itl_ms, chunk_gap_ms, e2e_ms;
  Distribution send_lateness_us;
};
/// Whose clock stamped the events of the measured requests.
struct StampCounts { std::int64_t kernel = 0, user = 0; };
StampCounts stamps_of(const std::vector<RequestRecord>& requests);

LoadFigures figures_of_load(const TrialRecord& trial, const std::vector<RequestRecord>& requests);

}  // namespace qc
