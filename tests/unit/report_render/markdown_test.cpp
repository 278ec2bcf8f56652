#include <gtest/gtest.h>

#include <sstream>

#include "golden/report_render/sample_document.h"
#include "report/markdown_text.h"

namespace qc {
namespace {

/// Cells of a row as the GFM specification splits them: at each pipe that no backslash stands before.
std::size_t cells_in(const std::string& row) {
  std::size_t pipes = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (row[i] == '\\') ++i;
    else if (row[i] == '|') ++pipes;
  }
  return pipes - 1;
}

struct Tables { int count = 0; std::vector<std::string> uneven; };

Tables tables_of(const std::string& markdown) {
  Tables found;
  std::istringstream lines(markdown);
  std::size_t width = 0;
  bool fenced = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("```")) fenced = !fenced;
    const bool row = !fenced && line.starts_with("|");
    if (row && width == 0) width = cells_in(line), ++found.count;
    if (row && cells_in(line) != width) found.uneven.push_back(line);
    if (!row) width = 0;
  }
  return found;
}

TEST(Markdown, EveryRowHasItsHeadsCells) {
  const Tables found = tables_of(to_markdown(sample_document()));
  EXPECT_EQ(found.count, 3);      // the cards, the workload's table, the hostile one
  EXPECT_EQ(found.uneven, std::vector<std::string>{});
}

TEST(Markdown, ShortAndLongRowsAreMadeToFit) {
  Document d;
  d.sections = {{"s", "S", {Table{"", {"a", "b"}, {}, {{"1"}, {"1", "2", "3"}}}}}};
  const std::string text = to_markdown(d);
  EXPECT_NE(text.find("| 1 |  |\n| 1 | 2 |\n"), text.npos) << text;
}

TEST(Markdown, NumericColumnsStandRight) {
  Document d;
  d.sections = {{"s", "S", {Table{"", {"a", "b"}, {false, true}, {}}}}};
  EXPECT_NE(to_markdown(d).find("| --- | ---: |"), std::string::npos);
}

TEST(Markdown, OnlyWhatActsIsEscaped) {
  EXPECT_EQ(markdown_words("q4_0 at 5 < 6 [1.0, 2.0] & more"), "q4_0 at 5 < 6 [1.0, 2.0] & more");
  EXPECT_EQ(markdown_words("<b> _x_ *y* [a](b) &lt; $5 ~~z~~ a|b \\"), "\\<b> \\_x\\_ \\*y\\* [a\\](b) \\&lt; \\$5 \\~\\~z\\~\\~ a\\|b \\\\");
  EXPECT_EQ(markdown_words("unclosed ` and **"), "unclosed \\` and \\*\\*");
}

TEST(Markdown, TheStartOfALineIsText) {
  EXPECT_EQ(markdown_line("# a"), "\\# a");
  EXPECT_EQ(markdown_line("- a"), "\\- a");
  EXPECT_EQ(markdown_line("> a"), "\\> a");
  EXPECT_EQ(markdown_line("12. a"), "12\\. a");
  EXPECT_EQ(markdown_line("   four spaces are code"), "four spaces are code");
  EXPECT_EQ(markdown_line("one\ntwo"), "one two");
  EXPECT_EQ(markdown_line("12.5 ms"), "12\\.5 ms");
}

TEST(Markdown, StrongKeepsItsSpacesOutside) {
  EXPECT_EQ(markdown_words("a** b **c"), "a **b** c");
  EXPECT_EQ(markdown_words("**a `b` c**"), "**a `b` c**");
}

TEST(Markdown, APipeInACellsCodeIsEscapedToo) {
  EXPECT_EQ(markdown_cell("`a|b` c|d"), "`a\\|b` c\\|d");
  EXPECT_EQ(markdown_words("`a|b`"), "`a|b`");
  EXPECT_EQ(markdown_cell("`a\\|b`"), "a\\\\\\|b");     // one backslash and one pipe, both as text
  EXPECT_EQ(markdown_cell("a\nb"), "a<br>b");
}

TEST(Markdown, AFenceIsLongerThanAnyInside) {
  EXPECT_EQ(markdown_code("a\n````\nb"), "`````text\na\n````\nb\n`````\n");
  EXPECT_EQ(markdown_code("a\n"), "```text\na\n```\n");
}

TEST(Markdown, PanesHoldNoEmptyLine) {
  Document d;
  d.sections = {{"s", "S", {SideBySide{"t", {{"x", "a\n\n  b|<i>"}}}}}};
  const std::string text = to_markdown(d);
  EXPECT_NE(text.find("<td valign=\"top\">a<br><br>&nbsp;&nbsp;b&#124;&lt;i&gt;</td>"), text.npos) << text;
}

}  // namespace
}  // namespace qc
