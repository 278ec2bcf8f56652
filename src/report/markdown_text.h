#pragma once
// Text as GitHub-flavoured Markdown shows it literally.
#include <string>
#include <string_view>

namespace qc {

/// Words within a line: marks kept, all else escaped where it would act, newlines as spaces.
std::string markdown_words(std::string_view inline_text);
/// The same for the start of a paragraph or a list item, where "#", "-" and "1." act too.
std::string markdown_line(std::string_view inline_text);
/// A table's cell: `|` escaped also inside code, newlines as <br>.
std::string markdown_cell(std::string_view inline_text);
/// A fenced code block, the fence longer than any inside.
std::string markdown_code(std::string_view text);

}  // namespace qc
