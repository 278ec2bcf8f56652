#pragma once
// Files linked into the program by qc_embed (cmake/unit.cmake), so that one binary is all that a machine needs.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace qc {

/// A row of the table that qc_embed makes; the last row's name is null.
struct EmbeddedFile { const char* name; const char* begin; const char* end; };

/// The bytes of the file with this name, relative to the BASE that was given to qc_embed.
std::optional<std::string_view> find_embedded(const EmbeddedFile* table, std::string_view name);

}  // namespace qc
