#include "report/html_text.h"

#include "core/text.h"
#include "report/inline.h"

namespace qc {

std::string html_escape(std::string_view text) {
  std::string out;
  for (char c : printable(text)) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string html_inline(std::string_view inline_text) {
  std::string out;
  bool strong = false;
  auto turn = [&](bool to) {
    if (to != strong) out += to ? "<strong>" : "</strong>";
    strong = to;
  };
  for (const Run& run : runs_of(inline_text)) {
    turn(run.strong);
    out += run.code ? "<code>" + html_escape(run.text) + "</code>" : html_escape(run.text);
  }
  turn(false);
  return out;
}

std::string Ids::take(std::string_view wanted) {
  const std::string base = lower(slug(wanted));
  std::string id = base;
  for (int n = 2; !taken_.insert(id).second; ++n) id = base + "-" + std::to_string(n);
  return id;
}

std::string with_prefixed_ids(std::string_view svg, std::string_view prefix) {
  std::string out;
  while (!svg.empty()) {
    std::size_t next = svg.npos;
    for (std::string_view where : {" id=\"", "url(#", "href=\"#"})
      if (const auto at = svg.find(where); at != svg.npos) next = std::min(next, at + where.size());
    out += svg.substr(0, next);
    if (next == svg.npos) break;
    out += prefix;
    svg.remove_prefix(next);
  }
  return out;
}

}  // namespace qc
