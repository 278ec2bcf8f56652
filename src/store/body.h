#pragma once
// Records that nobody queries by column are kept as one JSON body. A record's fields are named once, for both directions.
#include <string>

#include "core/result.h"
#include "record/record.h"

namespace qc {
std::string to_body(const VariantFacts& facts);
std::string to_body(const RunInfo& run);
Result<VariantFacts> facts_from_body(const std::string& body);
Result<RunInfo> run_from_body(const std::string& body);
}  // namespace qc
