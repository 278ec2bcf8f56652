#include "report/markdown_text.h"

#include <algorithm>
#include <cctype>

#include "core/text.h"
#include "report/inline.h"

namespace qc {
namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || static_cast<unsigned char>(c) >= 0x80; }

bool is_one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

/// Only where the character would do something: reports are read as source too. '~' strikes through, '$' begins a formula;
/// brackets are a link only before "(", since no link is defined anywhere, or a task's box at the start of an item.
bool acts(std::string_view text, std::size_t i) {
  const char before = i > 0 ? text[i - 1] : ' ', after = i + 1 < text.size() ? text[i + 1] : ' ';
  switch (text[i]) {
    case '\\': case '`': case '*': case '|': case '~': case '$': return true;
    case '[': return i == 0;
    case ']': return is_one_of(after, "([:");
    case '<': return is_word(after) || is_one_of(after, "/!?");
    case '_': return !is_word(before) || !is_word(after);
    case '&': return is_word(after) || after == '#';
    default: return false;
  }
}

std::string escaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (acts(text, i)) out += '\\';
    out += text[i];
  }
  return out;
}

/// "**" does not close after a space nor open before one, so spaces go outside.
std::string strong(const std::string& text) {
  const auto first = text.find_first_not_of(' '), last = text.find_last_not_of(' ');
  if (first == text.npos) return text;
  return text.substr(0, first) + "**" + text.substr(first, last - first + 1) + "**" + text.substr(last + 1);
}

enum class Place { line, cell };

/// Parsers do not agree on a backslash before a pipe in a cell's code: that stays plain text.
std::string code(const std::string& text, Place place) {
  if (place == Place::line) return "`" + text + "`";
  return text.find("\\|") == text.npos ? "`" + replaced(text, "|", "\\|") + "`" : escaped(text);
}

std::string marked(std::string_view inline_text, Place place) {
  std::string out, group;
  for (const Run& run : runs_of(printable(inline_text))) {
    if (!run.strong && !group.empty()) out += strong(group), group.clear();
    (run.strong ? group : out) += run.code ? code(run.text, place) : escaped(run.text);
  }
  return group.empty() ? out : out + strong(group);
}

/// What begins a heading, a list, a quote or an underline there.
std::string safe_at_line_start(std::string line) {
  if (line.empty()) return line;
  if (is_one_of(line[0], "#+-=>")) return "\\" + line;
  const auto digits = line.find_first_not_of("0123456789");
  if (digits != 0 && digits != line.npos && (line[digits] == '.' || line[digits] == ')')) line.insert(digits, "\\");
  return line;
}

}  // namespace

std::string markdown_words(std::string_view inline_text) {
  std::string line = marked(inline_text, Place::line);
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line.substr(std::min(line.find_first_not_of(" \t"), line.size()));
}

std::string markdown_line(std::string_view inline_text) { return safe_at_line_start(markdown_words(inline_text)); }

std::string markdown_cell(std::string_view inline_text) { return replaced(marked(inline_text, Place::cell), "\n", "<br>"); }

std::string markdown_code(std::string_view text) {
  const std::string body = printable(text);
  std::size_t longest = 0, current = 0;
  for (char c : body) longest = std::max(longest, current = c == '`' ? current + 1 : 0);
  const std::string fence(std::max<std::size_t>(3, longest + 1), '`');
  return fence + "text\n" + body + (body.ends_with('\n') ? "" : "\n") + fence + "\n";
}

}  // namespace qc
