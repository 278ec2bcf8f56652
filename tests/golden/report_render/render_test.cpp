// The formats of a report, as approved by a reader.
#include "golden/golden.h"
#include "golden/report_render/sample_document.h"

namespace qc {
namespace {

/// The style sheet is read in a browser, not in a golden file.
std::string without_style(std::string html) {
  const auto open = html.find("<style>") + 7;
  return html.replace(open, html.find("</style>") - open, "...");
}

RenderedPicture little_picture(const std::string& theme) {
  const std::string svg = "<svg viewBox=\"0 0 1 1\"><clipPath id=\"c\"></clipPath><g clip-path=\"url(#c)\"><text>" + theme + "</text></g></svg>";
  return {svg, svg};
}

TEST(Golden, Markdown) { expect_golden("report_render/report.md", to_markdown(sample_document())); }

TEST(Golden, Html) {
  const std::map<std::string, RenderedPicture> svgs = {{"throughput_change", little_picture("a")}, {"chat_throughput", little_picture("b")}, {"chat_p95", little_picture("c")}, {"memory", little_picture("d")}};
  expect_golden("report_render/report.html.txt", without_style(to_html(sample_document(), svgs)));
}

}  // namespace
}  // namespace qc
