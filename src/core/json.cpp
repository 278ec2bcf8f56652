#include "core/json.h"

#include <fmt/format.h>

namespace qc {

Result<Json> parse_json(std::string_view text, std::string_view what) {
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& e) {
    return fail(Fault::damaged, fmt::format("{}: not JSON at byte {}", what, e.byte));
  }
}

}  // namespace qc
