#pragma once
// One limit at one load: met, missed, or not to be told yet, out of samples in the order of sending.
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "judge/compare/limits.h"

namespace qc {

enum class Standing { met, missed, undecided };
constexpr std::string_view to_string(Standing s) { return s == Standing::met ? "met" : s == Standing::missed ? "missed" : "undecided"; }

/// What a failed request has for a latency: it missed every limit, as an answer that never comes. Longer than any limit may be.
inline constexpr double kNeverMs = 1e15;

/// Of the requests of one load, for one limit.
struct LimitSamples {
  std::vector<double> own;                ///< one a request, in order of sending: its latency; of `missed` its worst_ratio, of `failed` 1 or 0
  std::vector<double> pooled;             ///< what the percentile is of: the same, but for itl every token's gap
};

struct LimitStanding {
  Standing standing = Standing::undecided;
  std::optional<double> value;            ///< ms; of `failed` the share that failed, of `missed` the share that was good. n/a where the percentile is of failed requests
  std::optional<double> lo, hi;           ///< of a latency: each wrong with at most the chance that was allowed; n/a where the sample has no such bound
  double independent = 0;                 ///< so many independent requests tell as much as those counted; below 30 they decide nothing, and are not counted to the end
  bool growing = false;                   ///< it got longer for as long as we looked: the load is more than the server takes
  /// Limit over what was found, the nearer to 0 the worse: 1 at the limit; of a queue it falls in a straight line with the load.
  double room = std::numeric_limits<double>::infinity();
};

/// Judges a limit so that a true state of the other kind is called with a chance of at most `miss_met` (called met) or `miss_missed`. Requests need not be independent: what they
/// are worth is found from their correlation, and a sample shorter than some 30 correlation times decides nothing, but for two cases: what keeps growing is missed, and
/// latencies that hardly vary, all far from the limit, stand on their side of it however alike neighbours are, also where they are worth too few for a bound.
LimitStanding judge_limit(const ServiceLimit& limit, const LimitSamples& samples, double miss_met, double miss_missed);

}  // namespace qc
