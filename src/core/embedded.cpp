#include "core/embedded.h"

namespace qc {

std::optional<std::string_view> find_embedded(const EmbeddedFile* table, std::string_view name) {
  for (const EmbeddedFile* file = table; file->name; ++file)
    if (name == file->name) return std::string_view(file->begin, static_cast<std::size_t>(file->end - file->begin));
  return std::nullopt;
}

}  // namespace qc
