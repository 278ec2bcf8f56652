// Document -> GitHub-flavoured Markdown. Every block ends with an empty line.
#include "report/html_text.h"
#include "report/inline.h"
#include "report/markdown_text.h"
#include "report/report.h"

namespace qc {
namespace {

std::string row_of(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const auto& cell : cells) line += " " + cell + " |";
  return line + "\n";
}

/// Rows that are short are filled up: a row must have the head's number of cells.
std::string table_row(const std::vector<Inline>& cells, std::size_t width) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < width; ++i) out.push_back(i < cells.size() ? markdown_cell(cells[i]) : "");
  return row_of(out);
}

std::string grid(const std::vector<Inline>& header, const std::vector<bool>& numeric, const std::vector<std::vector<Inline>>& rows) {
  std::vector<std::string> rule;
  for (std::size_t i = 0; i < header.size(); ++i) rule.push_back(i < numeric.size() && numeric[i] ? "---:" : "---");
  std::string out = table_row(header, header.size()) + row_of(rule);
  for (const auto& row : rows) out += table_row(row, header.size());
  return out + "\n";
}

std::string markdown_of(const Paragraph& p) {
  return (p.key_finding ? "> **Key finding.** " : "") + markdown_line(p.text) + "\n\n";
}

std::string markdown_of(const Table& t) {
  const std::string caption = t.caption.empty() ? "" : "**" + markdown_words(plain(t.caption)) + "**\n\n";
  return caption + grid(t.header, t.numeric, t.rows);
}

std::string markdown_of(const List& l) {
  std::string out;
  int n = 0;
  for (const auto& item : l.items) out += (l.ordered ? std::to_string(++n) + ". " : "- ") + markdown_line(item) + "\n";
  return out + "\n";
}

std::string markdown_of(const Code& c) { return markdown_code(c.text) + "\n"; }
std::string markdown_of(const Heading& h) { return "### " + markdown_words(h.text) + "\n\n"; }

std::string markdown_of(const Picture& p) {
  return "![" + markdown_words(p.alt) + "](figures/" + p.id + ".svg)\n\n*" + markdown_words(p.title) + "*\n\n";
}

std::string markdown_of(const Cards& c) {
  std::vector<std::vector<Inline>> rows;
  for (const Card& card : c.cards) rows.push_back({"**" + card.title + "**", card.stance.empty() ? "" : "**" + card.stance + "**", card.text});
  return grid({"", "Verdict", "Why"}, {}, rows);
}

/// Text within a block of raw HTML: an empty line would end the block, so lines are joined by <br>; indents are kept.
std::string pane_text(std::string_view text) {
  std::string out;
  bool at_start = true;
  for (char c : html_escape(text)) {
    if (c == '\n') out += "<br>";
    else if (c == '|') out += "&#124;";
    else if (c == ' ' && at_start) out += "&nbsp;";
    else out += c;
    at_start = c == '\n' || (at_start && c == ' ');
  }
  return out;
}

/// GitHub draws HTML tables: the only way there to set texts side by side.
std::string markdown_of(const SideBySide& s) {
  std::string heads, texts;
  for (const auto& [name, text] : s.panes) {
    heads += "<th align=\"left\">" + html_inline(name) + "</th>";
    texts += "<td valign=\"top\">" + (text.empty() ? "<i>(no text)</i>" : pane_text(text)) + "</td>";
  }
  return "<details><summary>" + html_inline(s.title) + "</summary>\n<table>\n<tr>" + heads + "</tr>\n<tr>" + texts + "</tr>\n</table>\n</details>\n\n";
}

}  // namespace

std::string to_markdown(const Document& document) {
  std::string out = "# " + markdown_words(document.title) + "\n\n";
  if (!document.subtitle.empty()) out += markdown_line(document.subtitle) + "\n\n";
  for (const Section& section : document.sections) {
    out += "## " + markdown_words(section.title) + "\n\n";
    for (const Block& block : section.blocks) out += std::visit([](const auto& b) { return markdown_of(b); }, block);
  }
  return out + "---\n\n" + markdown_line(document.footer) + "\n";
}

}  // namespace qc
