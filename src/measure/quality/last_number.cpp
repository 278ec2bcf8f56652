#include <cstdlib>

#include "core/text.h"
#include "measure/quality/quality.h"

namespace qc {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

/// A run of digits with its grouping commas and decimals: [begin, end) of the text.
struct Literal { std::size_t begin = 0, end = 0; double value = 0; bool whole = true; };

std::size_t skip_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at])) ++at;
  return at;
}

/// A comma groups only where exactly three digits follow: "1,234" is one number, "2,4" and "1, 2" are two.
bool groups(std::string_view text, std::size_t comma) {
  return comma < text.size() && text[comma] == ',' && skip_digits(text, comma + 1) == comma + 4;
}

Literal read_literal(std::string_view text, std::size_t begin) {
  Literal literal{begin, skip_digits(text, begin), 0, true};
  if (literal.end > begin && literal.end - begin <= 3)
    while (groups(text, literal.end)) literal.end += 4;
  if (literal.end + 1 < text.size() && text[literal.end] == '.' && is_digit(text[literal.end + 1])) {
    literal.end = skip_digits(text, literal.end + 1);
    literal.whole = false;
  }
  std::string digits;
  for (const char c : text.substr(begin, literal.end - begin))
    if (c != ',') digits += c;
  literal.value = std::strtod(digits.c_str(), nullptr);
  return literal;
}

bool divides(std::string_view text, std::size_t slash) {
  return slash + 1 < text.size() && text[slash] == '/' && is_digit(text[slash + 1]);
}
bool is_divided(std::string_view text, std::size_t begin) { return begin >= 2 && text[begin - 1] == '/' && is_digit(text[begin - 2]); }

/// "3/4" is one number; a date like 3/4/2026 is three.
Literal with_fraction(std::string_view text, const Literal& above) {
  if (!above.whole || !divides(text, above.end) || is_divided(text, above.begin)) return above;
  const Literal below = read_literal(text, above.end + 1);
  if (!below.whole || below.value == 0 || divides(text, below.end)) return above;
  return {above.begin, below.end, above.value / below.value, false};
}

/// Minus directly before the number, or before its currency sign, when nothing to subtract from stands before it.
bool negative(std::string_view text, std::size_t begin) {
  constexpr std::string_view minus_sign = "\xE2\x88\x92";  // U+2212
  std::string_view before = text.substr(0, begin);
  if (before.ends_with('$')) before.remove_suffix(1);
  if (before.ends_with('-')) before.remove_suffix(1);
  else if (before.ends_with(minus_sign)) before.remove_suffix(minus_sign.size());
  else return false;
  if (before.ends_with('$')) before.remove_suffix(1);
  return before.empty() || !(is_digit(before.back()) || is_letter(before.back()) || before.back() == ')');
}

bool inside_word(std::string_view text, std::size_t begin) { return begin > 0 && is_letter(text[begin - 1]); }
bool starts_number(std::string_view text, std::size_t at) {
  return is_digit(text[at]) || (text[at] == '.' && at + 1 < text.size() && is_digit(text[at + 1]));
}

}  // namespace

std::optional<double> last_number(std::string_view text) {
  std::optional<double> last;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!starts_number(text, at)) continue;
    const Literal number = with_fraction(text, read_literal(text, at));
    if (!inside_word(text, at)) last = negative(text, at) ? -number.value : number.value;
    at = number.end - 1;
  }
  return last;
}

}  // namespace qc
