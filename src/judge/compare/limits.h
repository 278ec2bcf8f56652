#pragma once
// What a user can bear: limits on latencies and on failures, as typed after --slo, and which requests keep them.
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "record/record.h"

namespace qc {

enum class Bounded { ttft, tpot, itl, e2e, failed, missed };   ///< failed: requests that failed; missed: requests that are not good

/// Of the figure at least `share` stays at or below `ms`. Of `failed` and `missed`: of the requests at least `share` are not so.
struct ServiceLimit {
  std::string name;                       ///< as typed, without the value: "p95_e2e"
  Bounded what = Bounded::e2e;
  double share = 0.95;                    ///< 1 of a limit without a percentile: each request for itself, which only goodput knows
  double ms = 0;
  [[nodiscard]] bool is_latency() const { return what < Bounded::failed; }
  [[nodiscard]] bool of_each_request() const { return is_latency() && share >= 1; }
};

/// "p95_e2e=3000ms,p95_ttft=0.5s,failed=1%,goodput=95%": p50, p90, p95 or p99 of ttft, tpot, itl or e2e at most so long; "e2e=3s": of each request;
/// `failed` at most, `goodput` at least this share. Fails as usage, naming the part.
Result<std::vector<ServiceLimit>> parse_limits(std::string_view text);
/// "1%" or "0.01": above 0 and below 1. Empty: anything else.
std::optional<double> parse_share(std::string_view text);
/// "p95_e2e <= 3000 ms", "failed <= 1 %", "goodput >= 95 %".
std::string limit_text(const ServiceLimit& limit);

/// The time of each token of an answer after the first one, in ms: the gaps between its events, spread over their tokens (METRICS.md's itl).
std::vector<double> token_gaps_ms(const RequestRecord& request);
/// What one request has of the figure: its itl at the limit's percentile (its largest where there is none). Empty: it has none, as an answer of one token has no tpot, or it failed.
std::optional<double> latency_of(const RequestRecord& request, const ServiceLimit& limit);
/// The request's latencies over their limits, the largest; infinite where it failed, 0 where it has none of the figures.
double worst_ratio(const RequestRecord& request, const std::vector<ServiceLimit>& limits);
/// Answered, and within every limit on a latency; one that it has no figure for does not count against it.
bool is_good(const RequestRecord& request, const std::vector<ServiceLimit>& limits);

/// METRICS.md's goodput of measured requests.
struct Goodput {
  int good = 0, requests = 0;             ///< failed ones among `requests`
  std::optional<double> share;            ///< good / requests
  std::optional<double> requests_per_s;   ///< of all that were answered, times good / answered
};
Goodput goodput_among(std::span<const RequestRecord* const> requests, const std::vector<ServiceLimit>& limits, std::optional<double> answered_per_s);
Goodput goodput_of(const std::vector<RequestRecord>& requests, const std::vector<ServiceLimit>& limits, std::optional<double> answered_per_s);

}  // namespace qc
