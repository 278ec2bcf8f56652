// How the models took turns, and the report of a study that can't be run on its card.
#include <gmock/gmock.h>

#include <algorithm>

#include "golden/report_compose/cases.h"
#include "report/report.h"
#include "unit/report_compose/document_text.h"

namespace qc::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t kGiB = 1LL << 30;

Case asleep() {
  Case c = gpu_of_three_workloads();
  const std::string base = c.data.study.baseline().name;
  c.data.run.switching = "sleep", c.data.run.switching_because = "three sleepers keep 5.1 GiB of the card: each is started once, and one at a time is awake", c.data.run.gpu_share = 0.76;
  // The median of 0.2, 0.4 and 0.9 is 0.4; the wake that failed does not count.
  for (const double s : {0.9, 0.2, 0.4}) c.data.turns.push_back({base, "sleep", {}, s, {}, {}, true, ""});
  c.data.turns.push_back({base, "first_sleep", {}, 15.9, {}, {}, true, ""});
  c.data.turns.push_back({base, "wake", {}, 0.6, {}, {}, true, ""});
  c.data.turns.push_back({base, "wake", {}, 30, {}, {}, false, "answered 500"});
  c.data.memory.push_back({base, "asleep", {}, 9 * kGiB / 10, {}, {}, {}, "nvml"});
  return c;
}

TEST(Turns, SleepIsToldWithItsSeconds) {
  const Case c = asleep();
  const std::string text = prose(section(compose(c.data, c.findings), "methodology"));
  EXPECT_THAT(text, AllOf(HasSubstr("By sleep and wake: three sleepers keep 5.1 GiB"), HasSubstr("fell asleep in 15.9 s the first time, in 0.4 s later, woke, answered and was ready in 0.6 s and keeps 921.6 MiB"),
                          HasSubstr("lie across a sleep"), HasSubstr("0.76 of the card")));
}

TEST(Turns, ItsFiguresAreKept) {
  const Case c = asleep();
  const Document d = compose(c.data, c.findings);
  const auto at = std::ranges::find_if(d.figures, [](const Figure& f) { return f.section == "turns" && f.column == "first_sleep_s"; });
  ASSERT_NE(at, d.figures.end());
  EXPECT_EQ(at->value, 15.9);
}

TEST(Turns, StartsAreToldWithTheirMedianAndTheirSum) {
  Case c = gpu_of_three_workloads();
  const std::string base = c.data.study.baseline().name;
  c.data.run.switching = "restart", c.data.run.switching_because = "one server at a time fits";
  for (const double s : {131.0, 94.0, 96.0}) c.data.turns.push_back({base, "start", {}, s, {}, {}, true, ""});
  for (const double s : {1.5, 2.5}) c.data.turns.push_back({base, "stop", {}, s, {}, {}, true, ""});
  const std::string text = prose(section(compose(c.data, c.findings), "methodology"));
  EXPECT_THAT(text, AllOf(HasSubstr(base + " was ready in 96.0 s after a start and had ended in 2.0 s."), HasSubstr("Starting servers took 321.0 s in all.")));
}

TEST(Turns, AnOlderStoreSaysNothingOfThem) {
  const Case c = gpu_of_three_workloads();
  EXPECT_THAT(prose(section(compose(c.data, c.findings), "methodology")), Not(HasSubstr("By restarts")));
}

TEST(Infeasible, TheReportIsTheFinding) {
  Case c = nothing_measured();
  c.data.trials.clear();
  c.data.events.push_back({"2026-11-25T00:00:00Z", "infeasible", "The baseline bf16 does not fit on RTX2000Ada-16GB"});
  const Document d = compose(c.data, c.findings);
  ASSERT_EQ(d.sections.size(), 1u);
  EXPECT_THAT(prose(d.sections[0]), HasSubstr("**Not feasible on this card.** The baseline bf16 does not fit on RTX2000Ada-16GB."));
}

}  // namespace
}  // namespace qc::test
