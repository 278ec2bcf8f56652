#pragma once
// The one arithmetic that both the run (its progress lines) and the judge need: tokens in a window.
#include <optional>
#include <span>

#include "record/record.h"

namespace qc {

/// output_tok_s of one trial: tokens of ok, non-warm-up requests with start < at <= end of its steady window, over its length.
/// Empty when the window is empty or no request was answered.
std::optional<double> window_rate(const TrialRecord& trial, std::span<const RequestRecord* const> requests);

}  // namespace qc
