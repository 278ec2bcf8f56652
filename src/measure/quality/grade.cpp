#include <fmt/format.h>

#include <cassert>
#include <cmath>

#include "core/text.h"
#include "measure/quality/pattern.h"
#include "measure/quality/quality.h"

namespace qc {
namespace {

bool is_word(char c) { return is_digit(c) || (c >= 'a' && c <= 'z'); }
/// First byte of a Latin letter with an accent (U+00C0 to U+024F); other code points (quotes, dashes, CJK) end a word.
bool starts_latin(char c) { const auto byte = static_cast<unsigned char>(c); return byte >= 0xC3 && byte <= 0xC9; }

/// Lower case, every run of white space one space.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : lower(text)) {
    const bool blank = c == ' ' || (c >= '\t' && c <= '\r');
    if (!blank) out += c;
    else if (!out.empty() && out.back() != ' ') out += ' ';
  }
  return out;
}

/// "3" does not stand in "3.5", "13" or "3,000"; "au" does not stand in "aurum".
bool ends_whole(std::string_view text, std::size_t end, char last) {
  if (end >= text.size()) return true;
  if (is_digit(last) && (text[end] == '.' || text[end] == ',') && end + 1 < text.size() && is_digit(text[end + 1])) return false;
  return !is_word(text[end]) && !starts_latin(text[end]);
}
bool begins_whole(std::string_view text, std::size_t begin, char first) {
  if (begin == 0) return true;
  const char before = text[begin - 1];
  if (is_digit(first) && (before == '.' || before == ',') && begin >= 2 && is_digit(text[begin - 2])) return false;
  const bool accented = begin >= 2 && starts_latin(text[begin - 2]) && continues_character(before);
  return !is_word(before) && !accented;
}

bool stands_in(std::string_view text, std::string_view word) {
  assert(!word.empty());
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1))
    if (begins_whole(text, at, word.front()) && ends_whole(text, at + word.size(), word.back())) return true;
  return false;
}

/// The spelling of this value that stands in the text; values and their spellings are never empty (read_spot_items checks).
std::optional<std::string> found_spelling(const std::string& text, const std::string& value) {
  for (const std::string& spelling : split(value, '|'))
    if (stands_in(text, plain(spelling))) return spelling;
  return std::nullopt;
}

std::string first_spelling(const std::string& value) { return split(value, '|').front(); }
std::string quoted(const std::string& text) { return fmt::format("\"{}\"", text); }

std::string join_or(const std::vector<std::string>& values) {
  std::string text;
  for (std::size_t i = 0; i < values.size(); ++i) text += (i == 0 ? "" : i + 1 == values.size() ? " or " : ", ") + quoted(values[i]);
  return text;
}

Grade contains_any(const Rule& rule, const std::string& answer) {
  const std::string text = plain(answer);
  for (const std::string& value : rule.values)
    if (const auto found = found_spelling(text, value)) return {1.0, fmt::format("Names {}.", quoted(*found))};
  return {0.0, fmt::format("Does not name {}.", join_or(rule.values))};
}

Grade share(std::size_t of, const std::vector<std::string>& missing, std::string_view noun) {
  const double score = static_cast<double>(of - missing.size()) / static_cast<double>(of);
  if (missing.empty()) return {score, of == 1 ? fmt::format("Has the {}.", noun) : fmt::format("Has all {} {}s.", of, noun)};
  return {score, fmt::format("Has {} of {} {}s; not {}.", of - missing.size(), of, noun, join_and(missing))};
}

Grade contains_all(const Rule& rule, const std::string& answer) {
  const std::string text = plain(answer);
  std::vector<std::string> missing;
  for (const std::string& value : rule.values)
    if (!found_spelling(text, value)) missing.push_back(quoted(first_spelling(value)));
  return share(rule.values.size(), missing, "fact");
}

Grade grade_number(const Rule& rule, const std::string& answer) {
  const auto wanted = last_number(rule.values.front());
  assert(wanted && "read_spot_items checks");
  const auto found = last_number(answer);
  if (!found) return {0.0, fmt::format("Holds no number; {} is right.", rule.values.front())};
  const bool equal = std::abs(*found - *wanted) <= 1e-9 * std::max(1.0, std::abs(*wanted));
  if (equal) return {1.0, fmt::format("Ends in {}, which is right.", rule.values.front())};
  return {0.0, fmt::format("Ends in {}; {} is right.", *found, rule.values.front())};
}

Grade matches(const Rule& rule, const std::string& answer) {
  std::vector<std::string> missing;
  for (const std::string& value : rule.values) {
    const Pattern pattern = parse_pattern(value);
    if (!occurs_in(pattern, answer)) missing.push_back(pattern.what);
  }
  return share(rule.values.size(), missing, "part");
}

}  // namespace

Grade grade(const Rule& rule, const std::string& answer) {
  if (rule.kind == "contains_any") return contains_any(rule, answer);
  if (rule.kind == "contains_all") return contains_all(rule, answer);
  if (rule.kind == "last_number") return grade_number(rule, answer);
  if (rule.kind == "matches") return matches(rule, answer);
  return {std::nullopt, "Not graded: the item has no rule."};
}

}  // namespace qc
