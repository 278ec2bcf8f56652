#include "gguf/layout.h"

#include <fmt/format.h>

#include <bit>
#include <limits>
#include <set>

#include "gguf/byte_reader.h"

namespace qc {
namespace {

enum class ValueType : std::uint32_t { u8, i8, u16, i16, u32, i32, f32, boolean, text, array, u64, i64, f64 };

constexpr std::uint64_t kLongestKey = 65535;      // the format's own limit
constexpr std::uint64_t kLongestTensorName = 63;  // ggml's GGML_MAX_NAME, less its end mark
constexpr std::uint32_t kMostDimensions = 4;
constexpr std::uint64_t kSmallestKey = 8 + 1 + 4 + 1, kSmallestTensor = 8 + 4 + 4 + 8;
constexpr std::uint64_t kSlack = 1 << 20;  // headers of small files take more room in memory than in the file

/// Reads one header; each method consumes its part and leaves the first fault in the reader.
class HeaderParser {
 public:
  HeaderParser(const std::filesystem::path& path, std::uint64_t size) : in_(path, size), budget_(size + kSlack) {
    out_.header.file_bytes = size;
  }

  Result<GgufLayout> parse(const std::filesystem::path& path) {
    const auto [tensors, keys] = counts();
    for (std::uint64_t i = 0; i < keys && in_.good(); ++i) key();
    find_alignment();
    for (std::uint64_t i = 0; i < tensors && in_.good(); ++i) tensor();
    place_tensors();
    if (in_.good()) return std::move(out_);
    return fail(Fault::damaged, fmt::format("{}: not a usable GGUF file: {}; fetch or make it again", path.string(), in_.error()));
  }

 private:
  struct Counts { std::uint64_t tensors = 0, keys = 0; };

  Counts counts() {
    if (in_.left() < 4 || in_.text(4) != "GGUF") in_.refuse("its first four bytes are not \"GGUF\"");
    out_.header.version = in_.number<std::uint32_t>();
    if (out_.header.version != 2 && out_.header.version != 3) in_.refuse(fmt::format("version {} (2 and 3 are known)", out_.header.version));
    Counts c;
    c.tensors = in_.number<std::uint64_t>();
    c.keys = in_.number<std::uint64_t>();
    if (c.tensors > in_.left() / kSmallestTensor) in_.refuse(fmt::format("{} tensors do not fit into the file", c.tensors));
    if (c.keys > in_.left() / kSmallestKey) in_.refuse(fmt::format("{} keys do not fit into the file", c.keys));
    return c;
  }

  // What we keep in memory is bounded by the file's size: small records can be far larger in memory than in the file.
  bool charge(std::uint64_t bytes) {
    if (bytes > budget_) in_.refuse("its header would take more memory than the file has bytes");
    budget_ -= std::min(bytes, budget_);
    return in_.good();
  }

  std::string counted_text(std::uint64_t longest, const char* what) {
    const auto bytes = in_.number<std::uint64_t>();
    if (bytes > longest) in_.refuse(fmt::format("{} of {} bytes at byte {}", what, bytes, in_.position()));
    return charge(bytes) ? in_.text(bytes) : std::string();
  }
  std::string value_text() { return counted_text(std::numeric_limits<std::uint64_t>::max(), "text"); }

  void key() {
    KeyRecord record;
    record.begin = in_.position();
    record.name = counted_text(kLongestKey, "a key's name");
    if (in_.good() && record.name.empty()) in_.refuse(fmt::format("a key without a name at byte {}", record.begin));
    const auto type = in_.number<ValueType>();
    if (!in_.good() || !charge(sizeof(GgufValue) + 2 * sizeof(KeyRecord))) return;
    if (record.name == "general.alignment" && type != ValueType::u32) in_.refuse("general.alignment is not a 32-bit number");
    std::optional<GgufValue> value = type == ValueType::array ? array(record.name) : scalar(type, record.name);
    if (!names_.insert(record.name).second) in_.refuse(fmt::format("key {} stands there twice", record.name));
    if (!in_.good()) return;
    if (value) out_.header.keys.emplace(record.name, std::move(*value));
    record.end = in_.position();
    out_.keys.push_back(std::move(record));
  }

  std::optional<GgufValue> scalar(ValueType type, const std::string& name) {
    switch (type) {
      case ValueType::u8: return std::uint64_t{in_.number<std::uint8_t>()};
      case ValueType::u16: return std::uint64_t{in_.number<std::uint16_t>()};
      case ValueType::u32: return std::uint64_t{in_.number<std::uint32_t>()};
      case ValueType::u64: return in_.number<std::uint64_t>();
      case ValueType::i8: return std::int64_t{in_.number<std::int8_t>()};
      case ValueType::i16: return std::int64_t{in_.number<std::int16_t>()};
      case ValueType::i32: return std::int64_t{in_.number<std::int32_t>()};
      case ValueType::i64: return in_.number<std::int64_t>();
      case ValueType::f32: return double{in_.number<float>()};
      case ValueType::f64: return in_.number<double>();
      case ValueType::boolean: return in_.number<std::uint8_t>() != 0;
      case ValueType::text: return value_text();
      case ValueType::array: break;
    }
    in_.refuse(fmt::format("key {} has type {}, which GGUF does not have here", name, static_cast<std::uint32_t>(type)));
    return std::nullopt;
  }

  static std::uint64_t bytes_of(ValueType type) {
    switch (type) {
      case ValueType::u8: case ValueType::i8: case ValueType::boolean: return 1;
      case ValueType::u16: case ValueType::i16: return 2;
      case ValueType::u32: case ValueType::i32: case ValueType::f32: return 4;
      case ValueType::u64: case ValueType::i64: case ValueType::f64: case ValueType::text: return 8;  // a text's least: its length
      case ValueType::array: break;
    }
    return 0;
  }

  std::optional<GgufValue> array(const std::string& name) {
    const auto type = in_.number<ValueType>();
    const auto n = in_.number<std::uint64_t>();
    const std::uint64_t each = bytes_of(type);
    if (each == 0) in_.refuse(fmt::format("key {} is an array of type {}, which GGUF does not have", name, static_cast<std::uint32_t>(type)));
    else if (n > in_.left() / each) in_.refuse(fmt::format("key {}: {} elements do not fit into the file", name, n));
    if (!in_.good()) return std::nullopt;
    if (n > kLongestKeptArray) return walk(type, n), std::nullopt;
    if (type == ValueType::text) return texts(n);
    return numbers(type, n, name);
  }

  void walk(ValueType type, std::uint64_t n) {
    if (type != ValueType::text) return in_.skip(n * bytes_of(type));
    for (std::uint64_t i = 0; i < n && in_.good(); ++i) in_.skip(in_.number<std::uint64_t>());
  }

  GgufValue texts(std::uint64_t n) {
    std::vector<std::string> out;
    for (std::uint64_t i = 0; i < n && in_.good() && charge(2 * sizeof(std::string)); ++i) out.push_back(value_text());
    return out;
  }

  GgufValue numbers(ValueType type, std::uint64_t n, const std::string& name) {
    std::vector<double> out;
    for (std::uint64_t i = 0; i < n && in_.good() && charge(2 * sizeof(double)); ++i)
      std::visit([&](const auto& v) { if constexpr (std::is_arithmetic_v<std::decay_t<decltype(v)>>) out.push_back(static_cast<double>(v)); },
                 scalar(type, name).value_or(GgufValue(0.0)));
    return out;
  }

  void find_alignment() {
    if (const auto value = out_.header.number("general.alignment")) out_.alignment = static_cast<std::uint64_t>(*value);
    if (!std::has_single_bit(out_.alignment)) in_.refuse(fmt::format("alignment {} is not a power of 2", out_.alignment));
  }

  void tensor() {
    TensorInfo t;
    t.name = counted_text(kLongestTensorName, "a tensor's name");
    shape(t);
    const auto id = in_.number<std::uint32_t>();
    t.offset = in_.number<std::uint64_t>();
    if (!in_.good() || !charge(2 * sizeof(TensorInfo))) return;
    const auto type = tensor_type(id);
    if (!type) return in_.refuse(fmt::format("tensor {} has type {}, which ggml v0.5.0 does not have", t.name, id));
    t.type = *type;
    if (!t.shape.empty() && t.shape[0] % static_cast<std::uint64_t>(t.type.block_elements) != 0)
      in_.refuse(fmt::format("tensor {}: rows of {} elements are no whole blocks of {}", t.name, t.shape[0], t.type.name));
    if (t.shape.empty() && t.type.block_elements != 1) in_.refuse(fmt::format("tensor {}: a single element of type {}", t.name, t.type.name));
    if (!tensor_names_.insert(t.name).second) in_.refuse(fmt::format("tensor {} stands there twice", t.name));
    out_.header.tensors.push_back(std::move(t));
  }

  // An element takes at least 1/8 byte in every type, so more elements than that can't be in the file and their product can't overflow.
  void shape(TensorInfo& t) {
    const auto n = in_.number<std::uint32_t>();
    if (n > kMostDimensions) return in_.refuse(fmt::format("tensor {} has {} dimensions", t.name, n));
    const std::uint64_t most = out_.header.file_bytes * 8;
    std::uint64_t elements = 1;
    for (std::uint32_t i = 0; i < n && in_.good(); ++i) {
      const auto d = in_.number<std::uint64_t>();
      if (d > most || (d != 0 && elements > most / d)) return in_.refuse(fmt::format("tensor {} is larger than the file", t.name));
      elements *= d;
      t.shape.push_back(d);
    }
  }

  void place_tensors() {
    GgufHeader& h = out_.header;
    h.data_start = h.tensors.empty() ? in_.position() : aligned(in_.position(), out_.alignment);
    std::uint64_t expected = 0;
    for (const TensorInfo& t : h.tensors) {
      if (!in_.good()) return;
      if (t.offset != expected) return in_.refuse(fmt::format("tensor {} lies at {}, not at {} where the one before it ends", t.name, t.offset, expected));
      if (h.data_start + t.offset + t.bytes() > h.file_bytes)
        return in_.refuse(fmt::format("cut short: tensor {} ends at byte {}, the file has {}", t.name, h.data_start + t.offset + t.bytes(), h.file_bytes));
      expected = aligned(t.offset + t.bytes(), out_.alignment);
    }
  }

  ByteReader in_;
  std::uint64_t budget_;
  GgufLayout out_;
  std::set<std::string> names_, tensor_names_;
};

}  // namespace

Result<GgufLayout> read_gguf_layout(const std::filesystem::path& path) {
  std::error_code error;
  const bool regular = std::filesystem::is_regular_file(path, error);
  const std::uint64_t size = regular ? std::filesystem::file_size(path, error) : 0;
  if (!regular || error) return fail(Fault::usage, fmt::format("{}: {}", path.string(), error ? error.message() : "not a regular file"));
  return HeaderParser(path, size).parse(path);
}

Result<GgufHeader> read_gguf_header(const std::filesystem::path& path) {
  auto layout = read_gguf_layout(path);
  if (!layout) return fail(layout.error());
  return std::move(layout->header);
}

}  // namespace qc
