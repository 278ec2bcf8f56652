#pragma once
// The arithmetic of divergence: logits in, scores out. In double over the whole vocabulary.
#include <cstdint>
#include <span>
#include <vector>

#include "record/record.h"

namespace qc {

/// One scored position: nats; the negative log-likelihoods are of the text's own next token.
struct PositionScore { double kld = 0, nll_baseline = 0, nll_candidate = 0; bool same_top = false; };

/// The baseline's distribution at one position, made once and held against several candidates.
class BaselineRow {
 public:
  explicit BaselineRow(std::span<const float> logits);
  /// KLD(baseline || candidate) and the rest; `token` is the next token. Equal logits give exactly 0 and the same top.
  [[nodiscard]] PositionScore against(std::span<const float> candidate, std::int32_t token) const;

 private:
  std::span<const float> logits_;
  std::vector<double> weights_;           ///< exp(logit - max)
  double log_sum_ = 0, sum_ = 0;
  std::size_t top_ = 0;
};

/// Means with their standard errors (tokens taken as independent, as llama-perplexity does), p99 of KLD, the perplexities' ratio
/// with its paired error. Needs at least two scores.
Divergence summarize(std::span<const PositionScore> scores);

}  // namespace qc
