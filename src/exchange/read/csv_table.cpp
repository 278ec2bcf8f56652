#include "exchange/read/csv_table.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/text.h"

namespace qc {
namespace {

/// What parts the cells: of the three the one that the header line has most of.
char separator_of(std::string_view header) {
  constexpr char kAll[] = {',', ';', '\t'};
  return *std::ranges::max_element(kAll, {}, [&](char c) { return std::ranges::count(header, c); });
}

/// Takes one record from the front of `text`; a quoted cell may hold line ends.
class Lexer {
 public:
  Lexer(std::string_view text, char separator) : text_(text), separator_(separator) {}

  [[nodiscard]] bool done() const { return at_ >= text_.size(); }
  [[nodiscard]] std::size_t line() const { return line_; }

  std::vector<std::string> record() {
    std::vector<std::string> cells(1);
    bool quoted = false;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\n') ++line_;
      if (quoted) {
        if (c != '"') cells.back() += c;
        else if (text_.substr(at_ + 1).starts_with('"')) cells.back() += '"', ++at_;
        else quoted = false;
      } else if (c == '"') {
        quoted = true;
      } else if (c == separator_) {
        cells.emplace_back();
      } else if (c == '\n') {
        ++at_;
        break;
      } else if (c != '\r') {
        cells.back() += c;
      }
    }
    for (std::string& cell : cells) cell = std::string(trim(cell));
    return cells;
  }

 private:
  std::string_view text_;
  char separator_;
  std::size_t at_ = 0, line_ = 1;
};

bool is_empty(const std::vector<std::string>& cells) { return std::ranges::all_of(cells, [](const std::string& c) { return c.empty(); }); }

}  // namespace

Result<CsvTable> parse_csv(std::string_view text) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (text.starts_with(kMark)) text.remove_prefix(kMark.size());
  std::string_view first = text;
  while (first.starts_with('#') || first.starts_with('\n') || first.starts_with('\r')) first.remove_prefix(std::min(first.find('\n'), first.size() - 1) + 1);
  CsvTable table;
  const char separator = separator_of(first.substr(0, first.find('\n')));
  table.decimal_comma = separator == ';';
  Lexer lexer(text, separator);
  while (!lexer.done()) {
    const std::size_t line = lexer.line();
    std::vector<std::string> cells = lexer.record();
    if (is_empty(cells) || cells.front().starts_with('#')) continue;
    if (table.header.empty()) {
      table.header = std::move(cells);
      continue;
    }
    if (cells.size() != table.header.size())
      return fail(Fault::usage, fmt::format("line {} has {} cells and the header {}", line, cells.size(), table.header.size()));
    table.rows.push_back({line, std::move(cells)});
  }
  if (table.header.empty() || table.rows.empty()) return fail(Fault::usage, "no table: a header line and at least one row are needed");
  return table;
}

}  // namespace qc
