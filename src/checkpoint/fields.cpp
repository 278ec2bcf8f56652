#include "checkpoint/fields.h"

#include <limits>

namespace qc {
namespace {

template <class T>
std::optional<std::vector<T>> list_at(const SortedJson& object, std::string_view key, bool (*fits)(const SortedJson&)) {
  const SortedJson* value = member(object, key);
  if (!value || !value->is_array()) return std::nullopt;
  std::vector<T> out;
  for (const SortedJson& element : *value) {
    if (!fits(element)) return std::nullopt;
    out.push_back(element.get<T>());
  }
  return out;
}

}  // namespace

const SortedJson* member(const SortedJson& object, std::string_view key) {
  if (!object.is_object()) return nullptr;
  const auto at = object.find(key);
  return at == object.end() || at->is_null() ? nullptr : &*at;
}

const std::string* text_at(const SortedJson& object, std::string_view key) {
  const SortedJson* value = member(object, key);
  return value ? value->get_ptr<const std::string*>() : nullptr;
}

std::optional<std::int64_t> whole_at(const SortedJson& object, std::string_view key) {
  const SortedJson* value = member(object, key);
  if (!value || !value->is_number_integer()) return std::nullopt;
  if (value->is_number_unsigned() && value->get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) return std::nullopt;
  return value->get<std::int64_t>();
}

std::optional<double> number_at(const SortedJson& object, std::string_view key) {
  const SortedJson* value = member(object, key);
  return value && value->is_number() ? std::optional(value->get<double>()) : std::nullopt;
}

std::optional<bool> truth_at(const SortedJson& object, std::string_view key) {
  const SortedJson* value = member(object, key);
  return value && value->is_boolean() ? std::optional(value->get<bool>()) : std::nullopt;
}

std::optional<std::vector<std::uint64_t>> counts_at(const SortedJson& object, std::string_view key) {
  return list_at<std::uint64_t>(object, key, [](const SortedJson& element) { return element.is_number_unsigned(); });
}

std::optional<std::vector<std::string>> texts_at(const SortedJson& object, std::string_view key) {
  return list_at<std::string>(object, key, [](const SortedJson& element) { return element.is_string(); });
}

}  // namespace qc
