#pragma once
// What the server and the GPU said beside the load: tables of their own, which stores written before them lack.
#include "core/result.h"
#include "record/telemetry.h"
#include "store/sqlite.h"

namespace qc {

/// Adds the tables and views where they are missing.
extern const char* const kTelemetrySchema;

/// Replaces what the trial of this id has.
Status put_telemetry(Database& database, std::int64_t trial_id, const Telemetry& telemetry);
/// Empty for a store without the tables.
Result<Telemetry> load_telemetry(Database& database);

}  // namespace qc
