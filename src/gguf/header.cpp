#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "gguf/gguf.h"

namespace qc {
namespace {

struct TypeShare { std::string name; int tensors = 0; std::uint64_t bytes = 0; };

std::vector<TypeShare> shares(const std::vector<TensorInfo>& tensors) {
  std::map<std::string, TypeShare> by_name;
  for (const TensorInfo& t : tensors) {
    TypeShare& share = by_name[t.type.name];
    share.name = t.type.name;
    share.tensors += 1;
    share.bytes += t.bytes();
  }
  std::vector<TypeShare> out;
  out.reserve(by_name.size());
  for (auto& [name, share] : by_name) out.push_back(share);
  std::ranges::stable_sort(out, std::greater{}, &TypeShare::bytes);
  return out;
}

}  // namespace

std::uint64_t TensorInfo::elements() const {
  std::uint64_t n = 1;
  for (const std::uint64_t d : shape) n *= d;
  return n;
}

std::uint64_t TensorInfo::bytes() const {
  return elements() / static_cast<std::uint64_t>(type.block_elements) * static_cast<std::uint64_t>(type.block_bytes);
}

std::optional<std::string> GgufHeader::text(const std::string& key) const {
  const auto it = keys.find(key);
  if (it == keys.end()) return std::nullopt;
  const auto* value = std::get_if<std::string>(&it->second);
  return value ? std::optional(*value) : std::nullopt;
}

std::optional<std::int64_t> GgufHeader::number(const std::string& key) const {
  const auto it = keys.find(key);
  if (it == keys.end()) return std::nullopt;
  if (const auto* value = std::get_if<std::int64_t>(&it->second)) return *value;
  const auto* value = std::get_if<std::uint64_t>(&it->second);
  if (!value || *value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return std::nullopt;
  return static_cast<std::int64_t>(*value);
}

double GgufHeader::parameters() const {
  double n = 0;
  for (const TensorInfo& t : tensors) n += static_cast<double>(t.elements());
  return n;
}

std::uint64_t GgufHeader::tensor_bytes() const {
  std::uint64_t n = 0;
  for (const TensorInfo& t : tensors) n += t.bytes();
  return n;
}

double GgufHeader::bits_per_weight() const {
  return tensors.empty() ? 0 : static_cast<double>(tensor_bytes()) * 8 / parameters();
}

std::string GgufHeader::mix() const {
  std::string out;
  for (const TypeShare& share : shares(tensors)) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", share.name, share.tensors);
  return out;
}

std::string GgufHeader::dominant() const {
  const auto all = shares(tensors);
  return all.empty() ? "" : all.front().name;
}

}  // namespace qc
