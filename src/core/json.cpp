#include "core/json.h"

#include <fmt/format.h>

namespace qc {
namespace {

template <class Document>
Result<Document> parsed(std::string_view text, std::string_view what) {
  try {
    return Document::parse(text);
  } catch (const nlohmann::json::parse_error& e) {
    return fail(Fault::damaged, fmt::format("{}: not JSON at byte {}", what, e.byte));
  } catch (const nlohmann::json::out_of_range&) {  // 1e999
    return fail(Fault::damaged, fmt::format("{}: holds a number that no double can hold", what));
  }
}

}  // namespace

Result<Json> parse_json(std::string_view text, std::string_view what) { return parsed<Json>(text, what); }

bool is_utf8(std::string_view bytes) {
  try {
    return !Json(bytes).dump().empty();
  } catch (const nlohmann::json::type_error&) {  // what a strict dump says of any other byte
    return false;
  }
}

Result<SortedJson> parse_sorted_json(std::string_view text, std::string_view what) { return parsed<SortedJson>(text, what); }

}  // namespace qc
