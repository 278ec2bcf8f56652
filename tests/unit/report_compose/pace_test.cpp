// Why a format gains what it gains, in words; and that random weights are said wherever a figure stands.
#include <gmock/gmock.h>

#include <algorithm>

#include "golden/report_compose/cases.h"
#include "report/figures_log.h"
#include "report/report.h"
#include "unit/report_compose/document_text.h"

namespace qc::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

Measured of(double value) { return measured(value); }

PaceRow row(const Case& c, const std::string& variant, int concurrency, double gb, double ms, double share) {
  PaceRow r;
  r.workload = c.findings.workloads[0].workload.name, r.variant = variant, r.concurrency = concurrency;
  r.step_bytes = of(gb * (1LL << 30)), r.step_ms = of(ms), r.traffic = of(gb * (1LL << 30) / ms * 1000), r.of_card = of(share), r.first_token_share = of(0.125);
  return r;
}

struct Words { Case c; std::string text; };
Words told(double low, double high) {
  Case c = gpu_of_three_workloads();
  const std::string base = c.data.study.baseline().name, other = c.data.study.variants[1].name;
  c.findings.pace = {row(c, base, 1, 16, 8, low), row(c, other, 1, 8, 5, low), row(c, base, 16, 17, 10, high), row(c, other, 16, 9, 9, high)};
  c.findings.pace[1].kernel = "MarlinLinearKernel";
  const std::string text = prose(section(compose(c.data, c.findings), "workload-" + c.findings.workloads[0].workload.name));
  return {std::move(c), text};
}

TEST(Pace, AMemoryBoundStepSaysSo) {
  const auto [c, text] = told(0.8, 0.4);
  const std::string base = c.data.study.baseline().name, other = c.data.study.variants[1].name;
  EXPECT_THAT(text, AllOf(HasSubstr("At concurrency 1 a step of " + base + " reads at most 16.00 GiB in 8.0 ms, 2147.5 GB/s or 80.0 % of the card's memory bandwidth: reading memory sets its pace."),
                          HasSubstr("At concurrency 16 a step of " + base + " reads at most 17.00 GiB in 10.0 ms, 1825.4 GB/s or 40.0 % of the card's memory bandwidth: reading memory is a part of what sets its pace. By that bound " + other +
                                    " reads 47.1 % less, and its step is 10.0 % shorter."),
                          HasSubstr(other + ": `MarlinLinearKernel`.")));
}

TEST(Pace, ACandidateThatUsesTheMemoryLessWellIsNamed) {
  auto [c, text] = told(0.8, 0.7);
  const std::string other = c.data.study.variants[1].name;
  c.findings.pace[3].of_card = of(0.37);
  text = prose(section(compose(c.data, c.findings), "workload-" + c.findings.workloads[0].workload.name));
  EXPECT_THAT(text, HasSubstr("shorter; of the bandwidth " + other + " (37.0 %) uses far less, so there something other than the bytes holds the step back."));
}

TEST(Pace, WherePromptsStretchTheGapsTheStepProvesNothing) {
  auto [c, text] = told(0.8, 0.7);
  c.findings.pace[2].first_token_share = of(0.25);
  text = prose(section(compose(c.data, c.findings), "workload-" + c.findings.workloads[0].workload.name));
  EXPECT_THAT(text, HasSubstr("70.0 % of the card's memory bandwidth: the prompts of other requests may stretch it"));
  c.findings.pace[0].first_token_share = of(0.25);           // one request alone has no others
  EXPECT_THAT(prose(section(compose(c.data, c.findings), "workload-" + c.findings.workloads[0].workload.name)), HasSubstr("80.0 % of the card's memory bandwidth: reading memory sets its pace."));
}

TEST(Pace, AStepFarFromTheCardsMemorySaysSo) { EXPECT_THAT(told(0.8, 0.1).text, HasSubstr("10.0 % of the card's memory bandwidth: memory is far from its limit")); }

TEST(Pace, WithoutACardsBandwidthNothingIsSaidOfWhatSetsThePace) {
  auto [c, text] = told(0.8, 0.8);
  for (auto& r : c.findings.pace) r.of_card = measured(std::nullopt, "not known here");
  text = prose(section(compose(c.data, c.findings), "workload-" + c.findings.workloads[0].workload.name));
  EXPECT_THAT(text, AllOf(HasSubstr("2147.5 GB/s."), Not(HasSubstr("sets its pace")), HasSubstr("not known here")));
}

TEST(RandomWeights, EveryTableOfTheModelsAndEveryPictureSaysSo) {
  Case c = gpu_of_three_workloads();
  c.data.variants.front().proof.push_back({"load_format", "dummy", "log"});
  const Document d = compose(c.data, c.findings);
  int tables = 0, pictures = 0;
  for (const Section& s : d.sections)
    for (const Block& b : s.blocks) {
      if (const auto* t = std::get_if<Table>(&b); t != nullptr && s.id != "methodology" && t->caption != "Hardware") {
        ++tables;
        EXPECT_THAT(t->caption, testing::EndsWith(" (random weights)"));
      }
      if (const auto* p = std::get_if<Picture>(&b)) {
        ++pictures;
        EXPECT_THAT(p->title, testing::EndsWith(" (random weights)"));
        EXPECT_THAT(p->alt, testing::EndsWith(" The models have random weights."));
        EXPECT_THAT(p->spec, HasSubstr("\"random weights\""));
      }
    }
  EXPECT_GT(tables, 10);
  EXPECT_GT(pictures, 4);
  EXPECT_THAT(prose(section(d, "setup")), HasSubstr("The weights are what a dummy loader makes of the model's shape"));
  const std::string chat = prose(section(d, "workload-" + c.findings.workloads[0].workload.name));
  EXPECT_THAT(chat, AllOf(HasSubstr("Characters are no check here"), Not(HasSubstr("Counted in characters"))));
  EXPECT_THAT(prose(section(d, "summary")), HasSubstr("There is no bound for awq: the weights are random"));
  c.data.variants.front().proof.push_back({"random_weights", "every tensor", "log"});
  const std::string filled = prose(section(compose(c.data, c.findings), "setup"));
  EXPECT_THAT(filled, AllOf(HasSubstr("The weights are random numbers in the model's shape, every tensor of weights filled in its own format."), Not(HasSubstr("dummy loader"))));
}

}  // namespace
}  // namespace qc::test
