#pragma once
// The one door to the JSON library: include this in .cpp files only, so that its types stay out of our headers.
#include <nlohmann/json.hpp>

#include "core/result.h"

namespace qc {
using Json = nlohmann::ordered_json;

/// Parses a document. Fails as damaged, naming `what` (a file or an answer) and the byte where it broke.
Result<Json> parse_json(std::string_view text, std::string_view what);

/// On one line; bytes that are no UTF-8 are replaced.
inline std::string json_line(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

/// Whether a JSON document may hold these bytes as text.
bool is_utf8(std::string_view bytes);

/// A string as JSON has it, which is a TOML basic string too.
inline std::string json_string(const std::string& text) { return json_line(Json(text)); }

/// Names sorted, not in the document's order. For files of very many names: Json compares each name with all before it.
using SortedJson = nlohmann::json;
Result<SortedJson> parse_sorted_json(std::string_view text, std::string_view what);
}  // namespace qc
