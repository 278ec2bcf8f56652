#pragma once
// A value of the rule `matches`: "what =~ regex", the words for people and the pattern.
#include <string>
#include <string_view>

namespace qc {

struct Pattern {
  std::string what;    ///< the quoted regex where the value gives no words
  std::string regex;   ///< ECMAScript, case ignored
};
Pattern parse_pattern(std::string_view value);

/// The regex compiles.
bool is_valid(const Pattern& pattern);
/// The regex matches somewhere in the text's first 2 KiB. Only for a valid pattern.
bool occurs_in(const Pattern& pattern, std::string_view text);

}  // namespace qc
