#pragma once
// What every format needs of one trial: its requests in the order of sending, and samples by the definitions that they share.
#include <optional>
#include <string>
#include <vector>

#include "record/record.h"

namespace qc {

/// numpy's statistics of a sample; zeros for none, as the tools write it.
struct Statistics { double mean = 0, std = 0, min = 0, max = 0, sum = 0; std::size_t n = 0; };
Statistics statistics_of(const std::vector<double>& xs);
/// `p` in percent, linear interpolation; 0 for no sample.
double percentile_of(const std::vector<double>& xs, double p);

struct TrialData {
  const TrialRecord* trial = nullptr;
  std::string model;                       ///< the variant's, or its name where the study names none
  std::vector<const RequestRecord*> requests;   ///< without warm-up
  std::vector<double> ttft, e2e, tpot, gaps;    ///< seconds, of answered requests; tpot: of two tokens and more; gaps: between text events, pooled
  int completed = 0, failed = 0;
  long long input_tokens = 0, output_tokens = 0;   ///< of answered requests
  double duration = 0;                     ///< seconds, first sending to the last answer's end: the whole run, ramp and drain in it
};

/// Valid trials that have requests with instants.
std::vector<TrialData> trials_to_export(const StudyData& data);

/// Between an answer's first and last token, a token: one mean a request, as aiperf and guidellm have it. Nothing below two tokens.
std::optional<double> itl_ms(const RequestRecord& r);

/// "awq_chat_conc8_block0", with "_aa" behind it for the A/A visit.
std::string name_of_trial(const TrialRecord& trial);

/// Monotonic instants as wall time: the run's start as it was written down, and what passed since the first trial's.
class WallClock {
 public:
  explicit WallClock(const StudyData& data);
  [[nodiscard]] std::int64_t ns(Instant t) const { return t.ns + offset_ns_; }
  [[nodiscard]] double seconds(Instant t) const { return static_cast<double>(ns(t)) * 1e-9; }
  /// "2026-11-23T13:56:11.576445", UTC.
  [[nodiscard]] std::string iso(Instant t) const;
  /// "20261123-135611", as vLLM names dates.
  [[nodiscard]] std::string compact(Instant t) const;

 private:
  std::int64_t offset_ns_ = 0;
};

}  // namespace qc
