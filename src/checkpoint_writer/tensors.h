#pragma once
// Which tensors a llama checkpoint has, and how each row of them is made from a row of the GGUF's.
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint_writer/write.h"
#include "checkpoint_writer/llama_model.h"
#include "core/result.h"
#include "gguf/gguf.h"

namespace qc {

/// As safetensors names it.
struct Dtype { std::string_view name; std::uint64_t bytes; };
inline constexpr Dtype kI64{"I64", 8}, kI32{"I32", 4}, kBf16{"BF16", 2}, kI8{"I8", 1};

/// Appends what one row of the source becomes.
using EncodeRow = std::function<void(std::span<const float> row, std::string& out)>;

struct PlannedTensor {
  std::string name{};
  Dtype dtype = kBf16;
  std::vector<std::uint64_t> shape{};   ///< outermost first
  const TensorInfo* source = nullptr;   ///< null: `constant` is all of it
  std::uint64_t heads = 0;              ///< of a Q or K matrix, whose rows are put back in Hugging Face's order; 0: rows as they lie
  EncodeRow encode{};
  std::string constant{};
  [[nodiscard]] std::uint64_t bytes() const;
};

/// All tensors of the checkpoint, the largest elements first, so that each lies at a multiple of its element's size. They point into `header`.
/// Fails as damaged where a tensor is missing or has another shape, as usage where there is one that is not carried over, of a type that
/// can't be read, or whose columns are no whole groups.
Result<std::vector<PlannedTensor>> plan_tensors(const GgufHeader& header, const SourceModel& model, const CheckpointOptions& options);

/// Where row `row` of a Q or K matrix lies in the GGUF: llama.cpp puts the rows that RoPE turns together side by side (0, d/2, 1, d/2 + 1 ...
/// of each head), Hugging Face one half of the head after the other.
std::uint64_t source_row(std::uint64_t row, std::uint64_t rows, std::uint64_t heads);

}  // namespace qc
