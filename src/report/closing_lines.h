#pragma once
// Lines that are fitted to a number of words.
#include <string>
#include <vector>

namespace qc {

struct ClosingLine {
  /// How much a line is wanted: always; unless there are too many words, `may` before `should`; only when there are too few.
  enum class Want { must, should, may, spare };
  int paragraph;
  Want want;
  std::string text;
};

/// The lines as paragraphs of 150 to 300 words together, as far as those that must be there allow it.
std::vector<std::string> fitted_paragraphs(std::vector<ClosingLine> lines);

}  // namespace qc
