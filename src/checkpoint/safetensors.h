#pragma once
// Safetensors weight files, header only: 8 bytes with its length, JSON {name: {dtype, shape, data_offsets}}, then the data.
// Format: github.com/huggingface/safetensors, README.md, "Format".
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace qc {

/// One tensor; dtype by the format's own name: "BF16", "I32", "F8_E4M3".
struct StoredTensor {
  std::string name, dtype;
  std::vector<std::uint64_t> shape;       ///< outermost first, as PyTorch has it
  std::uint64_t bytes = 0;
  [[nodiscard]] std::uint64_t elements() const;
};

/// The format's own limit.
inline constexpr std::uint64_t kLongestSafetensorsHeader = 100'000'000;

/// Bits of one element; empty for a name that the format does not have.
std::optional<int> dtype_bits(std::string_view dtype);

/// Reads the header's JSON, after which `data_bytes` (below 2^60) follow. The tensors come in the order of their data. Fails as damaged,
/// naming `what` and the tensor: fields that lack, an unknown dtype, a shape of other size than its bytes, data that does not fill the file.
Result<std::vector<StoredTensor>> parse_safetensors(std::string_view header, std::uint64_t data_bytes, std::string_view what);

/// Reads the header of a file and nothing else of it. Fails as usage when there is no such file, else as parse_safetensors does.
Result<std::vector<StoredTensor>> read_safetensors(const std::filesystem::path& path);

/// The file ends where its header says that the data ends, whatever is in it. Fails as damaged where not (a server would refuse it), else as
/// read_safetensors does.
Status whole_safetensors(const std::filesystem::path& path);

}  // namespace qc
