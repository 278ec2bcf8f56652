#pragma once
// GGUF model files: what they hold (header only), and the tensors themselves. Format: ggml's docs/gguf.md, version 2 and 3.
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/result.h"

namespace qc {

/// A tensor's storage type, by ggml's own number and name ("BF16", "Q4_0", "F32" ...).
struct TensorType { std::uint32_t id = 0; std::string name; int block_elements = 1; int block_bytes = 0; };
std::optional<TensorType> tensor_type(std::uint32_t id);

struct TensorInfo {
  std::string name;
  std::vector<std::uint64_t> shape;       ///< innermost first, as in the file
  TensorType type;
  std::uint64_t offset = 0;               ///< from the start of the data section
  [[nodiscard]] std::uint64_t elements() const;
  [[nodiscard]] std::uint64_t bytes() const;
};

using GgufValue = std::variant<std::uint64_t, std::int64_t, double, bool, std::string, std::vector<std::string>, std::vector<double>>;

/// Longer arrays (a tokenizer's words and merges) are checked, and left out of GgufHeader::keys.
inline constexpr std::uint64_t kLongestKeptArray = 4096;

struct GgufHeader {
  std::uint32_t version = 0;
  std::map<std::string, GgufValue> keys;
  std::vector<TensorInfo> tensors;
  std::uint64_t data_start = 0;           ///< byte of the file where tensor data begins
  std::uint64_t file_bytes = 0;

  [[nodiscard]] std::optional<std::string> text(const std::string& key) const;
  [[nodiscard]] std::optional<std::int64_t> number(const std::string& key) const;
  [[nodiscard]] double parameters() const;              ///< elements of all tensors
  [[nodiscard]] double bits_per_weight() const;         ///< tensor bytes x 8 / parameters
  [[nodiscard]] std::uint64_t tensor_bytes() const;
  [[nodiscard]] std::string mix() const;                ///< "Q4_0 210, Q8_0 1, F32 61": tensors by type, the most bytes first
  [[nodiscard]] std::string dominant() const;           ///< the type that holds the most bytes: "Q4_0"
};

/// Reads the header only. Fails as usage when there is no such file, and as damaged with the path and the reason: not a GGUF file,
/// cut short, sizes that do not add up, unknown tensor type. Never allocates more than the file's size plus a few MiB, whatever the header says.
Result<GgufHeader> read_gguf_header(const std::filesystem::path& path);

}  // namespace qc
