#pragma once
// Load shapes as values that compose: how arrivals scatter, times how their rate goes, gives the instants of an open loop.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace qc {

/// The next gap between two arrivals, as a multiple of the mean gap: what tells two arrival processes of one rate apart.
using Gaps = std::function<double()>;
/// Exponential gaps: nobody knows of anybody else.
Gaps poisson_gaps(std::uint64_t seed);
/// All gaps alike.
Gaps constant_gaps();
/// Gamma gaps of mean 1 and variance 1 / `burstiness`: 1 is Poisson, below it arrivals come in clusters, above it more evenly (as in vLLM's
/// benchmark). `burstiness` > 0.
Gaps gamma_gaps(double burstiness, std::uint64_t seed);
/// `size` arrivals at once, then nothing for as long as they would have taken.
Gaps burst_gaps(int size);

/// How the rate goes over time: straight lines between knots; before the first and after the last knot it stays.
class RateCurve {
 public:
  struct Knot { double at_s, per_s; };
  /// Knots in order of time, at least one; rates not negative.
  explicit RateCurve(std::vector<Knot> knots);
  static RateCurve steady(double per_s) { return RateCurve({{0, per_s}}); }
  /// From one rate to another in a straight line, which then stays.
  static RateCurve ramp(double from_per_s, double to_per_s, Seconds over) { return RateCurve({{0, from_per_s}, {over.count(), to_per_s}}); }
  /// Arrivals that are expected until `at_s`: the area under the curve.
  [[nodiscard]] double expected(double at_s) const;
  /// When so many are expected; empty: never.
  [[nodiscard]] std::optional<double> when(double count) const;

 private:
  std::vector<Knot> knots_;
};

/// Where a list of arrivals ends: what comes first; at least one is set.
struct ArrivalEnd { std::optional<std::size_t> count; std::optional<Seconds> time; };
/// The k-th arrival is due when as many are expected as the first k gaps sum to. Ascending.
std::vector<Nanos> arrivals(const Gaps& gaps, const RateCurve& rate, const ArrivalEnd& end);

/// One request of a recorded trace.
struct TraceEntry { Nanos at{0}; int input_tokens = 0, output_tokens = 0; };
/// A trace, of JSON lines or of CSV, with the fields that Mooncake gives it ({"timestamp": ms, "input_length": n, "output_length": n}) or those of Azure
/// (TIMESTAMP, ContextTokens, GeneratedTokens, or num_prefill_tokens and the like; times as seconds or "2023-11-16 18:17:03.9799600"). Milliseconds where the input's length is called input_length. Times count from the first entry; sorted by them. Fails as usage with FILE:LINE.
Result<std::vector<TraceEntry>> read_trace(std::string_view text, const std::string& name);

}  // namespace qc
