#pragma once
// Arrays of any length out of a GGUF's keys: a tokenizer's words and merges, which GgufHeader leaves out.
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"
#include "gguf/layout.h"

namespace qc {

/// More elements than this are refused: the largest vocabularies have a quarter of a million words.
inline constexpr std::uint64_t kLongestReadArray = 1 << 22;

/// The texts of `key`, in order; `layout` must be that of the file at `path`. Fails as usage where the model has no such key, or it is no
/// array of texts, and as damaged where the file no longer is what the layout says.
Result<std::vector<std::string>> read_texts(const std::filesystem::path& path, const GgufLayout& layout, const std::string& key);

/// The same for 32-bit whole numbers, signed or not.
Result<std::vector<std::int64_t>> read_integers(const std::filesystem::path& path, const GgufLayout& layout, const std::string& key);

}  // namespace qc
