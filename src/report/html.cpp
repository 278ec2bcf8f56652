// Document -> one HTML file that needs no network: the page around the blocks of html_blocks.cpp.
#include <cassert>

#include <fmt/format.h>

#include "core/embedded.h"
#include "report/html_blocks.h"
#include "report/html_text.h"
#include "report/inline.h"
#include "report/report.h"

extern "C" const qc::EmbeddedFile qc_embedded_qc_report[];

namespace qc {
namespace {

std::string asset(std::string_view name) {
  const auto bytes = find_embedded(qc_embedded_qc_report, name);
  assert(bytes && "assets are linked in by report/CMakeLists.txt");
  return std::string(*bytes);
}

/// Fills {{name}} in one pass, so that a value that happens to hold "{{" stays as it is.
std::string filled(std::string_view page, const std::map<std::string, std::string, std::less<>>& values) {
  std::string out;
  for (auto open = page.find("{{"); open != page.npos; open = page.find("{{")) {
    const auto close = page.find("}}", open);
    out += page.substr(0, open);
    out += values.at(std::string(page.substr(open + 2, close - open - 2)));
    page.remove_prefix(close + 2);
  }
  return out + std::string(page);
}

}  // namespace

std::string to_html(const Document& document, const std::map<std::string, RenderedPicture>& svgs) {
  Ids ids;
  ids.take("content");
  std::string contents, sections;
  for (const Section& section : document.sections) {
    const std::string id = ids.take(section.id), title = html_inline(section.title);
    contents += fmt::format("<li><a href=\"#{}\">{}</a></li>\n", id, title);
    const std::string heading = ids.take(id + "-title");
    sections += fmt::format("<section id=\"{0}\" aria-labelledby=\"{1}\">\n<h2 id=\"{1}\">{2}</h2>\n", id, heading, title);
    sections += html_blocks(section.blocks, svgs, ids) + "</section>\n";
  }
  const std::string subtitle = document.subtitle.empty() ? "" : "<p>" + html_inline(document.subtitle) + "</p>\n";
  return filled(asset("page.html"), {{"title", html_escape(plain(document.title))}, {"heading", html_inline(document.title)}, {"style", asset("style.css")}, {"subtitle", subtitle},
                                     {"contents", contents}, {"sections", sections}, {"footer", html_inline(document.footer)}});
}

}  // namespace qc
