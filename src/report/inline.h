#pragma once
// The two marks of an Inline text, read once for every format.
#include <string>
#include <string_view>
#include <vector>

#include "report/document.h"

namespace qc {

/// A stretch of text with the marks that hold for all of it.
struct Run { std::string text; bool strong = false, code = false; };

/// **strong** and `code` (also code inside strong). A mark without its partner is text; inside code `**` is text.
std::vector<Run> runs_of(std::string_view text);

/// The text without its marks: for titles, labels and alternative texts.
std::string plain(std::string_view text);

/// Foreign text (an answer, a log line) as a page may hold it: CR LF as LF, and U+FFFD for each byte that is not UTF-8
/// and each control character but tab and newline.
std::string printable(std::string_view text);

}  // namespace qc
