#include "judge/compare/compare.h"

#include <gmock/gmock.h>

#include <cmath>

#include "support/tiny_study.h"

namespace qc {
namespace {

const Candidate& q4(const std::vector<WorkloadComparison>& w) { return w[0].points[0].candidates[0]; }

TEST(Compare, ThroughputIsTokensOverTheSteadyWindow) {
  // 11 tokens in 1.1 s, the first at 0.1 s, the last at 1.1 s: all in (0, 1.1] -> 10 tok/s. The candidate needs 1.0 s: 11 tok/s.
  const auto w = compare(test::two_blocks({1100, 1100}, {1000, 1000}));
  EXPECT_DOUBLE_EQ(*w[0].points[0].baseline.tok_s.value, 10);
  EXPECT_DOUBLE_EQ(*q4(w).cell.tok_s.value, 11);
  EXPECT_NEAR(*q4(w).tok_s.value.value, 0.1, 1e-12);
}

TEST(Compare, ATokenAtTheWindowsStartIsNotCounted) {
  StudyData d = test::two_blocks({1100, 1100}, {1000, 1000});
  d.trials[0].steady_start = test::at_ms(100);  // the first token's own instant: 10 tokens in 1.0 s are left
  EXPECT_DOUBLE_EQ(*compare(d)[0].points[0].baseline.tok_s.value, 10);
  EXPECT_DOUBLE_EQ(*summarize_trials(d)[0].output_tok_s, 10);
  EXPECT_DOUBLE_EQ(summarize_trials(d)[0].duration_s, 1);
}

TEST(Compare, IntervalIsStudentsTOnTheBlocksLogRatios) {
  // Ratios 1.1 and 1.21: logs l and 2l with l = ln 1.1; mean 1.5 l, sd l/sqrt2, half-width 12.7062 x l / 2.
  const auto w = compare(test::two_blocks({1210, 1210}, {1100, 1000}));
  const double l = std::log(1.1);
  EXPECT_NEAR(*q4(w).tok_s.value.lo, std::exp(1.5 * l - 12.706204736 * l / 2) - 1, 1e-6);
  EXPECT_NEAR(*q4(w).tok_s.value.hi, std::exp(1.5 * l + 12.706204736 * l / 2) - 1, 1e-6);
  EXPECT_EQ(q4(w).tok_s.verdict, Verdict::not_distinguishable);
  const double printed = 1 + *q4(w).tok_s.value.value, low = std::exp(1.5 * l - 12.706204736 * l / 2), high = std::exp(1.5 * l + 12.706204736 * l / 2);
  EXPECT_NEAR(*q4(w).tok_s.smallest_seen, std::max(printed / low, high / printed) - 1, 1e-6);
}

TEST(Compare, WhatNeverCountsIsNoSilence) {
  StudyData d = test::two_blocks({1100, 1100}, {1000, 1000});
  d.requests[1].failure = Failure::reset;
  for (TrialRecord& t : d.trials) t.valid = t.variant == "bf16";
  const auto cell = q4(compare(d)).cell;
  EXPECT_EQ(cell.p95_ms.na, "no visit of it counts (section Methodology says why)");
  EXPECT_EQ(cell.requests_failed, 0);
  EXPECT_EQ(cell.failed_left_out, 1);
}

TEST(Compare, LatenciesOfAnswersOfUnlikeLengthAreNotCompared) {
  StudyData d = test::two_blocks({1100, 1100.1}, {1000, 1000.1});
  EXPECT_TRUE(q4(compare(d)).p50.value);
  EXPECT_EQ(q4(compare(d)).cell.shortest_output, 11);
  for (RequestRecord& r : d.requests)
    if (r.trial_id % 2 == 0) r.output_tokens = 10;
  EXPECT_TRUE(q4(compare(d)).p50.value) << "fewer events than tokens, where no usage is told: no answer ended early";
  for (RequestRecord& r : d.requests)
    if (r.trial_id % 2 == 0) r.finish_reason = "stop";
  const auto w = compare(d);
  EXPECT_THAT(q4(w).p50.value.na, testing::HasSubstr("its answers are 10.0 tokens long on average and the baseline's 11.0"));
  EXPECT_FALSE(q4(w).p95.value);
  EXPECT_TRUE(q4(w).tok_s.value);
  EXPECT_EQ(q4(w).cell.longest_output, 10);
  EXPECT_EQ(q4(w).tok_s.verdict, Verdict::faster) << "in requests a second, too";
  for (TrialRecord& t : d.trials)
    if (t.variant == "q4") t.steady_end = t.ended = test::at_ms(1200 + t.block * 0.1);
  for (RequestRecord& r : d.requests)
    if (r.trial_id % 2 == 0) r = test::answered(r.trial_id, 0, 0, 92, 92, 13);
    else r.finish_reason = "length";
  EXPECT_THAT(q4(compare(d)).tok_s.no_verdict, testing::StartsWith("its answers count 13.0 tokens on average and the baseline's 11.0: "));
  for (RequestRecord& r : d.requests) r.finish_reason = "stop";
  EXPECT_THAT(q4(compare(d)).tok_s.no_verdict, testing::StartsWith("its answers are 13.0 tokens long on average"));
  EXPECT_EQ(q4(compare(d)).tok_s.verdict, Verdict::unknown) << "longer answers make more tokens a second by themselves";
  EXPECT_THAT(q4(compare(d)).tok_s.why_unknown(), testing::EndsWith("in tokens a second it is faster, in requests a second slower"));
}

StudyData blocks_of(int requests, std::vector<double> baseline_ms, std::vector<double> candidate_ms);

// Both make a token every 100 ms; one answers with 49 of them and the other with 50.
TEST(Compare, AShorterAnswerIsNoFasterOneForThatAlone) {
  StudyData d = blocks_of(20, {5000, 5000, 5000}, {4900, 4900, 4900});
  for (RequestRecord& r : d.requests) {
    const int tokens = r.trial_id % 2 == 0 ? 49 : 50;
    const double spread = 1 + r.request_id * 1e-4;
    r = test::answered(r.trial_id, r.request_id, 0, 100 * spread, 100 * spread, tokens), r.finish_reason = "stop";
  }
  const Delta p50 = q4(compare(d)).p50;
  EXPECT_EQ(p50.verdict, Verdict::unknown);
  EXPECT_THAT(p50.why_unknown(), testing::EndsWith("by how long an answer takes it is faster, by that over its tokens not distinguishable"));
  for (RequestRecord& r : d.requests)
    if (r.trial_id % 2 == 0) r = test::answered(r.trial_id, r.request_id, 0, 80, 80 + r.request_id * 1e-2, 49), r.finish_reason = "stop";
  EXPECT_EQ(q4(compare(d)).p50.verdict, Verdict::faster) << "each of its tokens is as well";
}

TEST(Compare, EqualBlocksThatDifferAreFasterOrSlower) {
  const auto faster = compare(test::two_blocks({1100, 1100.1}, {1000, 1000}));
  EXPECT_EQ(q4(faster).tok_s.verdict, Verdict::faster);
  const auto slower = compare(test::two_blocks({1100, 1100.1}, {1200, 1200}));
  EXPECT_EQ(q4(slower).tok_s.verdict, Verdict::slower);
}

/// Blocks of requests that last ms, ms + 1, ms + 2 ...
StudyData blocks_of(int requests, std::vector<double> baseline_ms, std::vector<double> candidate_ms) {
  StudyData d = test::two_blocks(baseline_ms, candidate_ms);
  d.requests.clear();
  for (const TrialRecord& t : d.trials)
    for (int i = 0; i < requests; ++i) {
      const double ms = (t.variant == "bf16" ? baseline_ms : candidate_ms)[static_cast<std::size_t>(t.block)] + i;
      d.requests.push_back(test::answered(t.id, i, 0, ms / 11, ms / 11, 11));
    }
  return d;
}

// Blocks weigh alike in the interval; the printed ratio of mean rates leans on the one block that is fast, and there the candidate is half as fast again.
TEST(Compare, WhatIncludesZeroIsNeverLargerThanWhatCouldBeSeen) {
  const auto w = compare(blocks_of(40, {1000, 1000, 1000, 1000, 1000, 1000, 1000, 50}, {1000, 1000, 1000, 1000, 1000, 1000, 1000, 25}));
  EXPECT_EQ(q4(w).tok_s.verdict, Verdict::not_distinguishable);
  EXPECT_GT(*q4(w).tok_s.value.value, 0.2);
  for (const auto figure : kDeltas) {
    const Delta& d = q4(w).*figure;
    if (d.verdict == Verdict::not_distinguishable) EXPECT_GE(*d.smallest_seen, std::abs(*d.value.value));
  }
}

TEST(Compare, CharactersHaveTheirOwnDeltaBesideTokens) {
  StudyData d = test::two_blocks({1100, 1100}, {1000, 1000.1});
  EXPECT_EQ(q4(compare(d)).characters_s.verdict, Verdict::unknown);
  for (auto& r : d.requests) r.characters = r.trial_id % 2 == 1 ? 110 : 100;   // bf16 is tried first: more characters in the longer time
  const auto w = compare(d);
  const Delta& characters = q4(w).characters_s;
  EXPECT_NEAR(*characters.value.value, 0, 1e-3);
  EXPECT_EQ(characters.verdict, Verdict::not_distinguishable);
  EXPECT_EQ(q4(w).tok_s.verdict, Verdict::faster);
}

/// q4 as two_blocks has it, and another candidate whose two blocks are given.
StudyData with_rival(double first_ms, double second_ms) {
  StudyData d = test::two_blocks({1100, 1100}, {1000, 1000.1});
  d.study = test::study({"q4", "q8"});
  for (const int block : {0, 1}) {
    const double ms = block == 0 ? first_ms : second_ms;
    d.trials.push_back(test::trial(5 + block, "q8", block, ms));
    d.requests.push_back(test::answered(5 + block, 0, 0, ms / 11, ms / 11, 11));
  }
  return d;
}

TEST(Compare, CandidatesThatCantBeToldApartAreNamed) {
  const auto close = compare(with_rival(990, 1020)), apart = compare(with_rival(900, 900.1));
  const auto alike = not_told_from(close[0].points[0], "q4");
  ASSERT_EQ(alike.size(), 1u);
  EXPECT_EQ(alike[0]->of, "q8");
  EXPECT_NEAR(*alike[0]->tok_s.value.value, (1 / 0.99 + 1 / 1.02) / (1 + 1 / 1.0001) - 1, 1e-6);   // q8's tokens a second over q4's
  EXPECT_EQ(not_told_from(close[0].points[0], "q8").size(), 1u);
  EXPECT_TRUE(not_told_from(apart[0].points[0], "q4").empty());
  EXPECT_TRUE(not_told_from(apart[0].points[0], "bf16").empty());
}

TEST(Compare, ALowerLatencyIsFasterForTheUser) {
  EXPECT_EQ(q4(compare(blocks_of(13, {1100, 1100.1}, {1000, 1000}))).p95.verdict, Verdict::faster);
  EXPECT_EQ(q4(compare(blocks_of(13, {1100, 1100.1}, {1200, 1200}))).p95.verdict, Verdict::slower);
}

TEST(Compare, AP95IsPairedByTheBlocksMedianUnbiasedOnes) {
  // The 13th of 13 requests is a block's own p95: 1112 against 1012 and 1211 against 1012.
  const auto p95 = q4(compare(blocks_of(13, {1100, 1199}, {1000, 1000}))).p95;
  const double a = std::log(1012 / 1112.0), b = std::log(1012 / 1211.0), half = 12.706204736 * std::abs(a - b) / 2;
  EXPECT_NEAR(*p95.value.lo, std::exp((a + b) / 2 - half) - 1, 1e-6);
  EXPECT_NEAR(*p95.value.hi, std::exp((a + b) / 2 + half) - 1, 1e-6);
}

TEST(Compare, AP95OfShortBlocksHasNoIntervalAndNoVerdict) {
  const auto p95 = q4(compare(blocks_of(12, {1100, 1100.1}, {1000, 1000}))).p95;
  EXPECT_TRUE(p95.value);
  EXPECT_FALSE(p95.value.lo);
  EXPECT_EQ(p95.value.interval_na, "a block needs 13 requests for an interval");
  EXPECT_EQ(p95.verdict, Verdict::unknown);
}

TEST(Compare, TheIntervalHoldsWhatIsPrinted) {
  // Seven blocks where both are equal, and one, three times as slow, where the candidate needs half as long again: the pooled p95s lie
  // in that one (+50 %), the blocks' mean ratio is exp(ln 1.5 / 8), +5 %, and its interval ends at +19 %.
  const auto p95 = q4(compare(blocks_of(13, {1000, 1000, 1000, 1000, 1000, 1000, 1000, 3000}, {1000, 1000, 1000, 1000, 1000, 1000, 1000, 4500}))).p95;
  EXPECT_NEAR(*p95.value.value, 0.5, 0.01);
  EXPECT_EQ(p95.value.hi, p95.value.value);
  EXPECT_TRUE(p95.value.widened);
  EXPECT_FALSE(q4(compare(blocks_of(13, {1100, 1199}, {1000, 1000}))).p95.value.widened);
  EXPECT_LT(*p95.value.lo, 0);
}

TEST(Compare, ACellsOwnPercentileHasAnIntervalOverItsBlocks) {
  // Medians of 1 to 31 ms above the level: 1115 and 1215 ms; t with one degree of freedom on their logarithms.
  const auto w = compare(blocks_of(31, {1100, 1200}, {1000, 1000}));
  const Measured& p50 = w[0].points[0].baseline.p50_ms;
  const double a = std::log(1115.0), b = std::log(1215.0), half = 12.706204736 * std::abs(a - b) / 2;
  EXPECT_NEAR(*p50.lo, std::exp((a + b) / 2 - half), 1e-3);
  EXPECT_NEAR(*p50.hi, std::exp((a + b) / 2 + half), 1e-3);
}

TEST(Compare, ACellOfOneBlockTakesTheOrderStatisticsOfItsRequests) {
  // Ranks 6 and 15 of 20 requests of 1100, 1101 ... ms, from the binomial tail (as good as 5 and 14).
  const Measured p50 = compare(blocks_of(20, {1100}, {1000}))[0].points[0].baseline.p50_ms;
  EXPECT_NEAR(*p50.lo, 1105, 1e-3);
  EXPECT_NEAR(*p50.hi, 1114, 1e-3);
}

TEST(Compare, AP95OfManyShortBlocksSaysWhatBlocksItNeeds) {
  const std::vector<double> eight(8, 1100);
  EXPECT_EQ(compare(blocks_of(8, eight, eight))[0].points[0].baseline.p95_ms.interval_na, "two blocks of 13 requests or more are needed for an interval");
}

TEST(Compare, TheMeanTimeToFirstTokenIsPairedByItsBlocks) {
  // First tokens at a 11th of 1100, 1101, 1102 ms and so on: means of 1101 and 1001, 1201 and 1001.
  const auto mean = q4(compare(blocks_of(3, {1100, 1200}, {1000, 1000}))).ttft_mean;
  const double a = std::log(1001 / 1101.0), b = std::log(1001 / 1201.0), half = 12.706204736 * std::abs(a - b) / 2;
  EXPECT_NEAR(*mean.value.value, 1001 / 1151.0 - 1, 1e-6);
  EXPECT_NEAR(*mean.value.lo, std::exp((a + b) / 2 - half) - 1, 1e-6);
  EXPECT_NEAR(*mean.value.hi, std::exp((a + b) / 2 + half) - 1, 1e-6);
}

TEST(Compare, ALookAtARunningStudyAsksForMoreConfidence) {
  // Two of four blocks: the first of two looks, a third of the error; t at 1 - 0.05 / 3 with one degree of freedom: tan(pi / 2 x (1 - 0.05 / 3)).
  StudyData d = test::two_blocks({1210, 1210}, {1100, 1000});
  d.study.sequential = true, d.study.blocks = 4;
  const double l = std::log(1.1), t = std::tan(std::acos(-1.0) / 2 * (1 - 0.05 / 3));
  const Delta delta = q4(compare(d)).tok_s;
  EXPECT_NEAR(*delta.value.hi, std::exp(1.5 * l + t * l / 2) - 1, 1e-6);
  EXPECT_NEAR(*delta.p_value, std::min(1.0, 3 * *q4(compare(test::two_blocks({1210, 1210}, {1100, 1000}))).tok_s.p_value), 1e-9);
}

TEST(Compare, VerdictsAreCountedTogetherByHolm) {
  // One point, intervals of hardly any width.
  auto w = compare(test::two_blocks({1100, 1100.1}, {1000, 1000}));
  const Multiplicity m = multiplicity_of(w);
  EXPECT_EQ(m.judged, 3);   // throughput, the median and the mean TTFT; a p95 needs 13 requests
  EXPECT_EQ(m.called, 3);
  EXPECT_EQ(m.jointly, 3);
}

TEST(Compare, BelowTheSmallestEffectNothingIsCalled) {
  const auto w = compare(test::two_blocks({1100, 1100}, {1094.5, 1094.5}));  // +0.5 %, an interval of no width
  EXPECT_EQ(q4(w).tok_s.verdict, Verdict::not_distinguishable);
}

TEST(Compare, OneBlockGivesNoInterval) {
  const auto w = compare(test::two_blocks({1100}, {1000}));
  EXPECT_FALSE(q4(w).tok_s.value.lo);
  EXPECT_FALSE(q4(w).tok_s.value.interval_na.empty());
  EXPECT_EQ(q4(w).tok_s.verdict, Verdict::unknown);
}

TEST(Compare, AnInvalidTrialEntersNoFigure) {
  StudyData d = test::two_blocks({1100, 1100}, {1000, 500});
  d.trials[3].valid = false;
  const auto w = compare(d);
  EXPECT_DOUBLE_EQ(*q4(w).cell.tok_s.value, 11);
  EXPECT_EQ(q4(w).cell.blocks, 1);
  EXPECT_EQ(q4(w).cell.blocks_invalid, 1);
}

TEST(Compare, FailedRequestsAreCountedByKindAndEnterNoLatency) {
  StudyData d = test::two_blocks({1100, 1100}, {1000, 1000});
  RequestRecord lost = test::answered(2, 1, 0, 5, 5, 2);
  lost.failure = Failure::truncated;
  d.requests.push_back(lost);
  const auto w = compare(d);
  const CellFigures& cell = q4(w).cell;
  EXPECT_EQ(cell.requests_failed, 1);
  EXPECT_EQ(cell.failures[static_cast<std::size_t>(Failure::truncated)], 1);
  EXPECT_EQ(cell.requests_ok, 2);
  EXPECT_DOUBLE_EQ(*cell.tok_s.value, 11);
}

// Answers of 500, 900 and 950 ms, one failed: a budget of 600 ms is kept by one of four.
TEST(Compare, GoodputCountsWhatTheWorkloadsBudgetAllows) {
  StudyData d = test::two_blocks({500, 900, 950}, {1000, 1000, 1000});
  d.study.workloads[0].p95_budget_ms = 600;
  d.requests.push_back(test::answered(1, 1, 0, 50, 50, 11));
  d.requests.back().failure = Failure::http_5xx;
  const CellFigures base = compare(d)[0].points[0].baseline;
  EXPECT_DOUBLE_EQ(*base.within_budget.value, 0.25);
  EXPECT_DOUBLE_EQ(*base.goodput.value, *base.requests_per_s / 3);
  d.study.workloads[0].p95_budget_ms.reset();
  EXPECT_EQ(compare(d)[0].points[0].baseline.goodput.na, "the study sets no budget for this workload");
}

TEST(Compare, WarmUpIsNoSample) {
  StudyData d = test::two_blocks({1100, 1100}, {1000, 1000});
  RequestRecord warm = test::answered(1, -1, 0, 5000, 100, 3);
  warm.warmup = true;
  d.requests.push_back(warm);
  EXPECT_EQ(compare(d)[0].points[0].baseline.requests_ok, 2);
}

TEST(Compare, AControlThatDiffersWithholdsTheVerdicts) {
  StudyData d = test::two_blocks({1100, 1100.1}, {1000, 1000});
  for (int b = 0; b < 2; ++b) {
    d.trials.push_back(test::trial(10 + b, "bf16", b, 1000, true));
    d.requests.push_back(test::answered(10 + b, 0, 0, 1000 / 11.0, 1000 / 11.0, 11));
  }
  const auto w = compare(d);
  ASSERT_TRUE(w[0].points[0].aa);
  EXPECT_EQ(w[0].points[0].aa->tok_s.verdict, Verdict::faster);
  EXPECT_TRUE(w[0].drifted);
  EXPECT_EQ(q4(w).tok_s.verdict, Verdict::withheld);
}

TEST(Compare, ThePercentileSaysHowManyRequestsItStillNeeds) {
  const auto w = compare(test::two_blocks({1100, 1100}, {1000, 1000}));
  EXPECT_TRUE(w[0].points[0].baseline.p95_ms);
  EXPECT_FALSE(w[0].points[0].baseline.p95_ms.lo);
  EXPECT_EQ(w[0].points[0].baseline.p95_ms.interval_na, "57 more requests needed for an interval");  // 59 less the 2 there are
}

TEST(Compare, LatenciesOfOneTrialByHand) {
  // Sent at 0, tokens at 100, 200 ... 1100 ms: TTFT 100, e2e 1100, TPOT 1000 / 10.
  const auto t = summarize_trials(test::two_blocks({1100}, {1000}))[0];
  EXPECT_DOUBLE_EQ(*t.ttft_p50_ms, 100);
  EXPECT_DOUBLE_EQ(*t.e2e_p95_ms, 1100);
  EXPECT_DOUBLE_EQ(*t.tpot_p50_ms, 100);
  EXPECT_NEAR(*t.itl_p99_ms, 100, 1e-9);
  EXPECT_EQ(t.output_tokens, 11);
  EXPECT_NEAR(*t.requests_per_s, 10 / 11.0, 1e-12);
}

}  // namespace
}  // namespace qc
