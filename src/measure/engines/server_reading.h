#pragma once
// /metrics in our own names, whichever server and release it comes from, and what changed between two readings.
#include <functional>
#include <string>
#include <string_view>

#include "measure/client/http.h"
#include "record/telemetry.h"

namespace qc {

/// What a page holds of metric_names(). Any text gives a reading, if only an empty one; instants are the caller's.
/// A sum of values one of which is missing is left out: part of a count is no count.
ServerReading read_metrics(std::string_view text);

/// Asks the server at `address` on a connection of its own; empty when no whole page with a name that we know came within the limit.
using AskServer = std::function<std::optional<ServerReading>(Seconds limit)>;
AskServer server_reader(Address address, std::string api_key);

}  // namespace qc
