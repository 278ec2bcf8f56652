#pragma once
// Tables (ours to change) and views (a contract, docs/interface.md) of study.sqlite.
namespace qc {
inline constexpr int kSchemaVersion = 2;
extern const char* const kSchema;
/// What came later: made when a store is opened, too, so that older ones go on.
extern const char* const kLaterSchema;
}  // namespace qc
