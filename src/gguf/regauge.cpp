#include "gguf/regauge.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <span>

#include "gguf/dequantize.h"
#include "gguf/gauge.h"
#include "gguf/layout.h"

namespace qc {
namespace {

constexpr std::uint32_t kTypeU32 = 4;                 // GGUF's number for a 32-bit value
constexpr std::uint32_t kMostlyBf16 = 32;         // llama.cpp's number for general.file_type
constexpr const char* kFileType = "general.file_type";
constexpr std::uint64_t kPiece = 1 << 16;         // elements in memory at a time (whole rows): an 8B model needs no more room than a small one
constexpr std::uint64_t kLongestRow = 1 << 28;

template <class T>
void append(std::string& out, T value) { out.append(reinterpret_cast<const char*>(&value), sizeof value); }
void append_text(std::string& out, const std::string& text) {
  append(out, std::uint64_t{text.size()});
  out += text;
}

// Norms and biases stay in full precision, as in every GGUF that llama.cpp writes.
TensorType written_type(const TensorInfo& t) { return *tensor_type(t.shape.size() > 1 ? 30 : 0); }

Status check(const GgufHeader& header) {
  const auto architecture = header.text("general.architecture");
  if (architecture != "llama")
    return fail(Fault::usage, fmt::format("its architecture is {}, only llama is supported", architecture.value_or("not told")));
  for (const TensorInfo& t : header.tensors) {
    if (!can_dequantize(t.type))
      return fail(Fault::usage, fmt::format("tensor {} is {}: only F32, F16, BF16, Q8_0, Q4_0 and Q4_1 can be turned into BF16", t.name, t.type.name));
    if (!t.shape.empty() && t.shape[0] > kLongestRow) return fail(Fault::damaged, fmt::format("tensor {} has rows of {} elements", t.name, t.shape[0]));
  }
  return ok();
}

/// Carries one model from a file to another, a few rows at a time.
class Rewriter {
 public:
  Rewriter(const std::filesystem::path& from, const std::filesystem::path& to, const GgufLayout& layout)
      : in_(from, std::ios::binary), out_(to, std::ios::binary | std::ios::trunc), layout_(layout) {}

  Status run(const std::optional<Gauge>& gauge) {
    write(header());
    for (const TensorInfo& t : layout_.header.tensors) {
      tensor(t, gauge ? gauge->factors(t) : Factors{});
      if (!in_) return fail(Fault::damaged, fmt::format("tensor {} can't be read: {}", t.name, std::strerror(errno)));
      if (!out_) break;
    }
    out_.close();
    return out_ ? ok() : Status(fail(Fault::usage, fmt::format("writing failed: {}", std::strerror(errno))));
  }

 private:
  std::string header() {
    bool told = false;
    std::string records;
    for (const KeyRecord& key : layout_.keys) {
      told = told || key.name == kFileType;
      records += key.name == kFileType ? file_type() : bytes(key.begin, key.end - key.begin);
    }
    if (!told) records += file_type();
    std::string out = "GGUF";
    append(out, std::uint32_t{3});
    append(out, std::uint64_t{layout_.header.tensors.size()});
    append(out, std::uint64_t{layout_.keys.size() + (told ? 0 : 1)});
    return pad(out + records + tensor_table());
  }

  static std::string file_type() {
    std::string out;
    append_text(out, kFileType);
    append(out, kTypeU32);
    append(out, kMostlyBf16);
    return out;
  }

  std::string tensor_table() const {
    std::string out;
    std::uint64_t offset = 0;
    for (TensorInfo t : layout_.header.tensors) {
      t.type = written_type(t);
      append_text(out, t.name);
      append(out, static_cast<std::uint32_t>(t.shape.size()));
      for (const std::uint64_t d : t.shape) append(out, d);
      append(out, t.type.id);
      append(out, offset);
      offset = aligned(offset + t.bytes(), layout_.alignment);
    }
    return out;
  }

  void tensor(const TensorInfo& t, const Factors& factors) {
    const std::uint64_t columns = t.shape.empty() ? 1 : t.shape[0], rows = columns ? t.elements() / columns : 0;
    const std::uint64_t row_bytes = rows ? t.bytes() / rows : 0, most = std::max<std::uint64_t>(1, kPiece / std::max<std::uint64_t>(1, columns));
    in_.seekg(static_cast<std::streamoff>(layout_.header.data_start + t.offset));
    std::vector<float> values;
    for (std::uint64_t row = 0; row < rows && in_ && out_; row += most) {
      const std::uint64_t n = std::min(most, rows - row);
      const std::string piece = next_bytes(n * row_bytes);
      values.resize(n * columns);
      dequantize(t.type, std::as_bytes(std::span(piece)), values);
      apply(factors, values, columns, row);
      write(stored(values, written_type(t)));
    }
    write(pad({}));
  }

  static void apply(const Factors& f, std::vector<float>& values, std::uint64_t columns, std::uint64_t first_row) {
    for (std::uint64_t i = 0; i < values.size(); i += columns) {
      const std::span row(&values[i], columns);
      for (std::uint64_t c = 0; c < f.column_times.size(); ++c) row[c] *= f.column_times[c];
      for (std::uint64_t c = 0; c < f.column_over.size(); ++c) row[c] /= f.column_over[c];
      if (f.row_times.empty()) continue;
      for (float& w : row) w *= f.row_times[first_row + i / columns];
    }
  }

  static std::string stored(const std::vector<float>& values, const TensorType& type) {
    std::string out;
    out.reserve(values.size() * static_cast<std::size_t>(type.block_bytes));
    for (const float v : values) {
      if (type.block_bytes == 2) append(out, to_bf16(v));
      else append(out, v);
    }
    return out;
  }

  std::string bytes(std::uint64_t at, std::uint64_t n) {
    in_.seekg(static_cast<std::streamoff>(at));
    return next_bytes(n);
  }
  std::string next_bytes(std::uint64_t n) {
    std::string out(n, '\0');
    in_.read(out.data(), static_cast<std::streamsize>(n));
    return out;
  }

  void write(const std::string& data) {
    out_.write(data.data(), static_cast<std::streamsize>(data.size()));
    written_ += data.size();
  }
  std::string pad(std::string data) const {
    const std::uint64_t end = written_ + data.size();
    data.append(aligned(end, layout_.alignment) - end, '\0');
    return data;
  }

  std::ifstream in_;
  std::ofstream out_;
  const GgufLayout& layout_;
  std::uint64_t written_ = 0;
};

Status rewrite(const std::filesystem::path& from, const std::filesystem::path& to, const GgufLayout& layout, const RegaugeOptions& options) {
  if (auto supported = check(layout.header); !supported) return supported;
  std::optional<Gauge> gauge;
  if (options.regauge) {
    auto made = Gauge::of(layout.header, options);
    if (!made) return fail(made.error());
    gauge = *made;
  }
  return Rewriter(from, to, layout).run(gauge);
}

}  // namespace

Status regauge(const std::filesystem::path& from, const std::filesystem::path& to, const RegaugeOptions& options) {
  const auto layout = read_gguf_layout(from);
  if (!layout) return fail(layout.error());
  const std::filesystem::path part = to.string() + ".part";
  auto written = rewrite(from, part, *layout, options);
  std::error_code error;
  if (written) std::filesystem::rename(part, to, error);
  if (written && !error) return ok();
  std::error_code ignored;
  std::filesystem::remove(part, ignored);
  if (!written) return fail(written.error().fault, fmt::format("{} -> {}: {}", from.string(), to.string(), written.error().message));
  return fail(Fault::usage, fmt::format("{}: cannot be written: {}", to.string(), error.message()));
}

}  // namespace qc
