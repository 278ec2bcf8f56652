#pragma once
// Fields of JSON objects whose presence and type nobody promises. For this unit's .cpp files only: it brings the JSON library along.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"

namespace qc {

/// The value under a key; nullptr when it is absent or null, and when `object` is no object.
const SortedJson* member(const SortedJson& object, std::string_view key);

// Each is empty (or nullptr) when the field is absent, null or of another type.
const std::string* text_at(const SortedJson& object, std::string_view key);
std::optional<std::int64_t> whole_at(const SortedJson& object, std::string_view key);
std::optional<double> number_at(const SortedJson& object, std::string_view key);
std::optional<bool> truth_at(const SortedJson& object, std::string_view key);

/// A list whose elements are all of the kind; empty optional else.
std::optional<std::vector<std::uint64_t>> counts_at(const SortedJson& object, std::string_view key);
std::optional<std::vector<std::string>> texts_at(const SortedJson& object, std::string_view key);

}  // namespace qc
