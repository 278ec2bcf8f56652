#include <gtest/gtest.h>

#include <thread>

#include "report/report.h"

namespace qc {
namespace {

const std::string kBars = R"({"data":{"values":[{"a":"x","b":3},{"a":"y","b":5}]},"mark":{"type":"bar","clip":true},
  "encoding":{"x":{"field":"a","type":"nominal"},"y":{"field":"b","type":"quantitative"}}})";

TEST(Svg, DrawsAVegaLiteSpecification) {
  const auto svg = render_svg(kBars, Theme::light);
  ASSERT_TRUE(svg) << svg.error().message;
  EXPECT_TRUE(svg->starts_with("<svg")) << svg->substr(0, 60);
  EXPECT_TRUE(svg->ends_with("</svg>"));
  EXPECT_NE(svg->find(">x</text>"), svg->npos);
}

TEST(Svg, TheThemeSetsTheGround) {
  EXPECT_NE(render_svg(kBars, Theme::light)->find("fill=\"#ffffff\""), std::string::npos);
  EXPECT_NE(render_svg(kBars, Theme::dark)->find("fill=\"#14181d\""), std::string::npos);
}

TEST(Svg, TheSameBytesWhateverWasDrawnBefore) {
  const std::string first = *render_svg(kBars, Theme::light);
  ASSERT_TRUE(render_svg(kBars, Theme::dark));
  EXPECT_EQ(*render_svg(kBars, Theme::light), first);
  std::string elsewhere;
  std::thread([&] { elsewhere = *render_svg(kBars, Theme::light); }).join();
  EXPECT_EQ(elsewhere, first);
}

TEST(Svg, ABrokenSpecificationIsADefectWithTheEnginesWords) {
  const auto broken = render_svg("{", Theme::light);
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().fault, Fault::defect);
  EXPECT_NE(broken.error().message.find("SyntaxError"), std::string::npos) << broken.error().message;
  EXPECT_FALSE(render_svg("{\"mark\": 1}", Theme::light));
  EXPECT_TRUE(render_svg(kBars, Theme::light)) << "a failure leaves the engine usable";
}

}  // namespace
}  // namespace qc
