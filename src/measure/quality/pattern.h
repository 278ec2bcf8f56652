#pragma once
// A value of the rule `matches`: "what =~ regex", the words for people and the pattern.
#include <regex>
#include <string>
#include <string_view>

namespace qc {

struct Pattern {
  std::string what;   ///< the quoted regex where the value gives no words
  std::regex regex;
};

/// Throws std::regex_error on a broken regex: callers read values that read_spot_items has already tried.
inline Pattern parse_pattern(const std::string& value) {
  constexpr std::string_view mark = " =~ ";
  const std::size_t at = value.find(mark);
  const std::string pattern = at == std::string::npos ? value : value.substr(at + mark.size());
  return {at == std::string::npos ? '"' + value + '"' : value.substr(0, at), std::regex(pattern, std::regex::ECMAScript | std::regex::icase)};
}

}  // namespace qc
