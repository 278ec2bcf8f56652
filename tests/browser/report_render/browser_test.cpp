// The report in a real browser: it fits a phone and a desk, speaks both colour schemes, prints, and its console stays silent.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>

#include "golden/golden.h"
#include "golden/report_render/sample_document.h"

namespace qc {
namespace {

namespace fs = std::filesystem;

const char* const kFlags =
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update "
    "--disable-sync --allow-file-access-from-files --enable-logging=stderr --virtual-time-budget=4000";

/// A page that opens the report in frames as wide as the screens and writes what it finds as its own text.
constexpr const char* kProbe = R"html(<!DOCTYPE html><meta charset="utf-8"><title>probe</title><body><script>
const shown = (page, selector) => [...page.querySelectorAll(selector)].filter((e) => e.getClientRects().length > 0).length;
const probe = (width) => new Promise((done) => {
  const frame = document.createElement('iframe');
  frame.width = width; frame.height = 800;
  frame.onload = () => {
    const page = frame.contentDocument, root = page.scrollingElement, style = frame.contentWindow.getComputedStyle(page.body);
    const cut = [...page.querySelectorAll('svg text')].filter((t) => {
      const svg = t.ownerSVGElement.getBoundingClientRect(), box = t.getBoundingClientRect();
      return box.width > 0 && (box.left < svg.left - 1 || box.right > svg.right + 1 || box.top < svg.top - 1 || box.bottom > svg.bottom + 1);
    }).map((t) => t.textContent);
    done(`width=${width} inner=${frame.contentWindow.innerWidth} scroll=${root.scrollWidth} light=${shown(page, '.only-light')} ` +
         `dark=${shown(page, '.only-dark')} tables=${shown(page, 'table')} paper=${style.backgroundColor} cut=[${cut.join('|')}];`);
  };
  frame.src = 'report.html';
  document.body.append(frame);
});
(async () => {
  let found = '';
  for (const width of [390, 1280]) found += await probe(width);
  const out = document.createElement('pre');
  out.textContent = 'PROBE ' + found + ' END';
  document.body.replaceChildren(out);
})();
</script></body>)html";

std::string browser() {
  for (const char* name : {"chromium", "chromium-browser", "google-chrome"})
    if (std::system(("command -v " + std::string(name) + " >/dev/null").c_str()) == 0) return name;
  return "";
}

class Browser : public testing::Test {
 protected:
  void SetUp() override {
    if (browser().empty()) GTEST_SKIP() << "no Chromium on this machine: the page was not looked at in a browser";
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(QC_BINARY_DIR) / "browser" / test->name();
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    write("probe.html", kProbe);
    write("report.html", report());
  }

  static std::string report() {
    const Document document = sample_document();
    std::map<std::string, RenderedPicture> svgs;
    for (const Section& section : document.sections)
      for (const Block& block : section.blocks)
        if (const auto* p = std::get_if<Picture>(&block); p && p->id != "missing")
          svgs[p->id] = {render_svg(p->spec, Theme::light).value(), render_svg(p->spec, Theme::dark).value()};
    return to_html(document, svgs);
  }

  void write(const std::string& name, const std::string& text) { std::ofstream(folder_ / name, std::ios::binary) << text; }

  /// Runs the browser on a page of the folder: what it printed; its log is left in stderr.txt.
  std::string open(const std::string& page, const std::string& flags) {
    const std::string command = "timeout 300 " + browser() + " " + kFlags + " --user-data-dir='" + (folder_ / "profile").string() + "' " + flags + " 'file://" +
                                (folder_ / page).string() + "' >'" + (folder_ / "stdout.txt").string() + "' 2>'" + (folder_ / "stderr.txt").string() + "'";
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
    return whole_file(folder_ / "stdout.txt");
  }

  /// What the page wrote to its console.
  std::string console() const {
    const std::string log = whole_file(folder_ / "stderr.txt");
    std::string lines;
    const std::regex line("[^\\n]*CONSOLE[^\\n]*");
    for (std::sregex_iterator it(log.begin(), log.end(), line), end; it != end; ++it) lines += it->str() + "\n";
    return lines;
  }

  void expect_fits(const std::string& found) {
    const std::regex screen("width=(\\d+) inner=(\\d+) scroll=(\\d+)");
    int screens = 0;
    for (std::sregex_iterator it(found.begin(), found.end(), screen), end; it != end; ++it, ++screens) {
      EXPECT_EQ((*it)[1], (*it)[2]);
      EXPECT_LE(std::stoi((*it)[3]), std::stoi((*it)[2])) << "the page scrolls sideways";
    }
    EXPECT_EQ(screens, 2) << found;
    EXPECT_FALSE(std::regex_search(found, std::regex("cut=\\[[^\\]]"))) << "text runs out of a picture: " << found;
  }

  fs::path folder_;
};

TEST_F(Browser, FitsAPhoneAndADeskInLight) {
  const std::string found = open("probe.html", "--dump-dom --blink-settings=preferredColorScheme=1");
  expect_fits(found);
  EXPECT_NE(found.find("light=4 dark=0 tables=2 paper=rgb(255, 255, 255)"), found.npos) << found;
  EXPECT_EQ(console(), "");
}

TEST_F(Browser, FitsAPhoneAndADeskInDark) {
  const std::string found = open("probe.html", "--dump-dom --blink-settings=preferredColorScheme=0");
  expect_fits(found);
  EXPECT_NE(found.find("light=0 dark=4 tables=2 paper=rgb(20, 24, 29)"), found.npos) << found;
  EXPECT_EQ(console(), "");
}

TEST_F(Browser, PrintsWithPageOneOnAPageOfItsOwn) {
  const auto pages = [&](const std::string& page) {
    open(page, "--no-pdf-header-footer --print-to-pdf='" + (folder_ / "report.pdf").string() + "'");
    const std::string pdf = whole_file(folder_ / "report.pdf");
    EXPECT_TRUE(pdf.starts_with("%PDF-"));
    const std::regex leaf("/Type /Page\\b(?!s)");
    return std::distance(std::sregex_iterator(pdf.begin(), pdf.end(), leaf), std::sregex_iterator());
  };
  const auto all = pages("report.html");
  EXPECT_GE(all, 3);
  EXPECT_LE(all, 5);
  // The first section alone, with the masthead: one page, and the break after it brings the footer's.
  const std::string html = report();
  const auto first_end = html.find("</section>") + 10;
  write("first.html", html.substr(0, first_end) + "</main></div></body></html>");
  EXPECT_EQ(pages("first.html"), 1);
}

}  // namespace
}  // namespace qc
