#include "report/closing_lines.h"

namespace qc {
namespace {

constexpr std::size_t kFewest = 165, kMost = 285;   // words; room for those who count "66.2" as two

std::size_t words_in(const std::string& text) {
  std::size_t words = 0;
  bool inside = false;
  for (char ch : text) {
    const bool space = ch == ' ' || ch == '\n';
    words += !space && !inside;
    inside = !space;
  }
  return words;
}

std::size_t words_in(const std::vector<ClosingLine>& lines) {
  std::size_t words = 0;
  for (const ClosingLine& l : lines) words += words_in(l.text);
  return words;
}

// Spare lines stay only while they are needed; wanted ones go, last first, when there are too many words.
void fit(std::vector<ClosingLine>& lines) {
  std::size_t words = words_in(lines);
  for (std::size_t i = lines.size(); i-- > 0;) {
    const std::size_t own = words_in(lines[i].text);
    if (lines[i].want != ClosingLine::Want::spare || words - own < kFewest) continue;
    words -= own;
    lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(i));
  }
  for (const ClosingLine::Want least : {ClosingLine::Want::may, ClosingLine::Want::should})
    for (std::size_t i = lines.size(); i-- > 0 && words > kMost;) {
      if (lines[i].want != least) continue;
      words -= words_in(lines[i].text);
      lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

}  // namespace

std::vector<std::string> fitted_paragraphs(std::vector<ClosingLine> lines) {
  fit(lines);
  std::vector<std::string> paragraphs;
  int last = -1;
  for (ClosingLine& line : lines) {
    if (line.paragraph != last) paragraphs.push_back(std::move(line.text));
    else paragraphs.back() += " " + line.text;
    last = line.paragraph;
  }
  return paragraphs;
}

}  // namespace qc
