#pragma once
// Words for people: numbers with a fixed number of digits, counts, names close to a mistyped one.
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qc {

/// The candidate with the smallest edit distance to `word`, if it is at most a third of the word's length (at least 2).
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);

/// "a", "a and b", "a, b and c".
std::string join_and(std::span<const std::string> words);

/// Every `what` as `with`; what was put in is not looked at again.
std::string replaced(std::string text, std::string_view what, std::string_view with);

/// A further byte of a UTF-8 character: it begins with the bits 10.
constexpr bool continues_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }
/// The longest start of at most `bytes` that does not end within a UTF-8 character.
std::string_view whole_characters(std::string_view text, std::size_t bytes);

/// '0' to '9', whatever the locale.
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::vector<std::string> split(std::string_view text, char separator);
std::string_view trim(std::string_view text);
/// Without the terminal's escape sequences ("\x1b[1;36m"), which some servers write into files too.
std::string without_colours(std::string_view text);
std::string lower(std::string_view text);
/// Letters, digits, '.', '_' and '-' kept, all else becomes '-': safe in a file name.
std::string slug(std::string_view text);

/// Words as a POSIX shell would have them, quoted where needed; for commands shown to people.
std::string shell_quoted(std::span<const std::string> words);

}  // namespace qc
