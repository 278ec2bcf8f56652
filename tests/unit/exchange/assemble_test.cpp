// Runs -> a study: baseline, blocks, what has no place.
#include "unit/exchange/support.h"

namespace qc::test {
namespace {

using testing::HasSubstr;

ReadRun run(const std::string& variant, int concurrency, double tok_s, std::optional<int> block = std::nullopt) {
  ReadRun r;
  r.file = variant + ".csv", r.tool = "csv", r.variant = variant, r.workload = "chat", r.concurrency = concurrency, r.max_tokens = 128, r.block = block;
  r.figures = {{"output_tok_s", tok_s}, {"e2e_p95_ms", 1e5 / tok_s}};
  return r;
}

TEST(Assemble, TheFirstVariantIsTheBaselineUnlessOneIsNamed) {
  EXPECT_EQ(study_of({run("bf16", 1, 10), run("awq", 1, 20)}).study.baseline().name, "bf16");
  EXPECT_EQ(study_of({run("awq", 1, 20), run("bf16", 1, 10)}, "bf16").study.baseline().name, "bf16");
  const auto none = assemble({run("bf16", 1, 10)}, {"x", "bf-16", nullptr});
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().message, HasSubstr("did you mean bf16?"));
}

TEST(Assemble, PointsAreThoseOfTheRuns) {
  const StudyData data = study_of({run("bf16", 8, 10), run("bf16", 1, 9), run("awq", 8, 20)});
  ASSERT_EQ(data.study.workloads.size(), 1u);
  EXPECT_THAT(data.study.workloads[0].concurrency, testing::ElementsAre(1, 8));
  EXPECT_EQ(data.study.workloads[0].max_tokens, 128);
}

TEST(Assemble, RunsWithoutBlocksAreNumberedAndNotCalledBlocks) {
  const StudyData data = study_of({run("bf16", 1, 10), run("bf16", 1, 11), run("awq", 1, 20)});
  EXPECT_EQ(data.trials[0].block, 0);
  EXPECT_EQ(data.trials[1].block, 1);
  EXPECT_TRUE(std::ranges::none_of(data.imported, &ImportedRun::block_told));
}

TEST(Assemble, BlocksThatTheFilesTellStay) {
  const StudyData data = study_of({run("bf16", 1, 10, 3), run("bf16", 1, 11, 1)});
  EXPECT_EQ(data.trials[0].block, 3);
  EXPECT_TRUE(std::ranges::all_of(data.imported, &ImportedRun::block_told));
  const auto twice = assemble({run("bf16", 1, 10, 3), run("bf16", 1, 11, 3)}, {"x", "", nullptr});
  ASSERT_FALSE(twice);
  EXPECT_THAT(twice.error().message, HasSubstr("block 3 of chat of bf16 at concurrency 1 is there twice"));
}

TEST(Assemble, AnInvalidVisitStandsBesideTheOneThatRepeatsIt) {
  ReadRun bad = run("bf16", 1, 10, 3);
  bad.invalid_because = "its file says so";
  EXPECT_EQ(study_of({bad, run("bf16", 1, 11, 3)}).trials.size(), 2u);
}

TEST(Assemble, OpenLoopsHaveNoPointAndAreLeftOutAloud) {
  ReadRun open = run("bf16", 1, 10);
  open.concurrency.reset(), open.rate = 4;
  const auto made = assemble({run("bf16", 1, 10), open}, {"x", "", nullptr});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->trials.size(), 1u);
  EXPECT_THAT(made->left_out, testing::ElementsAre(HasSubstr("4 requests a second")));
  const auto nothing = assemble({open}, {"x", "", nullptr});
  ASSERT_FALSE(nothing);
  EXPECT_THAT(nothing.error().message, HasSubstr("--max-concurrency"));
}

TEST(Assemble, AnImportedStudyIsMadeAgainWithMore) {
  const StudyData first = study_of({run("bf16", 1, 10, 0), run("bf16", 1, 11, 1)});
  auto runs = runs_of(first);
  runs.push_back(run("awq", 1, 20, 0));
  const StudyData both = study_of(runs);
  EXPECT_EQ(both.trials.size(), 3u);
  EXPECT_EQ(both.trials[1].block, 1);
  EXPECT_EQ(both.imported[1].figures, first.imported[1].figures);
  EXPECT_EQ(both.study.baseline().name, "bf16");
}

TEST(Assemble, TheSteadyWindowOfImportedRequestsIsOurs) {
  ReadRun r = run("bf16", 1, 10);
  for (int i = 0; i < 3; ++i) {   // one slot: all busy at the first sending, no more work at the third end
    RequestRecord q;
    q.request_id = i, q.sent = q.intended = {i * 1'000'000'000LL + 5}, q.output_tokens = 1;
    q.first = q.last = q.done = Instant{q.sent.ns + 900'000'000};
    q.events.push_back({*q.first, 1, Stamp::user});
    r.requests.push_back(q);
  }
  const StudyData data = study_of({r});
  EXPECT_EQ(data.trials[0].steady_start.ns, 5);
  EXPECT_EQ(data.trials[0].steady_end.ns, 2'900'000'005);
}

}  // namespace
}  // namespace qc::test
