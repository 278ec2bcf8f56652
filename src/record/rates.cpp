#include "record/rates.h"

namespace qc {

std::optional<double> window_rate(const TrialRecord& trial, std::span<const RequestRecord* const> requests) {
  const double length = seconds(trial.steady_end - trial.steady_start);
  if (length <= 0) return std::nullopt;
  std::int64_t tokens = 0;
  bool any = false;
  for (const auto* r : requests) {
    if (r->warmup || r->failure) continue;
    any = true;
    for (const auto& e : r->events)
      if (e.at > trial.steady_start && e.at <= trial.steady_end) tokens += e.tokens;
  }
  if (!any) return std::nullopt;
  return static_cast<double>(tokens) / length;
}

}  // namespace qc
