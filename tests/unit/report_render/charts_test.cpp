#include "report/charts.h"

#include <gtest/gtest.h>

#include <regex>

#include "core/json.h"
#include "report/report.h"

namespace qc {
namespace {

std::string svg_of(const std::string& spec) {
  const auto svg = render_svg(spec, Theme::light);
  return svg ? *svg : "failed: " + svg.error().message;
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t n = 0;
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + 1)) ++n;
  return n;
}

Json rows(const std::string& spec) { return Json::parse(spec)["data"]["values"]; }

const ConcurrencyChart kTwo{"Output throughput (tok/s)", {{"bf16", {{16, 70, 66, 74}, {1, 20, 19, 21}}}, {"q8_0", {{16, 76, {}, {}}, {1, 31, 30, 32}}}}, {}};

TEST(ConcurrencyChart, EqualStepsInTheOrderOfTheNumbers) {
  const Json values = rows(concurrency_chart(kTwo));
  ASSERT_EQ(values.size(), 4u);
  EXPECT_NEAR(values[0]["place"].get<double>(), 1, 0.1);     // 16 came first and stands second
  EXPECT_NEAR(values[1]["place"].get<double>(), 0, 0.1);     // 1 and 16 are one step apart
  EXPECT_NEAR(values[2]["place"].get<double>(), 1, 0.1);
  EXPECT_LT(values[0]["place"], values[2]["place"]);         // side by side, whiskers apart
}

TEST(ConcurrencyChart, NoIntervalNoWhisker) {
  const std::string svg = svg_of(concurrency_chart(kTwo));
  EXPECT_FALSE(rows(concurrency_chart(kTwo))[2].contains("lo"));
  const std::regex whisker("<line[^>]*stroke-width=\"1.5\"");
  EXPECT_EQ(std::distance(std::sregex_iterator(svg.begin(), svg.end(), whisker), std::sregex_iterator()), 3);
}

TEST(ConcurrencyChart, SaysItsUnitItsStepsAndItsSeries) {
  const std::string svg = svg_of(concurrency_chart(kTwo));
  for (const char* text : {">Output throughput (tok/s)<", ">concurrent requests<", ">1<", ">16<", ">bf16<", ">q8_0<"}) EXPECT_EQ(count(svg, text), 1u) << text;
}

TEST(ConcurrencyChart, ALimitIsDrawnWhereItDoesNotFlattenTheLines) {
  ConcurrencyChart chart = kTwo;
  chart.limit = Limit{100, "budget 100 ms"};
  EXPECT_EQ(count(svg_of(concurrency_chart(chart)), "stroke-dasharray=\"6,4\""), 1u);
  chart.limit = Limit{1000, "budget 1000 ms"};
  const std::string far = svg_of(concurrency_chart(chart));
  EXPECT_EQ(count(far, "stroke-dasharray=\"6,4\""), 0u);
  EXPECT_EQ(count(far, ">budget 1000 ms: above this chart<"), 1u);
}

TEST(ConcurrencyChart, ALimitsLabelStandsWhereRisingLinesAreNot) {
  ConcurrencyChart chart = kTwo;      // up to 76
  chart.limit = Limit{30, "low"};
  EXPECT_TRUE(std::regex_search(svg_of(concurrency_chart(chart)), std::regex("text-anchor=\"end\"[^>]*>low<")));
  chart.limit = Limit{60, "high"};
  EXPECT_TRUE(std::regex_search(svg_of(concurrency_chart(chart)), std::regex("text-anchor=\"start\"[^>]*>high<")));
}

TEST(DeltaChart, HollowWhereNotDistinguishable) {
  DeltaChart chart{"Change (%)", {{"chat, 1", "q8_0", 50, 45, 55, true}, {"chat, 8", "q8_0", 1, -3, 5, false}}};
  const std::string mixed = svg_of(delta_chart(chart));
  EXPECT_EQ(count(mixed, ">hollow mark: not distinguishable from the baseline, or undecided<"), 1u);
  EXPECT_EQ(count(mixed, ">chat, 8<"), 1u);
  chart.deltas.pop_back();
  EXPECT_EQ(count(svg_of(delta_chart(chart)), "hollow mark"), 0u);
}

TEST(Charts, ANoteStandsInThePictureItself) {
  const std::string noted = svg_of(with_note(concurrency_chart(kTwo), "random weights"));
  EXPECT_EQ(count(noted, ">random weights<"), 1u);
  const DeltaChart hollow{"Change (%)", {{"chat, 8", "q8_0", 1, -3, 5, false}}};
  const std::string both = svg_of(with_note(delta_chart(hollow), "random weights"));
  EXPECT_EQ(count(both, ">random weights<"), 1u);
  EXPECT_EQ(count(both, ">hollow mark: not distinguishable from the baseline, or undecided<"), 1u);
}

TEST(DeltaChart, CandidatesTakeTheColoursTheyHaveBesideTheBaseline) {
  const std::string blue = "#0072b2";      // the second of the theme
  EXPECT_GT(count(svg_of(concurrency_chart(kTwo)), blue), 0u);
  EXPECT_GT(count(svg_of(delta_chart({"Change (%)", {{"chat, 1", "q8_0", 50, 45, 55, true}}})), blue), 0u);
}

TEST(MemoryChart, NamesEachTotal) {
  const std::string svg = svg_of(memory_chart({"Memory (MiB)", {{"bf16", {{"weights", 256.6}, {"KV cache", 180}}}, {"q8_0", {{"weights", 136.7}}}}}));
  EXPECT_EQ(count(svg, ">437<"), 1u);      // 256.6 + 180 = 436.6
  EXPECT_EQ(count(svg, ">137<"), 1u);
  EXPECT_EQ(count(svg, ">KV cache<"), 1u);
}

TEST(Charts, NamesMayHoldAnything) {
  const std::string name = "a \"quoted\" <name> & `x` [0] {y} \\ '";
  const std::string svg = svg_of(delta_chart({name, {{name, name, 1, 0.5, 1.5, true}}}));
  EXPECT_EQ(count(svg, "failed"), 0u) << svg;
  EXPECT_EQ(count(svg, "&lt;name&gt; &amp; `x` [0] {y} \\"), 3u) << svg;
}

TEST(Charts, OnePointAndNoPointDraw) {
  EXPECT_EQ(count(svg_of(concurrency_chart({"y (ms)", {{"only", {{8, 5, {}, {}}}}}, {}})), "failed"), 0u);
  EXPECT_EQ(count(svg_of(concurrency_chart({"y (ms)", {}, Limit{5, "x"}})), "failed"), 0u);
  EXPECT_EQ(count(svg_of(delta_chart({"x (%)", {}})), "failed"), 0u);
  EXPECT_EQ(count(svg_of(memory_chart({"x (MiB)", {}})), "failed"), 0u);
}

}  // namespace
}  // namespace qc
