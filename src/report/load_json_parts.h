#pragma once
// Pieces of JSON that `bench` and `capacity` share. For .cpp files only, as core/json.h.
#include "core/json.h"
#include "judge/compare/load_figures.h"

namespace qc {

/// {kind: n}, those that there were.
Json failures_json(const LoadFigures& figures);
/// "ttft_ms": {mean, p50 ...} and the like, one after another.
void add_distributions(Json& to, const LoadFigures& figures);

/// {send_lateness_p50, ...} and how many events have which clock's stamp.
Json own_error_json(const LoadFigures& figures, const Distribution& read_lag_us, const StampCounts& stamps);

}  // namespace qc
