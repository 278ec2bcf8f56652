#include "checkpoint/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "checkpoint/fields.h"

namespace qc {
namespace {

struct DtypeSize { std::string_view name; int bits; };
constexpr std::array<DtypeSize, 22> kDtypes = {{
    {"BOOL", 8}, {"F4", 4}, {"F6_E2M3", 6}, {"F6_E3M2", 6}, {"U8", 8}, {"I8", 8}, {"F8_E5M2", 8}, {"F8_E4M3", 8}, {"F8_E8M0", 8},
    {"F8_E4M3FNUZ", 8}, {"F8_E5M2FNUZ", 8}, {"I16", 16}, {"U16", 16}, {"F16", 16}, {"BF16", 16}, {"I32", 32}, {"U32", 32}, {"F32", 32},
    {"C64", 64}, {"F64", 64}, {"I64", 64}, {"U64", 64},
}};

constexpr std::uint64_t kLengthBytes = 8;
constexpr std::string_view kNoObject = "its header is not a JSON object";

struct PlacedTensor { StoredTensor tensor; std::uint64_t begin = 0, end = 0; };

Failed unusable(std::string_view what, std::string_view why) {
  return fail(Fault::damaged, fmt::format("{}: not a usable safetensors file: {}; fetch or make it again", what, why));
}

/// The tensor's size by its shape; empty when that is more than `most_bytes` (so the product can't overflow) or no whole bytes.
std::optional<std::uint64_t> bytes_of(const std::vector<std::uint64_t>& shape, int bits, std::uint64_t most_bytes) {
  const std::uint64_t each = static_cast<std::uint64_t>(bits), most = most_bytes * 8 / each;
  std::uint64_t n = 1;
  for (const std::uint64_t d : shape) {
    if (d != 0 && n > most / d) return std::nullopt;
    n *= d;
  }
  return n <= most && n * each % 8 == 0 ? std::optional(n * each / 8) : std::nullopt;
}

Result<PlacedTensor> placed(const std::string& name, const SortedJson& entry, std::uint64_t data_bytes, std::string_view what) {
  const std::string* dtype = text_at(entry, "dtype");
  auto shape = counts_at(entry, "shape");
  const auto range = counts_at(entry, "data_offsets");
  if (!dtype || !shape || !range || range->size() != 2) return unusable(what, fmt::format("tensor {} lacks a dtype, a shape or two data_offsets", name));
  const auto bits = dtype_bits(*dtype);
  if (!bits) return unusable(what, fmt::format("tensor {} has dtype {}, which is not known", name, *dtype));
  const std::uint64_t begin = (*range)[0], end = (*range)[1];
  if (begin > end || end > data_bytes)
    return unusable(what, fmt::format("tensor {} lies at [{}, {}] of {} bytes of data: cut short or damaged", name, begin, end, data_bytes));
  const auto bytes = bytes_of(*shape, *bits, data_bytes);
  if (bytes != end - begin)
    return unusable(what, fmt::format("tensor {} has {} bytes, which {} [{}] does not fill", name, end - begin, *dtype, fmt::join(*shape, ", ")));
  return PlacedTensor{{name, *dtype, std::move(*shape), *bytes}, begin, end};
}

/// The format allows neither holes nor overlaps nor bytes behind the last tensor.
Result<std::vector<StoredTensor>> in_order(std::vector<PlacedTensor> tensors, std::uint64_t data_bytes, std::string_view what) {
  std::ranges::sort(tensors, {}, [](const PlacedTensor& t) { return std::pair(t.begin, t.end); });
  std::vector<StoredTensor> out;
  std::uint64_t expected = 0;
  for (PlacedTensor& t : tensors) {
    if (t.begin != expected)
      return unusable(what, fmt::format("tensor {} lies at {}, not at {} where the one before it ends", t.tensor.name, t.begin, expected));
    expected = t.end;
    out.push_back(std::move(t.tensor));
  }
  if (expected != data_bytes) return unusable(what, fmt::format("its tensors end at {} of {} bytes of data", expected, data_bytes));
  return out;
}

/// What stands before the data, and how much data the file has.
struct Front { std::string header; std::uint64_t data_bytes = 0; };

Result<Front> read_front(const std::filesystem::path& path) {
  std::error_code error;
  const bool regular = std::filesystem::is_regular_file(path, error);
  const std::uint64_t size = regular ? std::filesystem::file_size(path, error) : 0;
  if (!regular || error) return fail(Fault::usage, fmt::format("{}: {}", path.string(), error ? error.message() : "not a regular file"));
  if (size < kLengthBytes) return unusable(path.string(), fmt::format("{} bytes are too few for a header", size));

  std::ifstream in(path, std::ios::binary);
  std::array<unsigned char, kLengthBytes> front{};
  in.read(reinterpret_cast<char*>(front.data()), kLengthBytes);
  std::uint64_t length = 0;
  for (std::size_t i = kLengthBytes; i-- > 0;) length = length << 8 | front[i];
  if (length > kLongestSafetensorsHeader || length > size - kLengthBytes)
    return unusable(path.string(), fmt::format("a header of {} bytes in a file of {}", length, size));
  std::string header(length, '\0');
  in.read(header.data(), static_cast<std::streamsize>(length));
  if (!in) return fail(Fault::usage, fmt::format("{}: cannot be read", path.string()));
  return Front{std::move(header), size - kLengthBytes - length};
}

}  // namespace

std::uint64_t StoredTensor::elements() const {
  std::uint64_t n = 1;
  for (const std::uint64_t d : shape) n *= d;
  return n;
}

std::optional<int> dtype_bits(std::string_view dtype) {
  const auto* at = std::ranges::find(kDtypes, dtype, &DtypeSize::name);
  return at == kDtypes.end() ? std::nullopt : std::optional(at->bits);
}

Result<std::vector<StoredTensor>> parse_safetensors(std::string_view header, std::uint64_t data_bytes, std::string_view what) {
  const auto document = parse_sorted_json(header, "its header");
  if (!document) return unusable(what, document.error().message);
  if (!document->is_object()) return unusable(what, kNoObject);
  std::vector<PlacedTensor> tensors;
  for (const auto& [name, entry] : document->items()) {
    if (name == "__metadata__") continue;
    auto tensor = placed(name, entry, data_bytes, what);
    if (!tensor) return fail(tensor.error());
    tensors.push_back(std::move(*tensor));
  }
  return in_order(std::move(tensors), data_bytes, what);
}

Result<std::vector<StoredTensor>> read_safetensors(const std::filesystem::path& path) {
  const auto front = read_front(path);
  if (!front) return fail(front.error());
  return parse_safetensors(front->header, front->data_bytes, path.string());
}

Status whole_safetensors(const std::filesystem::path& path) {
  const auto front = read_front(path);
  if (!front) return fail(front.error());
  const auto document = parse_sorted_json(front->header, "its header");
  if (!document) return unusable(path.string(), document.error().message);
  if (!document->is_object()) return unusable(path.string(), kNoObject);
  std::uint64_t end = 0;
  for (const auto& [name, entry] : document->items())
    if (const auto range = counts_at(entry, "data_offsets"); range && range->size() == 2) end = std::max(end, (*range)[1]);
  if (end == front->data_bytes) return ok();
  return unusable(path.string(), fmt::format("its tensors end at {} of {} bytes of data{}", end, front->data_bytes, end > front->data_bytes ? ": cut short" : ""));
}

}  // namespace qc
