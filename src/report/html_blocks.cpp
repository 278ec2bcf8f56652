#include "report/html_blocks.h"

#include <algorithm>

#include "core/text.h"
#include "report/inline.h"

namespace qc {
namespace {

std::string paragraph(const Paragraph& p) {
  if (!p.key_finding) return "<p>" + html_inline(p.text) + "</p>\n";
  return "<aside class=\"finding\"><p><strong class=\"label\">Key finding</strong> " + html_inline(p.text) + "</p></aside>\n";
}

std::string cell(const std::string& element, const std::string& classes, const std::string& scope, const std::string& html) {
  const std::string scoped = scope.empty() ? "" : " scope=\"" + scope + "\"";
  const std::string classed = classes.empty() ? "" : " class=\"" + classes + "\"";
  return "<" + element + scoped + classed + ">" + html + "</" + element + ">";
}

/// "246.1 [240.0, 252.1]": an interval in an element of its own, so that a line breaks before it and not within it.
std::string with_intervals(const std::string& html) {
  std::string out;
  for (char c : html) {
    if (c == '[') out += "<span class=\"interval\">";
    out += c;
    if (c == ']') out += "</span>";
  }
  return std::count(html.begin(), html.end(), '[') == std::count(html.begin(), html.end(), ']') ? out : html;
}

/// The first column names its row unless it is a number.
std::string body_cell(const Table& t, std::size_t column, const Inline& text) {
  const bool number = column < t.numeric.size() && t.numeric[column];
  if (column == 0 && !number) return cell("th", "", "row", html_inline(text));
  const std::string classes = std::string(number ? "number" : "") + (text.starts_with("n/a") ? (number ? " unknown" : "unknown") : "");
  return cell("td", classes, "", number ? with_intervals(html_inline(text)) : html_inline(text));
}

/// In a container of its own that scrolls, reachable by keyboard: the page itself never scrolls sideways.
std::string table(const Table& t) {
  const std::string label = t.caption.empty() ? "Table" : html_escape(plain(t.caption));
  std::string out = "<div class=\"scroll\" role=\"region\" aria-label=\"" + label + "\" tabindex=\"0\">\n<table>\n";
  if (!t.caption.empty()) out += "<caption><span>" + html_inline(t.caption) + "</span></caption>\n";
  out += "<thead><tr>";
  for (std::size_t i = 0; i < t.header.size(); ++i) out += cell("th", i < t.numeric.size() && t.numeric[i] ? "number" : "", "col", html_inline(t.header[i]));
  out += "</tr></thead>\n<tbody>\n";
  for (const auto& row : t.rows) {
    out += "<tr>";
    for (std::size_t i = 0; i < t.header.size(); ++i) out += body_cell(t, i, i < row.size() ? row[i] : "");
    out += "</tr>\n";
  }
  return out + "</tbody>\n</table>\n</div>\n";
}

std::string list(const List& l) {
  const std::string element = l.ordered ? "ol" : "ul";
  std::string out = "<" + element + ">\n";
  for (const auto& item : l.items) out += "<li>" + html_inline(item) + "</li>\n";
  return l.items.empty() ? "" : out + "</" + element + ">\n";
}

std::string code(const Code& c) { return "<pre class=\"code\" tabindex=\"0\"><code>" + html_escape(c.text) + "</code></pre>\n"; }

struct Look { const char* begins; const char* name; const char* sign; };
/// A sign beside the colour: neither print nor every eye has the colour.
constexpr Look kLooks[] = {{"recommend", "good", "✓"}, {"take care", "care", "!"}, {"avoid", "bad", "✕"}};

std::string card(const Card& c) {
  const std::string stance = lower(plain(c.stance));
  Look look{"", "neutral", ""};
  for (const Look& l : kLooks)
    if (stance.starts_with(l.begins)) look = l;
  const std::string sign = *look.sign ? "<span class=\"sign\" aria-hidden=\"true\">" + std::string(look.sign) + "</span>" : "";
  const std::string verdict = stance.empty() ? "" : "<p class=\"stance\">" + sign + html_inline(c.stance) + "</p>\n";
  return "<div class=\"card " + std::string(look.name) + "\">\n<h3>" + html_inline(c.title) + "</h3>\n" + verdict + "<p>" + html_inline(c.text) + "</p>\n</div>\n";
}

std::string cards(const Cards& all) {
  std::string out = "<div class=\"cards\">\n";
  for (const Card& c : all.cards) out += card(c);
  return out + "</div>\n";
}

std::string side_by_side(const SideBySide& s) {
  std::string out = "<figure class=\"sides\">\n<figcaption>" + html_inline(s.title) + "</figcaption>\n<div class=\"panes\">\n";
  for (const auto& [name, text] : s.panes) {
    const std::string label = html_escape(plain(name));
    out += "<div class=\"pane\"><p>" + html_inline(name) + "</p><pre dir=\"auto\" tabindex=\"0\" role=\"region\" aria-label=\"" + label + "\">" +
           (text.empty() ? "<i>(no text)</i>" : html_escape(text)) + "</pre></div>\n";
  }
  return out + "</div>\n</figure>\n";
}

std::string variant_of(const std::string& svg, const std::string& theme, const std::string& id) {
  return "<div class=\"only-" + theme + "\">" + with_prefixed_ids(svg, id + "-" + theme + "-") + "</div>\n";
}

std::string picture(const Picture& p, const std::map<std::string, RenderedPicture>& svgs, Ids& ids) {
  const std::string id = ids.take("figure-" + p.id);
  const auto found = svgs.find(p.id);
  const std::string drawn = found == svgs.end() ? "<p>" + html_inline(p.alt) + "</p>\n"
      : "<div class=\"chart\" role=\"img\" aria-label=\"" + html_escape(plain(p.alt)) + "\">\n" + variant_of(found->second.light, "light", id) +
            variant_of(found->second.dark, "dark", id) + "</div>\n";
  return "<figure id=\"" + id + "\">\n" + drawn + "<figcaption>" + html_inline(p.title) + "</figcaption>\n</figure>\n";
}

std::string block_of(const Paragraph& b) { return paragraph(b); }
std::string block_of(const Table& b) { return table(b); }
std::string block_of(const List& b) { return list(b); }
std::string block_of(const Code& b) { return code(b); }
std::string block_of(const Heading& b) { return "<h3>" + html_inline(b.text) + "</h3>\n"; }
std::string block_of(const Cards& b) { return cards(b); }
std::string block_of(const SideBySide& b) { return side_by_side(b); }

}  // namespace

std::string html_blocks(const std::vector<Block>& blocks, const std::map<std::string, RenderedPicture>& svgs, Ids& ids) {
  std::string out;
  bool in_group = false;
  auto group = [&](bool wanted) {
    if (wanted != in_group) out += wanted ? "<div class=\"figures\">\n" : "</div>\n";
    in_group = wanted;
  };
  for (const Block& block : blocks) {
    const auto* shown = std::get_if<Picture>(&block);
    group(shown != nullptr);
    if (shown) out += picture(*shown, svgs, ids);
    else std::visit([&](const auto& b) { if constexpr (!std::is_same_v<std::decay_t<decltype(b)>, Picture>) out += block_of(b); }, block);
  }
  group(false);
  return out;
}

}  // namespace qc
