#pragma once
// Text and names as HTML holds them.
#include <set>
#include <string>
#include <string_view>

namespace qc {

/// For text and for attribute values in double quotes.
std::string html_escape(std::string_view text);
/// **strong** and `code` as elements, all else escaped.
std::string html_inline(std::string_view inline_text);

/// Hands out ids that are unique in one page.
class Ids {
 public:
  /// `wanted` as a valid id, with "-2", "-3" ... where it is taken.
  std::string take(std::string_view wanted);

 private:
  std::set<std::string> taken_;
};

/// An SVG's ids and the references to them with `prefix` before each, so that several pictures stand in one page.
std::string with_prefixed_ids(std::string_view svg, std::string_view prefix);

}  // namespace qc
