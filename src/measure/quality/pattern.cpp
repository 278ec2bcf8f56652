#include "measure/quality/pattern.h"

// g++ 12 with a sanitizer warns of its own <regex> (GCC bug 105562).
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <regex>

namespace qc {
namespace {

// std::regex recurses for each character: 8 KiB of text used up an 8 MiB stack in an asan build.
constexpr std::size_t kMostMatched = 2048;

std::regex compile(const Pattern& pattern) { return std::regex(pattern.regex, std::regex::ECMAScript | std::regex::icase); }

}  // namespace

Pattern parse_pattern(std::string_view value) {
  constexpr std::string_view mark = " =~ ";
  const std::size_t at = value.find(mark);
  if (at == std::string_view::npos) return {'"' + std::string(value) + '"', std::string(value)};
  return {std::string(value.substr(0, at)), std::string(value.substr(at + mark.size()))};
}

bool is_valid(const Pattern& pattern) {
  try {
    compile(pattern);
    return true;
  } catch (const std::regex_error&) {
    return false;
  }
}

bool occurs_in(const Pattern& pattern, std::string_view text) {
  return std::regex_search(std::string(text.substr(0, kMostMatched)), compile(pattern));
}

}  // namespace qc
