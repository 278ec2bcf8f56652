#include "gguf/arrays.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

#include "gguf/byte_reader.h"

namespace qc {
namespace {

constexpr std::uint32_t kU32 = 4, kI32 = 5, kText = 8, kArray = 9;  // GGUF's numbers for types of values

/// The elements of `key`, each taken by `next(reader)`, where their type is one of `types`.
template <class T, class Next>
Result<std::vector<T>> read_array(const std::filesystem::path& path, const GgufLayout& layout, const std::string& key, std::initializer_list<std::uint32_t> types, Next next) {
  const auto record = std::ranges::find(layout.keys, key, &KeyRecord::name);
  if (record == layout.keys.end()) return fail(Fault::usage, fmt::format("{}: it has no key {}", path.string(), key));
  ByteReader in(path, layout.header.file_bytes);
  in.skip(record->begin);
  in.skip(in.number<std::uint64_t>());  // the name
  const bool is_array = in.number<std::uint32_t>() == kArray;
  const auto type = in.number<std::uint32_t>();
  if (in.good() && (!is_array || std::ranges::find(types, type) == types.end()))
    return fail(Fault::usage, fmt::format("{}: key {} is no array of the kind that is needed", path.string(), key));
  const auto n = in.number<std::uint64_t>();
  if (n > kLongestReadArray) in.refuse(fmt::format("key {} has {} elements", key, n));
  std::vector<T> out;
  for (std::uint64_t i = 0; i < n && in.good(); ++i) out.push_back(next(in, type));
  if (!in.good()) return fail(Fault::damaged, fmt::format("{}: {}", path.string(), in.error()));
  return out;
}

}  // namespace

Result<std::vector<std::string>> read_texts(const std::filesystem::path& path, const GgufLayout& layout, const std::string& key) {
  return read_array<std::string>(path, layout, key, {kText}, [](ByteReader& in, std::uint32_t) { return in.text(in.number<std::uint64_t>()); });
}

Result<std::vector<std::int64_t>> read_integers(const std::filesystem::path& path, const GgufLayout& layout, const std::string& key) {
  return read_array<std::int64_t>(path, layout, key, {kU32, kI32}, [](ByteReader& in, std::uint32_t type) {
    return type == kU32 ? std::int64_t{in.number<std::uint32_t>()} : std::int64_t{in.number<std::int32_t>()};
  });
}

}  // namespace qc
