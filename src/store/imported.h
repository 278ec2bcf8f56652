#pragma once
// What was measured elsewhere: tables of their own, which stores written before them lack.
#include <vector>

#include "core/result.h"
#include "record/imported.h"
#include "store/sqlite.h"

namespace qc {

/// Adds the tables and views where they are missing.
extern const char* const kImportedSchema;

Status replace_imported(Database& database, const std::vector<ImportedRun>& runs);
/// By trial. Empty for a store of a study that was measured here, and for one without the tables.
Result<std::vector<ImportedRun>> load_imported(Database& database);

}  // namespace qc
