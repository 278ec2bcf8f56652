#pragma once
// The header with the places of its keys in the file, so that a writer can copy them unchanged.
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"
#include "gguf/gguf.h"

namespace qc {

/// One key's record in the file, name and type and value: bytes [begin, end).
struct KeyRecord { std::string name; std::uint64_t begin = 0, end = 0; };

struct GgufLayout {
  GgufHeader header;
  std::vector<KeyRecord> keys;            ///< in the file's order
  std::uint64_t alignment = 32;
};

/// As read_gguf_header, which is this without the places.
Result<GgufLayout> read_gguf_layout(const std::filesystem::path& path);

/// `at` rounded up to a multiple of `alignment`.
constexpr std::uint64_t aligned(std::uint64_t at, std::uint64_t alignment) { return (at + alignment - 1) / alignment * alignment; }

}  // namespace qc
