#pragma once
// The samples behind figures: latencies and counts of the requests that count.
#include <array>
#include <map>
#include <optional>
#include <vector>

#include "record/record.h"

namespace qc {

/// The requests of each trial, without copying them. Holds pointers into `data`.
class RequestIndex {
 public:
  explicit RequestIndex(const StudyData& data);
  [[nodiscard]] const std::vector<const RequestRecord*>& of(int trial_id) const;

 private:
  std::map<int, std::vector<const RequestRecord*>> by_trial_;
};

/// Samples of ok, non-warm-up requests (ms, tokens); failures only counted.
struct Samples {
  int ok = 0, failed = 0;
  bool ended_by_model = false;             ///< of an answer at least, by its finish_reason
  std::array<int, kFailureNames.size()> failures{};
  std::vector<double> ttft_ms, e2e_ms, tpot_ms, itl_ms, prompt_tokens, output_tokens;
  void add(const Samples& more);
};
Samples collect(const std::vector<const RequestRecord*>& requests);

}  // namespace qc
