#include "checkpoint_writer/safetensors.h"

#include <fmt/format.h>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>

#include "core/json.h"
#include "gguf/dequantize.h"

namespace qc {
namespace {

constexpr std::uint64_t kLongestRow = 1 << 28;
constexpr std::size_t kPiece = 1 << 20;  // bytes that are written at once

/// The rows of one GGUF tensor as numbers; a seek only where the next row lies elsewhere.
class RowReader {
 public:
  RowReader(std::ifstream& in, const GgufHeader& header, const TensorInfo& tensor) : in_(in), tensor_(tensor), start_(header.data_start + tensor.offset) {
    values_.resize(columns());
    bytes_.resize(rows() ? tensor.bytes() / rows() : 0);
  }
  [[nodiscard]] std::uint64_t columns() const { return tensor_.shape.empty() ? 1 : tensor_.shape[0]; }
  [[nodiscard]] std::uint64_t rows() const { return columns() ? tensor_.elements() / columns() : 0; }

  Result<std::span<const float>> row(std::uint64_t i) {
    if (i != next_) in_.seekg(static_cast<std::streamoff>(start_ + i * bytes_.size()));
    in_.read(bytes_.data(), static_cast<std::streamsize>(bytes_.size()));
    if (!in_) return fail(Fault::damaged, fmt::format("tensor {} can't be read: {}", tensor_.name, std::strerror(errno)));
    next_ = i + 1;
    dequantize(tensor_.type, std::as_bytes(std::span(bytes_)), values_);
    for (const float v : values_)
      if (!std::isfinite(v)) return fail(Fault::damaged, fmt::format("tensor {}, row {}: a weight is no finite number", tensor_.name, i));
    return std::span<const float>(values_);
  }

 private:
  std::ifstream& in_;
  const TensorInfo& tensor_;
  std::uint64_t start_, next_ = ~std::uint64_t{0};
  std::vector<float> values_;
  std::vector<char> bytes_;
};

void flush(std::string& piece, std::ofstream& out) {
  out.write(piece.data(), static_cast<std::streamsize>(piece.size()));
  piece.clear();
}

Status write_tensor(std::ifstream& in, const GgufHeader& header, const PlannedTensor& t, std::ofstream& out) {
  std::string piece = t.constant;
  if (t.source) {
    if (!t.source->shape.empty() && t.source->shape[0] > kLongestRow) return fail(Fault::damaged, fmt::format("tensor {} has rows of {} elements", t.source->name, t.source->shape[0]));
    RowReader reader(in, header, *t.source);
    for (std::uint64_t i = 0; i < reader.rows() && out; ++i) {
      const auto row = reader.row(source_row(i, reader.rows(), t.heads));
      if (!row) return fail(row.error());
      t.encode(*row, piece);
      if (piece.size() >= kPiece) flush(piece, out);
    }
  }
  flush(piece, out);
  return ok();
}

}  // namespace

std::string safetensors_header(const std::vector<PlannedTensor>& tensors) {
  Json header = {{"__metadata__", {{"format", "pt"}}}};
  std::uint64_t at = 0;
  for (const PlannedTensor& t : tensors) {
    header[t.name] = {{"dtype", t.dtype.name}, {"shape", t.shape}, {"data_offsets", {at, at + t.bytes()}}};
    at += t.bytes();
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  const std::uint64_t length = text.size();
  return std::string(reinterpret_cast<const char*>(&length), sizeof length) + text;
}

Status write_safetensors(const std::filesystem::path& from, const GgufLayout& layout, const std::vector<PlannedTensor>& tensors, const std::filesystem::path& to) {
  std::ifstream in(from, std::ios::binary);
  std::ofstream out(to, std::ios::binary | std::ios::trunc);
  const std::string header = safetensors_header(tensors);
  out.write(header.data(), static_cast<std::streamsize>(header.size()));
  for (const PlannedTensor& t : tensors)
    if (auto written = write_tensor(in, layout.header, t, out); !written) return written;
  out.close();
  return out ? ok() : Status(fail(Fault::usage, fmt::format("{}: writing failed: {}", to.string(), std::strerror(errno))));
}

}  // namespace qc
