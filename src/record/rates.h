#pragma once
// The one arithmetic that all who meet requests need (the run, an import, the judge): the window that counts, and the tokens in it.
#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "record/record.h"

namespace qc {

/// output_tok_s of one trial: tokens of ok, non-warm-up requests with start < at <= end of its steady window, over its length.
/// Empty when the window is empty or no request was answered.
std::optional<double> window_rate(const TrialRecord& trial, std::span<const RequestRecord* const> requests);

/// Too few measured requests for a time in which all slots are busy: fewer than twice the slots.
constexpr bool is_taken_whole(std::size_t requests, int slots) { return requests < 2 * static_cast<std::size_t>(slots < 1 ? 1 : slots); }

/// The steady window of a closed loop (METRICS.md): from all slots busy and warm-up over until the first slot finds no more work;
/// the whole trial where is_taken_whole. `requests` may be in any order, warm-up among them.
std::pair<Instant, Instant> steady_window(const std::vector<RequestRecord>& requests, int slots);

}  // namespace qc
