#pragma once
// What the readers of servers' logs share.
#include <algorithm>
#include <optional>
#include <string_view>

namespace qc {

/// Each line without its end, in order; a last one without an end too.
template <class Visit>
void for_each_line(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    visit(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

/// What stands after the first `mark` of a line; empty where it does not occur.
inline std::optional<std::string_view> after(std::string_view line, std::string_view mark) {
  const auto at = line.find(mark);
  return at == std::string_view::npos ? std::nullopt : std::optional(line.substr(at + mark.size()));
}

}  // namespace qc
