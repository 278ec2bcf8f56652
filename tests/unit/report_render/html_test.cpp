#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>

#include "golden/golden.h"
#include "golden/report_render/sample_document.h"
#include "report/html_text.h"

namespace qc {
namespace {

std::map<std::string, RenderedPicture> drawn(const Document& document) {
  std::map<std::string, RenderedPicture> svgs;
  for (const Section& section : document.sections)
    for (const Block& block : section.blocks)
      if (const auto* p = std::get_if<Picture>(&block); p && p->id != "missing")
        svgs[p->id] = {render_svg(p->spec, Theme::light).value(), render_svg(p->spec, Theme::dark).value()};
  return svgs;
}

const std::string& page() {
  static const std::string html = [] { const Document d = sample_document(); return to_html(d, drawn(d)); }();
  return html;
}

std::vector<std::string> all(const std::string& text, const char* pattern) {
  std::vector<std::string> found;
  const std::regex expression(pattern);
  for (std::sregex_iterator it(text.begin(), text.end(), expression), end; it != end; ++it) found.push_back((*it)[1]);
  return found;
}

TEST(Html, IdsAreUniqueAndReferencesAreMet) {
  const auto ids = all(page(), "\\sid=\"([^\"]*)\"");
  const std::set<std::string> distinct(ids.begin(), ids.end());
  EXPECT_EQ(ids.size(), distinct.size());
  EXPECT_GE(ids.size(), 14u);
  for (const auto& target : all(page(), "(?:href=\"#|url\\(#|aria-labelledby=\")([^\")]+)")) EXPECT_TRUE(distinct.contains(target)) << target;
}

TEST(Html, SvgIdsAreUniqueWhenTwoPicturesHaveTheSame) {
  EXPECT_EQ(with_prefixed_ids("<clipPath id=\"c\"/><g clip-path=\"url(#c)\"/><use href=\"#c\"/>", "p-"),
            "<clipPath id=\"p-c\"/><g clip-path=\"url(#p-c)\"/><use href=\"#p-c\"/>");
}

TEST(Html, AnIdIsTakenOnce) {
  Ids ids;
  EXPECT_EQ(ids.take("Chat & more"), "chat---more");
  EXPECT_EQ(ids.take("x"), "x");
  EXPECT_EQ(ids.take("x"), "x-2");
  EXPECT_EQ(ids.take("x-2"), "x-2-2");
}

TEST(Html, NothingIsLoaded) {
  EXPECT_EQ(all(page(), "(\\ssrc=|<script|<link|<iframe|@import|url\\((?!#)|https?://(?!www\\.w3\\.org/))"), std::vector<std::string>{});
  for (const auto& target : all(page(), "href=\"([^\"]*)\"")) EXPECT_TRUE(target.starts_with("#")) << target;
}

TEST(Html, ForeignTextIsEscaped) {
  EXPECT_NE(page().find("&lt;script&gt;alert(1)&lt;/script&gt;"), std::string::npos);
  EXPECT_NE(page().find("fence &lt;/code&gt;&lt;/pre&gt;</code></pre>"), std::string::npos);
  EXPECT_EQ(html_escape("<a \"b\" & 'c'>"), "&lt;a &quot;b&quot; &amp; 'c'&gt;");
  EXPECT_EQ(html_inline("**a `<b>`** c"), "<strong>a <code>&lt;b&gt;</code></strong> c");
}

TEST(Html, ThePageIsFilledOnce) {
  Document d;
  d.title = "{{footer}} and {{nothing}}";
  const std::string html = to_html(d, {});
  EXPECT_NE(html.find("<h1>{{footer}} and {{nothing}}</h1>"), html.npos);
}

TEST(Html, AStanceHasAColourAndASign) {
  auto card = [](const char* stance) {
    Document d;
    d.sections = {{"s", "S", {Cards{{{"t", stance, "x"}}}}}};
    const std::string html = to_html(d, {});
    const auto at = html.find("<div class=\"card ");
    return html.substr(at, html.find("</div>", at) - at);
  };
  EXPECT_NE(card("recommended: q8_0").find("card good\""), std::string::npos);
  EXPECT_NE(card("recommended: q8_0").find("✓"), std::string::npos);
  EXPECT_NE(card("take care").find("card care\""), std::string::npos);
  EXPECT_NE(card("Avoid").find("card bad\""), std::string::npos);
  EXPECT_NE(card("not recommended").find("card neutral\""), std::string::npos);
  EXPECT_EQ(card("").find("stance"), std::string::npos);
}

TEST(Html, TidyFindsNoFault) {
  if (std::system("command -v tidy >/dev/null") != 0) GTEST_SKIP() << "tidy is not installed: the page was not validated";
  const auto file = std::filesystem::path(QC_BINARY_DIR) / "report_render.html";
  std::ofstream(file) << page();
  const auto report = file.string() + ".tidy";
  EXPECT_EQ(std::system(("tidy -e -q '" + file.string() + "' 2>'" + report + "'").c_str()), 0) << whole_file(report);
}

/// Relative luminance and contrast as WCAG 2.1 defines them.
double luminance(const std::string& hex) {
  double sum = 0;
  const double weight[] = {0.2126, 0.7152, 0.0722};
  for (int i = 0; i < 3; ++i) {
    const double c = std::stoi(hex.substr(static_cast<std::size_t>(1 + 2 * i), 2), nullptr, 16) / 255.0;
    sum += weight[i] * (c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4));
  }
  return sum;
}
double contrast(const std::string& a, const std::string& b) {
  const double x = luminance(a) + 0.05, y = luminance(b) + 0.05;
  return std::max(x, y) / std::min(x, y);
}

TEST(Style, TextHasContrastAAInBothSchemes) {
  EXPECT_NEAR(contrast("#000000", "#ffffff"), 21.0, 1e-9);
  const std::string css = whole_file(QC_SOURCE_DIR "/src/report/assets/style.css");
  const std::regex scheme(":root \\{([^}]*--paper[^}]*)\\}");
  int schemes = 0;
  for (std::sregex_iterator it(css.begin(), css.end(), scheme), end; it != end; ++it, ++schemes) {
    std::map<std::string, std::string> ink;
    const std::string body = (*it)[1];
    const std::regex variable("--([a-z-]+): (#[0-9a-f]{6})");
    for (std::sregex_iterator v(body.begin(), body.end(), variable); v != end; ++v) ink[(*v)[1]] = (*v)[2];
    for (const char* text : {"text", "soft", "accent"})
      for (const char* ground : {"paper", "panel"}) EXPECT_GE(contrast(ink.at(text), ink.at(ground)), 4.5) << text << " on " << ground;
    for (const std::string tone : {"good", "care", "bad"})
      for (const std::string& text : {tone, std::string("text"), std::string("soft")})
        EXPECT_GE(contrast(ink.at(text), ink.at(tone + "-panel")), 4.5) << text << " on " << tone;
  }
  EXPECT_EQ(schemes, 2);
}

}  // namespace
}  // namespace qc
