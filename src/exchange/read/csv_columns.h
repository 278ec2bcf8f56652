#pragma once
// Which column is what: by its name, the synonyms that are in use, and the unit in it.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "exchange/read/read.h"

namespace qc {

/// One column that was understood: its place, and what a number in it is multiplied with to have our unit.
struct Column { std::size_t at; double factor = 1; };

/// By our name of the value: "variant", "workload", "concurrency", "block", "output_tok_s", "e2e_p95_ms" ... Fails as usage where a
/// latency has no unit, or a mapped column is not there.
Result<std::map<std::string, Column>> find_columns(const std::vector<std::string>& header, const ColumnMap& map);

/// Every name that a map may use.
std::vector<std::string> column_names();

}  // namespace qc
