#pragma once
// METRICS.md's second count: answers cut again by a tokenizer, beside the server's usage.

namespace qc {

inline constexpr int kCountedAgain = 32;       ///< answers of a visit, or of a load: enough to see 1 %, and little work beside it
inline constexpr double kCountsAgree = 0.01;   ///< a disagreement above that is told

}  // namespace qc
