// What the judge makes of figures without requests, and that the store keeps them.
#include <fmt/format.h>

#include "judge/compare/compare.h"
#include "store/store.h"
#include "unit/exchange/support.h"

namespace qc::test {
namespace {

using testing::HasSubstr;

ReadRun told_run(const std::string& variant, double tok_s, double p95, std::optional<int> block) {
  ReadRun r;
  r.file = variant + ".csv", r.tool = "csv", r.variant = variant, r.workload = "chat", r.concurrency = 8, r.block = block;
  r.figures = {{"output_tok_s", tok_s}, {"e2e_p95_ms", p95}, {"requests_ok", 40}, {"requests_failed", 1}, {"mean_output_tokens", 128}};
  return r;
}

TEST(Told, OneRunEachGivesADeltaWithoutAnIntervalAndSaysWhy) {
  const auto workloads = compare(study_of({told_run("bf16", 100, 2000, {}), told_run("awq", 150, 1500, {})}));
  const PointComparison& p = workloads.at(0).points.at(0);
  EXPECT_EQ(p.baseline.requests_ok, 40);
  EXPECT_EQ(p.baseline.requests_failed, 1);
  EXPECT_DOUBLE_EQ(*p.candidates.at(0).tok_s.value.value, 0.5);
  EXPECT_FALSE(p.candidates[0].tok_s.value.lo.has_value());
  EXPECT_THAT(p.candidates[0].tok_s.value.interval_na, HasSubstr("do not say which runs were one block"));
  EXPECT_EQ(p.candidates[0].tok_s.verdict, Verdict::unknown);
  EXPECT_DOUBLE_EQ(*p.baseline.p95_ms.value, 2000);
  EXPECT_THAT(p.baseline.p95_ms.interval_na, HasSubstr("not its samples"));
  EXPECT_EQ(p.baseline.ttft_p95_ms.na, "the imported files do not tell it");
}

TEST(Told, HowManyRequestsThereWereIsNotZeroButUnknown) {
  ReadRun bare = told_run("bf16", 100, 2000, {});
  bare.figures.erase("requests_ok");
  EXPECT_FALSE(compare(study_of({bare})).at(0).points.at(0).baseline.requests_told);
  EXPECT_TRUE(compare(study_of({told_run("bf16", 100, 2000, {})})).at(0).points.at(0).baseline.requests_told);
}

TEST(Told, SeveralRunsWithoutBlocksAreNotPaired) {
  const auto workloads = compare(study_of({told_run("bf16", 100, 2000, {}), told_run("bf16", 101, 2010, {}), told_run("awq", 150, 1500, {}), told_run("awq", 151, 1510, {})}));
  const PointComparison& p = workloads.at(0).points.at(0);
  EXPECT_TRUE(p.baseline.tok_s.lo.has_value()) << "a cell's own interval is of its runs";
  EXPECT_DOUBLE_EQ(*p.baseline.p95_ms.value, 2005);
  EXPECT_FALSE(p.candidates.at(0).tok_s.value.lo.has_value());
  EXPECT_EQ(p.candidates[0].tok_s.verdict, Verdict::unknown);
}

TEST(Told, BlocksGiveThePairedIntervalOfAnyStudy) {
  const auto workloads = compare(study_of({told_run("bf16", 100, 2000, 0), told_run("bf16", 110, 2200, 1), told_run("awq", 150, 1000, 0), told_run("awq", 165, 1100, 1)}));
  const Candidate& c = workloads.at(0).points.at(0).candidates.at(0);
  EXPECT_NEAR(*c.tok_s.value.lo, 0.5, 1e-12);   // the ratio is 1.5 in both blocks
  EXPECT_NEAR(*c.tok_s.value.hi, 0.5, 1e-12);
  EXPECT_EQ(c.tok_s.verdict, Verdict::faster);
  EXPECT_NEAR(*c.p95.value.lo, -0.5, 1e-12);
  EXPECT_EQ(c.p95.verdict, Verdict::faster);
}

TEST(Told, ARunThatItsFileCallsInvalidDoesNotCount) {
  ReadRun bad = told_run("bf16", 1, 9e9, 1);
  bad.invalid_because = "its file says so";
  const auto workloads = compare(study_of({told_run("bf16", 100, 2000, 0), bad}));
  EXPECT_DOUBLE_EQ(*workloads.at(0).points.at(0).baseline.tok_s.value, 100);
  EXPECT_EQ(workloads[0].points[0].baseline.blocks_invalid, 1);
}

TEST(Told, TheTableOfTrialsHasTheFilesFigures) {
  const StudyData data = study_of({told_run("bf16", 100, 2000, 0)});
  const auto rows = summarize_trials(data);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].requests_ok, 40);
  EXPECT_EQ(*rows[0].output_tok_s, 100);
  EXPECT_EQ(*rows[0].e2e_p95_ms, 2000);
  EXPECT_FALSE(rows[0].ttft_p95_ms.has_value());
}

TEST(Told, TheStoreKeepsThem) {
  const StudyData data = study_of({told_run("bf16", 100, 2000, 0), told_run("awq", 150, 1000, 0)});
  const auto dir = std::filesystem::temp_directory_path() / fmt::format("qc_told_{}", getpid());
  std::filesystem::remove_all(dir);
  std::filesystem::create_directories(dir);
  const auto file = dir / "study.sqlite";
  {
    auto store = Store::create(file, data.study);
    ASSERT_TRUE(store);
    ASSERT_TRUE(store->put_run({}));
    for (const auto& t : data.trials) ASSERT_TRUE(store->put_trial(t, {}, {}));
    ASSERT_TRUE(store->put_imported(data.imported));
  }
  auto store = Store::open(file);
  ASSERT_TRUE(store);
  const auto loaded = store->load(data.study);
  std::filesystem::remove_all(dir);
  ASSERT_TRUE(loaded);
  ASSERT_EQ(loaded->imported.size(), 2u);
  EXPECT_EQ(loaded->imported[1].figures, data.imported[1].figures);
  EXPECT_EQ(loaded->imported[1].file, "awq.csv");
  EXPECT_TRUE(loaded->imported[1].block_told);
}

}  // namespace
}  // namespace qc::test
