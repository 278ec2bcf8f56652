#include "judge/advise/findings.h"
#include "judge/advise/parts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/tiny_study.h"

namespace qc {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Answer answer(const std::string& variant, const std::string& item, double score, int run = 0) {
  Answer a;
  a.variant = variant, a.suite = "factual", a.item = item, a.score = score, a.run = run;
  return a;
}

VariantFacts facts(const std::string& variant, std::int64_t weights, std::int64_t kv_bytes, std::int64_t kv_tokens) {
  VariantFacts f;
  f.variant = variant, f.weights_bytes = weights, f.kv_bytes = kv_bytes, f.kv_tokens = kv_tokens, f.command = "llama-server";
  return f;
}

Measured measured_as(double value) {
  Measured m;
  m.value = value;
  return m;
}

const Recommendation& only(const Findings& f) { return f.recommendations.at(0); }

TEST(Advise, FasterEverywhereIsRecommended) {
  StudyData d = test::two_blocks({1100, 1100.1}, {1000, 1000});
  d.variants = {facts("bf16", 200, 1000, 100), facts("q4", 100, 1000, 100)};
  for (const auto* variant : {"bf16", "q4"}) d.answers.push_back(answer(variant, "a", 1));
  const Findings f = judge(d);
  EXPECT_EQ(only(f).stance, Stance::recommend);
  EXPECT_NE(only(f).because.find("+10.0 %"), std::string::npos) << only(f).because;
  EXPECT_NE(only(f).because.find("50.0 % less memory"), std::string::npos) << only(f).because;
  EXPECT_EQ(f.settings[0].variant, "q4");
  EXPECT_EQ(*f.settings[0].met, true);
}

// Seen on an H200 with weights of random values: that nothing was lost was the reason to take it.
TEST(Advise, WhereTheBaselineHasNothingRightNothingIsChecked) {
  StudyData d = test::two_blocks({1100, 1100.1}, {1000, 1000});
  for (const auto* variant : {"bf16", "q4"}) d.answers.push_back(answer(variant, "a", 0));
  EXPECT_EQ(only(judge(d)).rule, "faster-unchecked");
  EXPECT_NE(only(judge(d)).because.find("the baseline itself had none of 1 graded answers right, so none could be lost"), std::string::npos) << only(judge(d)).because;
  for (int i = 0; i < 33; ++i)
    for (const auto* variant : {"bf16", "q4"}) d.answers.push_back(answer(variant, "b" + std::to_string(i), 0));
  d.study.quality.margin_pp = 20;
  ASSERT_GT(*judge(d).bounds.at(0).difference_pp.lo, -20);
  EXPECT_EQ(judge(d).bounds[0].verdict, QualityVerdict::inconclusive) << "however wide the margin";
  EXPECT_FALSE(judge(d).bounds[0].items_needed);
  EXPECT_TRUE(std::ranges::any_of(judge(d).next_steps, [](const NextStep& s) { return s.title == "Find out why the baseline answers nothing right"; }));
}

TEST(Advise, FasterOfUncheckedQualityAsksForCare) {
  StudyData d = test::two_blocks({1100, 1100.1}, {1000, 1000});
  EXPECT_EQ(only(judge(d)).rule, "faster-unchecked");
  EXPECT_EQ(only(judge(d)).stance, Stance::take_care);
  EXPECT_NE(only(judge(d)).because.find("quality was not checked"), std::string::npos);
  Divergence near;
  near.variant = "q4", near.top1_agreement = 0.97, near.tokens_scored = 100;
  d.divergences.push_back(near);
  EXPECT_EQ(only(judge(d)).rule, "faster");
  EXPECT_NE(only(judge(d)).because.find("its most likely token agrees with the baseline's in 97.0 % of positions"), std::string::npos) << only(judge(d)).because;
}

TEST(Advise, SlowerIsAvoidedAndTheBaselineServed) {
  const Findings f = judge(test::two_blocks({1100, 1100.1}, {1200, 1200}));
  EXPECT_EQ(only(f).stance, Stance::avoid);
  EXPECT_EQ(only(f).rule, "slower");
  EXPECT_EQ(f.settings[0].variant, "bf16");
}

TEST(Advise, IndistinguishableButSmallerIsForMemory) {
  StudyData d = test::two_blocks({1100, 1000}, {1000, 1100});
  d.variants = {facts("bf16", 200, 1000, 100), facts("q4", 100, 1000, 100)};
  EXPECT_EQ(only(judge(d)).rule, "same-smaller");
  EXPECT_FALSE(only(judge(d)).tells_budget);
  EXPECT_TRUE(only(judge(d)).for_memory);
  d.variants = {facts("bf16", 200, 1000, 100), facts("q4", 199, 1000, 100)};
  EXPECT_EQ(only(judge(d)).rule, "too-noisy");   // ratios 1.1 and 0.91: an interval of several hundred percent
  EXPECT_EQ(only(judge(d)).stance, Stance::undecided);
  d = test::two_blocks({1100, 1100}, {1100, 1101});
  d.variants = {facts("bf16", 200, 1000, 100), facts("q4", 199, 1000, 100)};
  EXPECT_EQ(only(judge(d)).rule, "same");
  d.variants.clear();
  EXPECT_EQ(only(judge(d)).rule, "same-memory-unknown");
  EXPECT_EQ(only(judge(d)).stance, Stance::undecided);
}

StudyData checked(StudyData d) {
  for (const auto* variant : {"bf16", "q4"}) d.answers.push_back(answer(variant, "a", 1));
  return d;
}

TEST(Advise, AGainThatMissesTheBudgetIsNoRecommendation) {
  StudyData d = checked(test::two_blocks({1100, 1100.1}, {1000, 1000}));
  EXPECT_EQ(only(judge(d)).stance, Stance::recommend);
  EXPECT_NE(only(judge(d)).because.find("the p95 budget of 3000 ms is met at every load"), std::string::npos) << only(judge(d)).because;
  EXPECT_TRUE(only(judge(d)).tells_budget);
  EXPECT_FALSE(only(judge(d)).for_memory);
  d.study.workloads[0].p95_budget_ms = 500;
  EXPECT_EQ(only(judge(d)).rule, "faster-over-budget");
  EXPECT_EQ(only(judge(d)).stance, Stance::take_care);
  d = checked(test::two_blocks({1100, 1100.1}, {1090, 1090}));   // the same throughput within 1 %, no verdict on it is needed
  d.study.workloads[0].p95_budget_ms = 500;
  EXPECT_NE(only(judge(d)).rule, "budget-lost");                 // the baseline misses it too
}

TEST(Advise, ABudgetThatOnlyTheBaselineMeetsIsAReasonToAvoid) {
  StudyData d = checked(test::two_blocks({1100, 1100.1}, {1000, 1000}));
  d.study.workloads[0].p95_budget_ms = 1200;
  for (RequestRecord& r : d.requests)
    if (r.trial_id % 2 == 0) r.last = test::at_ms(1300);          // the candidate's last token comes late; its window counts the others
  Findings f = judge(d);
  EXPECT_EQ(only(f).rule, "budget-unsure");                       // one request a visit: it may be chance
  EXPECT_EQ(only(f).stance, Stance::take_care);
  f.workloads[0].points[0].candidates[0].p95.verdict = Verdict::slower;
  const auto r = recommend(d, f);
  EXPECT_EQ(r.at(0).rule, "budget-lost");
  EXPECT_EQ(r.at(0).stance, Stance::avoid);
  EXPECT_NE(r.at(0).because.find("the baseline meets it at concurrency 1"), std::string::npos) << r.at(0).because;
}

TEST(Advise, AGainWithinTheNoiseFloorAsksForCare) {
  StudyData d = checked(test::two_blocks({1100, 1100.1}, {1000, 1000}));
  for (int b = 0; b < 2; ++b) {                                   // the baseline's own repeat: 1000 and 1210, not distinguishable, floor wide
    const double ms = b == 0 ? 1000 : 1210;
    d.trials.push_back(test::trial(10 + b, "bf16", b, ms, true));
    d.requests.push_back(test::answered(10 + b, 0, 0, ms / 11, ms / 11, 11));
  }
  EXPECT_EQ(only(judge(d)).rule, "faster-within-noise");
  EXPECT_NE(judge(d).caveats.at(0).find("% at concurrency 1: two blocks make it some five times as wide as four would, and "), std::string::npos);
  for (int b = 2; b < 4; ++b)
    for (const bool again : {false, true}) {
      d.trials.push_back(test::trial(20 + 2 * b + again, "bf16", b, again && b == 3 ? 1500 : 1000, again));
      d.requests.push_back(test::answered(20 + 2 * b + again, 0, 0, again && b == 3 ? 136 : 91, again && b == 3 ? 136 : 91, 11));
    }
  EXPECT_NE(judge(d).caveats.at(0).find("% at concurrency 1: this machine was unsteady there"), std::string::npos);
}

TEST(Advise, FailuresOfTheCandidateAloneAreAReasonToAvoid) {
  StudyData d = test::two_blocks({1100, 1100.1}, {1000, 1000});
  RequestRecord lost = test::answered(2, 1, 0, 5, 5, 2);
  lost.failure = Failure::truncated;
  d.requests.push_back(lost);
  EXPECT_EQ(only(judge(d)).rule, "failures");
}

StudyData with_failures(int of_baseline, int of_candidate) {
  StudyData d = checked(test::two_blocks({1100, 1100.1}, {1000, 1000}));
  const auto add = [&](int trial, int count) {
    for (int i = 1; i <= count; ++i) {
      d.requests.push_back(test::answered(trial, i, 0, 5, 5, 2));
      d.requests.back().failure = Failure::reset;
    }
  };
  add(1, of_baseline), add(2, of_candidate);
  return d;
}

// A visit whose requests fail is repeated: whether that is once more so tells a fault from an accident.
TEST(Advise, FailuresOfOneVisitThatItsRepeatDoesNotHaveAreNoReasonToAvoid) {
  StudyData d = with_failures(0, 1);
  d.study.workloads[0].p95_budget_ms.reset();
  const auto visit = [&](int id, int block, bool fails) {
    d.trials.push_back(test::trial(id, "q4", block, 1000));
    d.requests.push_back(test::answered(id, 0, 0, 1000. / 11, 1000. / 11, 11));
    if (!fails) return;
    d.trials.back().valid = false;
    d.requests.push_back(test::answered(id, 1, 0, 5, 5, 2));
    d.requests.back().failure = Failure::reset;
  };
  d.trials[1].valid = false;
  EXPECT_EQ(only(judge(d)).rule, "failures") << "nobody made that visit again";
  visit(9, 0, false);
  EXPECT_EQ(only(judge(d)).stance, Stance::take_care);
  EXPECT_THAT(only(judge(d)).because, HasSubstr("but 1 of 4 requests failed with it, in one visit and not when that was made again, and none with the baseline"));
  d.study.workloads[0].p95_budget_ms = 3000;
  EXPECT_EQ(only(judge(d)).rule, "faster-failures") << "nor are they within no budget";
  visit(10, 1, true);
  EXPECT_EQ(only(judge(d)).rule, "failures") << "twice is no accident";
}

TEST(Advise, FailuresOfVisitsThatAreLeftOutAreWithinNoBudgetEither) {
  CellFigures cell;
  cell.p95_ms = measured_as(100), cell.requests_ok = 40, cell.failed_left_out = 3, cell.answered_beside_failures = 14;
  EXPECT_FALSE(cell.meets_p95(3000)) << "3 of 57";
  cell.answered_beside_failures = 17;
  EXPECT_TRUE(cell.meets_p95(3000)) << "3 of 60";
  cell.answered_beside_failures = 0, cell.failed_with_server = 2;
  EXPECT_TRUE(cell.meets_p95(3000)) << "1 of 41";
}

TEST(Advise, AnAccidentIsToldBesideWhateverIsAdvised) {
  WorkloadComparison w;
  w.workload.name = "chat";
  Candidate c;
  c.cell.variant = "q4", c.tok_s.value = measured_as(-0.2), c.tok_s.verdict = Verdict::slower;
  c.cell.requests_ok = 30, c.cell.failed_left_out = 1, c.cell.answered_beside_failures = 9, c.cell.visits_with_failures = c.cell.failures_made_good = 1;
  w.points.push_back({1, {}, {c}, {}});
  Findings f;
  f.workloads = {w};
  const auto rows = recommend(test::two_blocks({1100}, {1000}), f);
  EXPECT_EQ(rows.at(0).rule, "slower");
  EXPECT_THAT(rows[0].because, HasSubstr("-20.0 % at concurrency 1 in throughput; 1 of 40 requests failed, in one visit and not when that was made again. "));
}

// A gain that may be there is no reason to say that nothing speaks for a model.
TEST(Advise, WhatOnlySpeedCouldSpeakForIsNotDecidedByARunTooNoisyToSeeIt) {
  WorkloadComparison w;
  w.workload.name = "chat";
  Candidate lost, kept;
  lost.cell.variant = "q4", lost.tok_s.value = measured_as(0.45), lost.tok_s.verdict = Verdict::not_distinguishable, lost.tok_s.smallest_seen = 1.4;
  kept.cell.variant = "q8", kept.tok_s.value = measured_as(0), kept.tok_s.verdict = Verdict::not_distinguishable, kept.cell.tok_s = measured_as(10);
  CellFigures base;
  base.variant = "bf16", base.tok_s = measured_as(10);
  w.points.push_back({1, base, {lost, kept}, {}});
  Findings f;
  f.workloads = {w};
  for (const auto& [name, agreement] : {std::pair("q4", 0.8), {"q8", 0.97}}) {
    MemoryRow memory;
    memory.variant = name, memory.weights_saving = measured_as(0.5);
    QualityBound bound;
    bound.variant = name, bound.divergence.emplace().top1_agreement = agreement;
    f.memory.push_back(memory), f.bounds.push_back(bound);
  }
  StudyData d = test::two_blocks({1100}, {1000});
  EXPECT_EQ(recommend(d, f).at(0).rule, "too-noisy-outdone");
  EXPECT_EQ(recommend(d, f)[0].stance, Stance::undecided);
  f.workloads[0].points[0].candidates[0].tok_s.smallest_seen = 0.05;
  EXPECT_EQ(recommend(d, f)[0].rule, "same-outdone");
  Delta& later = f.workloads[0].points[0].candidates[0].ttft_p95;
  later.value = measured_as(0.3), later.verdict = Verdict::slower;
  EXPECT_TRUE(recommend(d, f)[0].comes_later);
  Candidate again;
  again.ttft_p95.value = measured_as(0), again.ttft_p95.value.lo = -0.4, again.ttft_p95.value.hi = 0.4;
  f.workloads[0].points[0].aa = again;
  EXPECT_FALSE(recommend(d, f)[0].comes_later) << "no more than the baseline moves against itself";
}

TEST(Advise, UnlikeLengthsAreThoseOfEachLoad) {
  WorkloadComparison w;
  w.workload.name = "chat";
  Candidate c;
  c.cell.variant = "q4", c.tok_s.value = measured_as(-0.2), c.tok_s.no_verdict = "its answers are 3.5 tokens long";
  CellFigures base;
  base.variant = "bf16", base.tok_s = measured_as(10);
  w.points = {{1, base, {c}, {}}, {4, base, {c}, {}}};
  Findings f;
  f.workloads = {w};
  const auto because = [&] { return recommend(test::two_blocks({1100}, {1000}), f).at(0).because; };
  EXPECT_THAT(because(), StartsWith("Whether q4 is faster can't be told at concurrency 1 and concurrency 4: its answers are 3.5 tokens long. "));
  f.workloads[0].points[1].candidates[0].tok_s.no_verdict = "its answers are 4.0 tokens long";
  EXPECT_THAT(because(), HasSubstr("concurrency 4: at concurrency 1 its answers are 3.5 tokens long; at concurrency 4 its answers are 4.0 tokens long. "));
}

TEST(Advise, FewerTokensASecondOfShorterAnswersAreNoLoss) {
  StudyData d = checked(test::two_blocks({1100, 1100.1}, {1000, 1000}));
  const auto answers_of = [&](int tokens) {
    for (RequestRecord& r : d.requests)
      if (r.trial_id % 2 == 0) r = test::answered(r.trial_id, r.request_id, 0, 1000. / tokens, 1000. / tokens, tokens), r.finish_reason = "stop";
  };
  answers_of(8);
  EXPECT_EQ(only(judge(d)).rule, "unlike-answers");
  EXPECT_EQ(only(judge(d)).stance, Stance::undecided);
  EXPECT_THAT(only(judge(d)).because, StartsWith("Whether q4 is faster can't be told at concurrency 1: its answers are 8.0 tokens long on average and the baseline's 11.0: in tokens a second it is slower, in requests a second faster."));
  answers_of(6);
  for (TrialRecord& t : d.trials)
    if (t.variant == "q4") t.steady_end = t.ended = test::at_ms(1300 + t.block * 0.1);
  EXPECT_EQ(only(judge(d)).rule, "slower") << "fewer requests a second as well";
}

TEST(Advise, FailuresOnBothSidesAreNotForgotten) {
  EXPECT_EQ(only(judge(with_failures(1, 3))).rule, "failures-more");
  EXPECT_EQ(only(judge(with_failures(1, 3))).because, "3 of 5 requests failed with q4 and 1 of 3 with the baseline; find the cause before serving it.");
  EXPECT_EQ(only(judge(with_failures(1, 2))).rule, "faster-failures");
  EXPECT_EQ(only(judge(with_failures(1, 2))).stance, Stance::take_care);
}

TEST(Advise, AServerThatDiedIsNoCandidateWhoseRequestsFail) {
  StudyData d = with_failures(0, 3);
  EXPECT_EQ(only(judge(d)).rule, "failures");
  for (TrialRecord& t : d.trials)
    if (t.id == 2) t.valid = false;                         // repeated later, as trials 3 and 4 were measured
  EXPECT_EQ(only(judge(d)).rule, "failures") << "its server lived";
  d.starts.push_back({"q4", {}, "", "", "died", ""});
  EXPECT_THAT(only(judge(d)).rule, testing::AnyOf("not-measured", "faster", "server-died"));
  EXPECT_THAT(only(judge(d)).because, Not(HasSubstr("failed")));
  for (TrialRecord& t : d.trials)
    if (t.variant == "q4") t.valid = false;
  EXPECT_EQ(only(judge(d)).rule, "server-died");
  EXPECT_EQ(only(judge(d)).stance, Stance::undecided);
}

TEST(Advise, WhatIsSlowerBesideAGainIsToldThoughQualityDecides) {
  Candidate c;
  c.cell.variant = "q4", c.tok_s.value = measured_as(0.2), c.tok_s.verdict = Verdict::faster;
  c.ttft_p95.value = measured_as(1.065), c.ttft_p95.verdict = Verdict::slower, c.p95.value = measured_as(0.3), c.p95.verdict = Verdict::slower;
  WorkloadComparison w;
  w.workload.name = "chat";
  w.points.push_back({16, {}, {c}, {}});
  Findings f;
  f.workloads = {w};
  QualityBound b;
  b.variant = "q4", b.items = 34, b.lost = 6, b.gained = 1;
  f.bounds = {b};
  const Recommendation r = recommend(test::two_blocks({1100}, {1000}), f).at(0);
  EXPECT_EQ(r.rule, "faster-lower-quality");
  EXPECT_THAT(r.because, HasSubstr("in throughput, and its p95 latency changes by +30.0 % at concurrency 16, and its first token comes later (TTFT p95 +106.5 % at concurrency 16), but of 34"));
}

/// Two candidates that can't be told apart at the higher of two loads; q8 is the faster of them at the lower one.
Findings alike_at_the_top() {
  const auto cell = [](const std::string& variant, double tok_s) {
    CellFigures f;
    f.variant = variant, f.tok_s = measured_as(tok_s), f.p95_ms = measured_as(100);
    return f;
  };
  const auto point = [&](int concurrency, double q4, double q8, Verdict of_q8) {
    PointComparison p{concurrency, cell("bf16", 10), {}, {}};
    for (const auto& [variant, tok_s] : {std::pair{"q4", q4}, {"q8", q8}}) {
      Candidate c;
      c.cell = cell(variant, tok_s), c.tok_s.verdict = Verdict::faster, c.tok_s.value = measured_as(tok_s / 10 - 1);
      p.candidates.push_back(c);
    }
    Rivalry forth{"q8", "q4", {}}, back{"q4", "q8", {}};
    forth.tok_s.verdict = of_q8;
    back.tok_s.verdict = of_q8 == Verdict::faster ? Verdict::slower : of_q8;
    p.rivalries = {forth, back};
    return p;
  };
  WorkloadComparison w;
  w.workload.name = "chat";
  w.points = {point(1, 20, 22, Verdict::faster), point(8, 30.2, 30, Verdict::not_distinguishable)};
  Findings f;
  f.workloads = {w};
  f.recommendations = {{"chat", "q4", Stance::take_care, "", ""}, {"chat", "q8", Stance::take_care, "", ""}};
  return f;
}

TEST(Advise, OfTwoThatAreAlikeTheOtherLoadsDecide) {
  Findings f = alike_at_the_top();
  EXPECT_EQ(settings(f).at(0).variant, "q8");
  EXPECT_EQ(settings(f).at(0).concurrency, 8);
  EXPECT_THAT(settings(f).at(0).because, HasSubstr("called faster; q4 can't be told from it here, and at the other loads it is the faster one"));
  f.workloads[0].points[1].rivalries[0].tok_s.verdict = Verdict::slower;
  EXPECT_EQ(settings(f).at(0).variant, "q4");
}

TEST(Advise, ABudgetLostAtOneLoadIsSaid) {
  const StudyData d = checked(test::two_blocks({1100, 1100.1}, {1000, 1000}));
  Findings f = judge(d);
  EXPECT_EQ(only(f).stance, Stance::recommend);
  PointComparison second = f.workloads[0].points[0];
  second.concurrency = 8, second.candidates[0].cell.p95_ms.value = 3500, second.candidates[0].p95.verdict = Verdict::not_distinguishable;
  f.workloads[0].points.push_back(second);
  EXPECT_EQ(recommend(d, f).at(0).stance, Stance::recommend) << "a p95 that can't be told from one that meets the budget loses nothing";
  f.workloads[0].points.back().candidates[0].p95.verdict = Verdict::slower;
  const auto r = recommend(d, f);
  EXPECT_EQ(r.at(0).rule, "faster-budget-lost");
  EXPECT_NE(r.at(0).because.find("it misses the p95 budget of 3000 ms at concurrency 8, where the baseline meets it"), std::string::npos) << r.at(0).because;
  auto& cell = f.workloads[0].points.back().candidates[0];
  cell.p95.verdict = Verdict::unknown, cell.cell.p95_ms.lo = 3100;
  EXPECT_EQ(recommend(d, f).at(0).rule, "faster-budget-lost") << "its own interval lies above the budget";
}

TEST(Advise, NothingIsGainedOnlyWhereAGainWouldHaveBeenSeen) {
  WorkloadComparison w;
  w.workload.name = "chat";
  for (const double could_see : {0.04, 0.7}) {
    Candidate c;
    c.cell.variant = "q4", c.tok_s.value = measured_as(0.01), c.tok_s.verdict = Verdict::not_distinguishable, c.tok_s.smallest_seen = could_see;
    PointComparison point{could_see < 0.1 ? 1 : 8, {}, {c}, {}};
    point.baseline.tok_s = measured_as(10);
    w.points.push_back(point);
  }
  StudyData d = test::two_blocks({1100}, {1100});
  Findings f;
  f.workloads = {w};
  MemoryRow row;
  row.variant = "q4", row.weights_saving = measured_as(0);
  f.memory = {row};
  EXPECT_EQ(recommend(d, f).at(0).rule, "too-noisy");
  f.workloads[0].points.pop_back();
  EXPECT_EQ(recommend(d, f).at(0).rule, "same");
}

TEST(Advise, ALostAnswerIsDescribedByWhatItsRuleMissed) {
  StudyData d = test::two_blocks({1100, 1100.1}, {1000, 1000});
  d.answers = {answer("bf16", "war-end", 1), answer("q4", "war-end", 0)};
  d.answers[1].score_because = "Does not name \"1945\".";
  EXPECT_EQ(judge(d).quality[1].issue, "lost: war-end (does not name \"1945\")");
}

TEST(Advise, TwoAnswersLostAskForCare) {
  StudyData d = test::two_blocks({1100, 1100.1}, {1000, 1000});
  for (const auto* item : {"a", "b", "c"}) d.answers.push_back(answer("bf16", item, 1));
  d.answers.push_back(answer("q4", "a", 0));
  d.answers.push_back(answer("q4", "b", 0));
  d.answers.push_back(answer("q4", "c", 1));
  const Findings f = judge(d);
  EXPECT_EQ(only(f).stance, Stance::take_care);
  EXPECT_EQ(f.bounds[0].lost, 2);
  EXPECT_NEAR(*f.bounds[0].difference_pp.value, -200 / 3.0, 1e-9);
  EXPECT_EQ(f.bounds[0].verdict, QualityVerdict::inconclusive);
  EXPECT_NE(f.quality[1].issue.find("lost: a and b"), std::string::npos) << f.quality[1].issue;
}

TEST(Advise, WithoutAnswersQualityIsUnknownNotEqual) {
  const Findings f = judge(test::two_blocks({1100, 1100}, {1000, 1000}));
  EXPECT_EQ(f.bounds[0].verdict, QualityVerdict::unknown);
  EXPECT_FALSE(f.bounds[0].difference_pp);
}

TEST(Advise, TheSavingInMemoryIsCountedInTokens) {
  StudyData d = test::two_blocks({1100, 1100}, {1000, 1000});
  d.variants = {facts("bf16", 2000, 1000, 100), facts("q4", 1200, 1000, 100)};  // 800 bytes at 10 bytes a token
  const Findings f = judge(d);
  EXPECT_DOUBLE_EQ(*f.memory[1].more_kv_tokens.value, 80);
  EXPECT_DOUBLE_EQ(*f.memory[1].weights_saving.value, 0.4);
  EXPECT_DOUBLE_EQ(*f.memory[1].requests_that_fit[0].second.value, 3);  // floor(100 / (20 + 11))
}

// vLLM on a CPU logs no size of the weights; the checkpoints' files are there.
TEST(Advise, WhereAServerDoesNotTellItsWeightsTheFilesSpeakForAll) {
  StudyData d = test::two_blocks({1100, 1100}, {1000, 1000});
  d.variants = {facts("bf16", 2000, 1000, 100), facts("q4", 1500, 1000, 100)};
  d.variants[0].file_bytes = 2100, d.variants[1].file_bytes = 700;
  d.variants[1].weights_bytes.reset();
  Findings f = judge(d);
  EXPECT_EQ(*f.memory[0].weights_bytes.value, 2100);
  EXPECT_TRUE(f.memory[0].weights_of_files && f.memory[1].weights_of_files);
  EXPECT_DOUBLE_EQ(*f.memory[1].weights_saving.value, 1 - 700 / 2100.0);
  d.variants[0].file_bytes.reset();
  f = judge(d);
  EXPECT_FALSE(f.memory[1].weights_saving) << "one file is nothing to compare with";
  EXPECT_FALSE(f.memory[0].weights_of_files);
  d.variants[0].file_bytes = 2100, d.variants[1].weights_bytes = 1500;
  EXPECT_EQ(*judge(d).memory[0].weights_bytes.value, 2000) << "what was loaded counts where all tell it";
}

TEST(Advise, WithoutASavingNorDoesMemorySpeakForIt) {
  StudyData d = test::two_blocks({1000, 1000}, {1100, 1100.1});
  d.variants = {facts("bf16", 200, 1000, 100), facts("q4", 200, 1000, 100)};
  EXPECT_NE(only(judge(d)).because.find("Nor does memory speak for it: its weights take 0.0 % less memory."), std::string::npos) << only(judge(d)).because;
  d.variants[1] = facts("q4", 100, 1000, 100);
  EXPECT_NE(only(judge(d)).because.find("Only memory speaks for it: its weights take 50.0 % less memory."), std::string::npos) << only(judge(d)).because;
}

TEST(Advise, TheWholeServersSavingStandsBesideThatOfItsWeights) {
  StudyData d = test::two_blocks({1000, 1000}, {1100, 1100.1});
  d.variants = {facts("bf16", 200, 1000, 100), facts("q4", 100, 1000, 100)};
  d.memory = {{"bf16", "load", {1}, 1250, {}, {}, {}, "rss"}, {"q4", "load", {1}, 1125, {}, {}, {}, "rss"}};
  EXPECT_DOUBLE_EQ(*judge(d).memory[1].peak_saving.value, 0.1);
  EXPECT_NE(only(judge(d)).because.find("its weights take 50.0 % less memory, its whole server 10.0 % less."), std::string::npos) << only(judge(d)).because;
  d.variants[1].kv_bytes = 1100;
  EXPECT_EQ(judge(d).memory[1].peak_saving.na, "its KV cache is not known to be of the baseline's size");
  EXPECT_EQ(only(judge(d)).because.find("whole server"), std::string::npos) << "what the weights leave went into the cache";
}

TEST(Advise, IdleUseIsOfTheLatestStartAsTheServersOwnFiguresAre) {
  StudyData d = test::two_blocks({1100, 1100}, {1000, 1000});
  d.variants = {facts("bf16", 200, 1000, 100), facts("q4", 100, 1000, 100)};
  d.memory = {{"bf16", "load", {1}, 900, {}, {}, {}, "rss"}, {"bf16", "idle", {2}, 500, {}, {}, {}, "rss"}, {"bf16", "idle", {3}, 700, {}, {}, {}, "rss"}};
  EXPECT_EQ(*judge(d).memory[0].idle_bytes.value, 700);
  EXPECT_EQ(*judge(d).memory[0].peak_bytes.value, 900);
  d.run.gpu_memory_bytes = 10000;                            // then only NVML's samples count, and there is none
  EXPECT_EQ(judge(d).memory[0].rest_bytes.na, "a part of it is not known");
}

TEST(Advise, WhatIsWithinTheNoiseSaysHowWideThatIs) {
  WorkloadComparison w;
  w.workload.name = "chat", w.noise_floor = 0.123;
  Candidate c;
  c.cell.variant = "q4", c.tok_s.value = measured_as(0.05), c.tok_s.verdict = Verdict::faster;
  w.points.push_back({1, {}, {c}, {}});
  Findings f;
  f.workloads = {w};
  const auto rows = recommend(test::two_blocks({1100}, {1000}), f);
  EXPECT_EQ(rows.at(0).rule, "faster-within-noise");
  EXPECT_THAT(rows[0].because, HasSubstr("an interval of plus or minus 12.3 %, no narrower than that gain; quality was not checked. Measure more blocks before you rely on it, and check it on your own tasks first."));
}

TEST(Advise, AVisiblyChangedModelIsCalledThatWhateverRuleFires) {
  WorkloadComparison w;
  w.workload.name = "chat", w.noise_floor = 0.123, w.workload.p95_budget_ms = 3000;
  Candidate c;
  c.cell.variant = "q4", c.cell.p95_ms = measured_as(3500), c.tok_s.value = measured_as(0.05), c.tok_s.verdict = Verdict::faster;
  w.points.push_back({1, {}, {c}, {}});
  Findings f;
  f.workloads = {w};
  QualityBound b;
  b.variant = "q4", b.divergence = Divergence{}, b.divergence->top1_agreement = 0.676;
  f.bounds = {b};
  const auto rows = recommend(test::two_blocks({1100}, {1000}), f);
  EXPECT_EQ(rows.at(0).rule, "faster-within-noise");
  EXPECT_THAT(rows[0].because, AllOf(HasSubstr("67.6 % of positions, so the model is visibly changed."), HasSubstr("the p95 budget of 3000 ms is met at ")));
}

// Of two that are no faster, the one that is visibly changed saves no more memory than the other.
TEST(Advise, MemoryDoesNotSpeakForAChangedModelWhereAnotherSavesAsMuch) {
  const auto rule_with = [](double saving_of_q8, double agreement_of_q8, Verdict speed_of_q8 = Verdict::not_distinguishable) {
    WorkloadComparison w;
    w.workload.name = "chat";
    Candidate c;
    c.cell.variant = "q4", c.tok_s.value = measured_as(0), c.tok_s.verdict = Verdict::not_distinguishable, c.tok_s.smallest_seen = 0.01;
    w.points.push_back({1, {}, {c, c}, {}});
    w.points[0].baseline.tok_s = w.points[0].candidates[1].cell.tok_s = measured_as(100);
    w.points[0].candidates[1].cell.variant = "q8", w.points[0].candidates[1].tok_s.verdict = speed_of_q8;
    Findings f;
    f.workloads = {w};
    for (const auto& [variant, agreement, saving] : {std::tuple{"q4", 0.67, 0.446}, {"q8", agreement_of_q8, saving_of_q8}}) {
      QualityBound b;
      b.variant = variant, b.divergence = Divergence{}, b.divergence->top1_agreement = agreement;
      f.bounds.push_back(b);
      MemoryRow row;
      row.variant = variant, row.weights_saving = measured_as(saving);
      f.memory.push_back(row);
    }
    const auto rows = recommend(test::two_blocks({1100}, {1000}), f);
    return rows.at(0).rule + ": " + rows.at(0).because;
  };
  EXPECT_THAT(rule_with(0.468, 0.955, Verdict::slower), StartsWith("same-smaller-changed: ")) << "what is slower outdoes nobody";
  EXPECT_THAT(rule_with(0.468, 0.955), AllOf(StartsWith("same-outdone: "), HasSubstr("and q8 saves as much memory without that: nothing speaks for it.")));
  EXPECT_THAT(rule_with(0.40, 0.955), StartsWith("same-smaller-changed: "));
  EXPECT_THAT(rule_with(0.468, 0.70), StartsWith("same-smaller-changed: "));
}

TEST(Advise, ALossWithinTheNoiseFloorDecidesNothing) {
  WorkloadComparison w;
  w.workload.name = "chat", w.noise_floor = 0.123;
  Candidate c;
  c.cell.variant = "q4", c.tok_s.value = measured_as(-0.11), c.tok_s.verdict = Verdict::slower;
  w.points.push_back({1, {}, {c}, {}});
  Findings f;
  f.workloads = {w};
  const StudyData d = test::two_blocks({1100}, {1000});
  EXPECT_EQ(recommend(d, f).at(0).rule, "slower-within-noise");
  EXPECT_EQ(recommend(d, f).at(0).stance, Stance::undecided);
  EXPECT_THAT(recommend(d, f).at(0).because, AllOf(HasSubstr("q4 is slower here, -11.0 % at concurrency 1 in throughput"), HasSubstr("an interval of plus or minus 12.3 %, no narrower than that loss")));
  f.workloads[0].points[0].candidates[0].tok_s.value = measured_as(-0.124);
  EXPECT_EQ(recommend(d, f).at(0).rule, "slower");
  f.workloads[0].noise_floor.reset();
  f.workloads[0].points[0].candidates[0].tok_s.value = measured_as(-0.02);
  EXPECT_EQ(recommend(d, f).at(0).rule, "slower");
}

TEST(Advise, OfADeadServerPageOneHasTheFirstLineAlone) {
  StudyData d = test::two_blocks({1100, 1100}, {1000, 1000});
  d.events.push_back({"2026-11-30T01:00:00Z", "engine_died", "The server of q4 died: it ended with signal 9 (Killed)\nIts last words:\n0.07 I slot print_timing"});
  d.events.push_back({"2026-11-30T01:00:01Z", "engine_failed", "The server of q4 died: it ended with signal 9 (Killed)\nWithout the baseline nothing can be compared"});
  d.requests[0].failure = Failure::truncated, d.requests[0].warmup = true;
  const auto found = judge(d).caveats;
  EXPECT_EQ(std::ranges::count(found, "The server of q4 died: it ended with signal 9 (Killed)"), 1) << "its end ended the run, too";
  EXPECT_THAT(found, testing::Not(testing::Contains(HasSubstr("failed;")))) << "a warm-up is no request of the study";
}

TEST(Advise, WhatIsReadOfOneCardIsSaidWhereThereAreSeveral) {
  const auto told = [](const std::string& setting, const std::string& value) {
    StudyData d = test::two_blocks({1100, 1100}, {1000, 1000});
    d.variants = {facts("bf16", 0, 0, 0)};
    d.variants[0].proof = {{setting, value, "log"}};
    return judge(d).caveats;
  };
  EXPECT_THAT(told("tensor_parallel_size", "2"), testing::Contains(StartsWith("The servers work on several GPUs")));
  EXPECT_THAT(told("pipeline_parallel_size", "2"), testing::Contains(StartsWith("The servers work on several GPUs")));
  EXPECT_THAT(told("tensor_parallel_size", "1"), Not(testing::Contains(StartsWith("The servers work on several GPUs"))));
}

// Seen on a demo's chat: +12.5, -10.4 and -10.0 % beside an A/A of plus or minus 14.6 %.
TEST(Advise, GainsAndLossesThatAreAllWithinTheNoiseDecideNothing) {
  const auto at = [](int concurrency, double change) {
    Candidate c;
    c.cell.variant = "q4", c.tok_s.value = measured_as(change), c.tok_s.verdict = change > 0 ? Verdict::faster : Verdict::slower;
    return PointComparison{concurrency, {}, {c}, {}};
  };
  WorkloadComparison w;
  w.workload.name = "chat", w.noise_floor = 0.146;
  w.points = {at(1, 0.125), at(8, -0.104)};
  w.points[1].aa = w.points[1].candidates[0];
  Findings f;
  f.workloads = {w};
  const StudyData d = test::two_blocks({1100}, {1000});
  EXPECT_EQ(recommend(d, f).at(0).rule, "mixed-within-noise");
  EXPECT_EQ(recommend(d, f).at(0).stance, Stance::undecided);
  EXPECT_THAT(recommend(d, f).at(0).because, HasSubstr("+12.5 % at concurrency 1, but -10.4 % at concurrency 8 in throughput. The baseline against itself has an interval of plus or minus 14.6 % at concurrency 8, no narrower"));
  f.workloads[0].noise_floor = 0.12;
  EXPECT_EQ(recommend(d, f).at(0).rule, "mixed");
}

TEST(Advise, OnlyACandidateThatMayServeIsASetting) {
  WorkloadComparison w;
  w.workload.name = "chat";
  const auto cell = [](const std::string& variant, double tok_s) {
    CellFigures f;
    f.variant = variant, f.tok_s = measured_as(tok_s), f.p95_ms = measured_as(100);
    return f;
  };
  PointComparison point{1, cell("bf16", 10), {}, {}};
  for (const auto& [variant, tok_s] : {std::pair{"q4", 30.0}, {"q8", 20.0}}) {
    Candidate c;
    c.cell = cell(variant, tok_s), c.tok_s.verdict = Verdict::faster;
    point.candidates.push_back(c);
  }
  w.points = {point};
  Findings f;
  f.workloads = {w};
  f.recommendations = {{"chat", "q4", Stance::avoid, "", ""}, {"other", "q4", Stance::recommend, "", ""}, {"chat", "q8", Stance::take_care, "", ""}};
  EXPECT_EQ(settings(f).at(0).variant, "q8");
  Rivalry even{"q4", "q8", {}};
  even.tok_s.verdict = Verdict::not_distinguishable;
  f.workloads[0].points[0].rivalries = {even};
  EXPECT_THAT(settings(f).at(0).because, Not(HasSubstr("can't be told"))) << "q4 may not serve";
  f.recommendations[0].stance = Stance::take_care, f.workloads[0].points[0].candidates[0].cell.tok_s = measured_as(19);
  EXPECT_THAT(settings(f).at(0).because, HasSubstr("the fastest of those called faster, though q4 can't be told from it; "));
  f.workloads[0].points[0].candidates[0].tok_s.verdict = Verdict::not_distinguishable;
  EXPECT_THAT(settings(f).at(0).because, StartsWith("the only one called faster, though q4 can't be told from it; "));
  f.workloads[0].points[0].candidates[0].tok_s.verdict = Verdict::faster;
  f.recommendations[0].stance = Stance::avoid;
  f.recommendations.pop_back();
  EXPECT_EQ(settings(f).at(0).variant, "bf16");
  EXPECT_THAT(settings(f).at(0).because, StartsWith("of what is called faster here none is to be served: q4 (advised against) and q8 (not decided); "));
  f.workloads[0].points[0].candidates[0].tok_s.verdict = f.workloads[0].points[0].candidates[1].tok_s.verdict = Verdict::not_distinguishable;
  EXPECT_THAT(settings(f).at(0).because, StartsWith("no candidate is called faster here; "));
}

TEST(Advise, AP95ThatMeetsItsBudgetIsNoMoreCertainThanItsInterval) {
  WorkloadComparison w;
  w.workload.name = "chat", w.workload.p95_budget_ms = 3000;
  CellFigures base;
  base.variant = "bf16", base.tok_s = measured_as(10), base.p95_ms = measured_as(2900);
  w.points = {{1, base, {}, {}}};
  Findings f;
  f.workloads = {w};
  Measured& p95 = f.workloads[0].points[0].baseline.p95_ms;
  EXPECT_EQ(settings(f).at(0).because, "no candidate is called faster here; the highest throughput whose p95 meets the budget (it has no interval)");
  p95.lo = 2800, p95.hi = 3000;
  EXPECT_EQ(settings(f).at(0).because, "no candidate is called faster here; the highest throughput whose p95 meets the budget");
  p95.hi = 3001;
  EXPECT_EQ(settings(f).at(0).because, "no candidate is called faster here; the highest throughput whose p95 meets the budget (its interval reaches beyond it)");
}

// Seen on a CPU: of two that lose answers the one whose rule was another came first, and kept the other out of the settings.
TEST(Advise, WhatAModelLosesIsToldWhateverRuleFired) {
  WorkloadComparison w;
  w.workload.name = "chat";
  Candidate low, high;
  low.cell.variant = high.cell.variant = "q4";
  low.tok_s.verdict = Verdict::faster, low.tok_s.value = measured_as(0.2), high.tok_s.verdict = Verdict::slower, high.tok_s.value = measured_as(-0.2);
  w.points = {{1, {}, {low}, {}}, {8, {}, {high}, {}}};
  Findings f;
  f.workloads = {w};
  f.bounds = {{}};
  f.bounds[0].variant = "q4", f.bounds[0].items = 34, f.bounds[0].lost = 4, f.bounds[0].gained = 2;
  const auto told = [&] { return recommend(test::two_blocks({1100}, {1000}), f).at(0); };
  EXPECT_EQ(told().rule, "mixed");
  EXPECT_THAT(told().because, HasSubstr("+20.0 % at concurrency 1, but -20.0 % at concurrency 8 in throughput. "));
  Candidate even = low;
  even.tok_s.verdict = Verdict::not_distinguishable;
  f.workloads[0].points.push_back({16, {}, {even}, {}});
  EXPECT_THAT(told().because, HasSubstr("but -20.0 % at concurrency 8 in throughput and not distinguishable at concurrency 16. "));
  EXPECT_TRUE(told().loses_answers && !told().visibly_changed && told().changed());
  f.bounds[0].gained = 3, f.bounds[0].divergence = Divergence{};
  f.bounds[0].divergence->top1_agreement = 0.89;
  EXPECT_TRUE(!told().loses_answers && told().visibly_changed && told().changed());
  f.bounds[0].divergence->top1_agreement = 0.9;
  EXPECT_FALSE(told().changed());
}

// Seen on a CPU: one candidate that memory alone speaks for, and one that gains at one load and is visibly another model.
TEST(Advise, AVisiblyChangedModelIsASettingOnlyWhereNoOtherMayServe) {
  WorkloadComparison w;
  w.workload.name = "chat";
  Candidate fast, alike;
  fast.cell.variant = "q4", fast.cell.tok_s = measured_as(30), fast.cell.p95_ms = measured_as(100), fast.tok_s.verdict = Verdict::faster;
  alike.cell.variant = "q8", alike.cell.tok_s = measured_as(11), alike.cell.p95_ms = measured_as(100), alike.tok_s.verdict = Verdict::not_distinguishable;
  CellFigures base;
  base.variant = "bf16", base.tok_s = measured_as(10), base.p95_ms = measured_as(100);
  w.points = {{1, base, {fast, alike}, {}}};
  Findings f;
  f.workloads = {w};
  f.recommendations = {{"chat", "q4", Stance::take_care, "by-hand", ""}, {"chat", "q8", Stance::take_care, "by-hand", ""}};
  f.recommendations[0].visibly_changed = true;
  EXPECT_EQ(settings(f).at(0).variant, "bf16");
  EXPECT_THAT(settings(f).at(0).because, StartsWith("of what is called faster here none is to be served: q4 (visibly changed, and q8 is not); "));
  f.workloads[0].points[0].candidates[1].tok_s.verdict = Verdict::faster;
  EXPECT_EQ(settings(f).at(0).variant, "q8");
  EXPECT_THAT(settings(f).at(0).because, StartsWith("the only one fit to serve that is called faster; q4 (visibly changed, and q8 is not) is faster still; "));
  f.workloads[0].points[0].candidates[0].cell.tok_s = measured_as(10.5);
  EXPECT_THAT(settings(f).at(0).because, StartsWith("the only one fit to serve that is called faster; the study sets"));
  f.workloads[0].points[0].candidates[0].cell.tok_s = measured_as(30);
  f.workloads[0].points[0].candidates[1].tok_s.verdict = Verdict::not_distinguishable;
  f.recommendations[0].visibly_changed = false, f.recommendations[0].loses_answers = true;
  EXPECT_EQ(settings(f).at(0).variant, "q4") << "two answers lost beyond those gained bar nobody: that may be chance";
  EXPECT_THAT(settings(f).at(0).because, testing::EndsWith("; it loses graded answers, so check it on your own tasks first"));
  f.recommendations[0].visibly_changed = true;
  f.recommendations[1].stance = Stance::avoid;
  EXPECT_EQ(settings(f).at(0).variant, "q4");
  EXPECT_THAT(settings(f).at(0).because, testing::EndsWith("; it is visibly changed, so check it on your own tasks first"));
}

TEST(Advise, FailedRequestsAreNoHighP95) {
  WorkloadComparison w;
  w.workload.name = "chat", w.workload.p95_budget_ms = 3000;
  CellFigures base;
  base.variant = "bf16", base.tok_s = measured_as(10), base.p95_ms = measured_as(120), base.requests_ok = 90, base.requests_failed = 10;
  w.points = {{4, base, {}, {}}};
  Findings f;
  f.workloads = {w}, f.settings = settings(f);
  EXPECT_TRUE(f.settings.at(0).fails());
  const auto steps = [&] {
    std::string all;
    for (const NextStep& step : next_steps(test::two_blocks({1100}, {1000}), f)) all += step.title + ": " + step.because + "\n";
    return all;
  };
  EXPECT_THAT(steps(), AllOf(HasSubstr("Find out why requests fail for chat: More than 5 % of them failed with bf16 at concurrency 4"), Not(HasSubstr("faster hardware"))));
  f.workloads[0].points[0].baseline.p95_ms = measured_as(4000), f.settings = settings(f);
  EXPECT_FALSE(f.settings.at(0).fails());
  EXPECT_THAT(steps(), AllOf(HasSubstr("Lower the load or move up for chat"), HasSubstr("Try a lower concurrency, shorter outputs or faster hardware.")));
  f.workloads[0].points[0].concurrency = 1, f.settings = settings(f);
  EXPECT_THAT(steps(), AllOf(HasSubstr("Shorten answers or move up for chat"), HasSubstr("Try shorter outputs or faster hardware.")));
}

// Random failures of both: three prompts of the candidate's and three others of the baseline's are no reason against the candidate.
TEST(Advise, PromptsThatTheBaselineLeavesUnansweredTooAreNoReason) {
  StudyData d = test::two_blocks({1100, 1100}, {1000, 1000});
  for (int i = 0; i < 10; ++i) d.answers.push_back(answer("bf16", "p" + std::to_string(i), 1)), d.answers.push_back(answer("q4", "p" + std::to_string(i), 1));
  for (const std::size_t of_q4 : {1U, 3U, 5U}) d.answers[of_q4].failure = "http_5xx";
  EXPECT_EQ(only(judge(d)).rule, "quality-unanswered");
  for (const std::size_t of_bf16 : {8U, 10U}) d.answers[of_bf16].failure = "http_5xx";
  EXPECT_NE(only(judge(d)).rule, "quality-unanswered");
}

// Seen with a real llama-server on a GPU: at 8 at once the baseline misses the budget and a candidate that can't be told from it in throughput meets it.
TEST(Advise, ACandidateThatMeetsABudgetWhereTheBaselineMissesItIsASetting) {
  const auto cell = [](const std::string& variant, double tok_s, double p95) {
    CellFigures f;
    f.variant = variant, f.tok_s = measured_as(tok_s), f.p95_ms = measured_as(p95);
    return f;
  };
  Candidate near, slow;
  near.cell = cell("q8", 447, 2936), near.tok_s.verdict = Verdict::not_distinguishable;
  slow.cell = cell("q4", 460, 2900), slow.tok_s.verdict = Verdict::slower;
  Candidate fast;
  fast.cell = cell("q4", 216, 700), fast.tok_s.verdict = Verdict::faster;
  WorkloadComparison w;
  w.workload.name = "chat", w.workload.p95_budget_ms = 3000;
  w.points = {{1, cell("bf16", 150, 900), {fast}, {}}, {8, cell("bf16", 440, 3356), {near, slow}, {}}};
  Findings f;
  f.workloads = {w};
  f.recommendations = {{"chat", "q8", Stance::take_care, "", ""}, {"chat", "q4", Stance::take_care, "", ""}};
  const SettingRow row = settings(f).at(0);
  EXPECT_EQ(row.variant, "q8");
  EXPECT_EQ(row.concurrency, 8);
  EXPECT_EQ(row.because, "bf16 misses the budget at this load, where no difference in throughput is shown between the two, nor one in p95; of bf16 and what may be served instead, the highest throughput whose p95 meets the budget (it has no interval)");
  f.recommendations[0].rule = "mixed";
  EXPECT_EQ(settings(f).at(0).variant, "q4") << "to be served only where it gains";
  f.recommendations[0].rule = "", f.recommendations[1].rule = "";
  Rivalry even{"q4", "q8", {}}, ahead{"q4", "q8", {}};
  even.tok_s.verdict = Verdict::not_distinguishable, ahead.tok_s.verdict = Verdict::faster;
  f.workloads[0].points[1].candidates[1].tok_s.verdict = Verdict::not_distinguishable, f.workloads[0].points[1].candidates[1].cell = cell("q4", 430, 2900);
  f.workloads[0].points[1].rivalries = {even}, f.workloads[0].points[0].rivalries = {ahead};
  EXPECT_EQ(settings(f).at(0).variant, "q4") << "as page one names them";
  f.workloads = {w};
  f.workloads[0].points[1].baseline.p95_ms = measured_as(2990);   // meets it too, and nobody is called faster: it stays
  EXPECT_EQ(settings(f).at(0).variant, "bf16");
}

TEST(Advise, AFirstTokenThatComesLaterIsSaid) {
  Candidate c;
  c.cell.variant = "q4", c.tok_s.value = measured_as(0.2), c.tok_s.verdict = Verdict::faster;
  c.ttft_p95.value = measured_as(1.065), c.ttft_p95.verdict = Verdict::slower;
  WorkloadComparison w;
  w.workload.name = "chat";
  w.points.push_back({16, {}, {c}, {}});
  Findings f;
  f.workloads = {w};
  const StudyData d = test::two_blocks({1100}, {1000});
  EXPECT_EQ(recommend(d, f).at(0).rule, "faster-first-token-later");
  EXPECT_NE(recommend(d, f).at(0).because.find("but its first token comes later (TTFT p95 +106.5 % at concurrency 16); "), std::string::npos) << recommend(d, f).at(0).because;
  f.workloads[0].points[0].candidates[0].tok_s.verdict = Verdict::not_distinguishable;
  f.workloads[0].points[0].baseline.tok_s = measured_as(100);
  EXPECT_NE(recommend(d, f).at(0).because.find("not distinguishable at concurrency 16, and its first token comes later (TTFT p95 +106.5 % at concurrency 16)"), std::string::npos) << recommend(d, f).at(0).because;
  f.workloads[0].points[0].candidates[0].ttft_p95.verdict = Verdict::unknown;   // too few requests for a p95's interval
  f.workloads[0].points[0].candidates[0].ttft_mean.value = measured_as(0.279), f.workloads[0].points[0].candidates[0].ttft_mean.verdict = Verdict::slower;
  EXPECT_THAT(recommend(d, f).at(0).because, HasSubstr("and its first token comes later (mean TTFT +27.9 % at concurrency 16)"));
}

TEST(Advise, OfFewAnswersALossIsToldForWhatItIs) {
  Candidate c;
  c.cell.variant = "q4", c.tok_s.value = measured_as(0.2), c.tok_s.verdict = Verdict::faster;
  WorkloadComparison w;
  w.workload.name = "chat";
  w.points.push_back({16, {}, {c}, {}});
  Findings f;
  f.workloads = {w};
  QualityBound b;
  b.variant = "q4", b.items = 9, b.lost = 1, b.verdict = QualityVerdict::inconclusive;
  f.bounds = {b};
  const StudyData d = test::two_blocks({1100}, {1000});
  EXPECT_EQ(recommend(d, f).at(0).rule, "faster-unchecked");
  EXPECT_THAT(recommend(d, f).at(0).because, HasSubstr("of 9 graded answers 1 was lost and 0 gained, too few to tell"));
  f.bounds[0].lost = 9, f.bounds[0].verdict = QualityVerdict::inferior;
  EXPECT_EQ(recommend(d, f).at(0).rule, "quality-inferior");
  EXPECT_THAT(recommend(d, f).at(0).because, testing::Not(HasSubstr("too few to tell")));
}

TEST(Advise, ALatencyThatIsLaterIsHeldAgainstTheBaselinesOwn) {
  Candidate c, again;
  c.cell.variant = "q4", c.tok_s.value = measured_as(0.2), c.tok_s.verdict = Verdict::faster;
  c.ttft_mean.value = measured_as(0.211), c.ttft_mean.verdict = Verdict::slower;
  c.p95.value = measured_as(0.1), c.p95.verdict = Verdict::slower;
  again.ttft_mean.value = measured_as(0.02), again.ttft_mean.value.widen_to(-0.304, 0.358), again.p95.value = measured_as(0.01), again.p95.value.widen_to(-0.05, 0.05);
  WorkloadComparison w;
  w.workload.name = "chat";
  w.points.push_back({16, {}, {c}, again});
  Findings f;
  f.workloads = {w};
  const StudyData d = test::two_blocks({1100}, {1000});
  const auto because = [&] { return recommend(d, f).at(0).because; };
  EXPECT_THAT(because(), HasSubstr("its p95 latency changes by +10.0 % at concurrency 16, and its first token comes later (mean TTFT +21.1 % at concurrency 16, no more than the plus or minus 33.1 % of the baseline against itself at concurrency 16)"));
  f.workloads[0].points[0].candidates[0].ttft_mean.value.value = 0.34;
  EXPECT_THAT(because(), HasSubstr("(mean TTFT +34.0 % at concurrency 16)"));
}

TEST(Advise, TheBaselinesRepeatIsHeldAgainstItsFirstAnswers) {
  StudyData d = test::two_blocks({1100}, {1000});
  EXPECT_EQ(judge(d).repeat.items, 0);
  d.answers.clear();
  for (const auto& [item, first, second] : {std::tuple{"a", 1.0, 0.0}, {"b", 1.0, 1.0}, {"c", 0.0, 1.0}, {"d", 0.6, 0.5}, {"e", 0.9, 0.1}}) d.answers.push_back(answer("bf16", item, first)), d.answers.push_back(answer("bf16", item, second, 1));
  const QualityBound repeat = judge(d).repeat;
  EXPECT_EQ(repeat.variant, "bf16");
  EXPECT_EQ(repeat.items, 5);
  EXPECT_EQ(repeat.lost, 2);
  EXPECT_EQ(repeat.gained, 1);
}

TEST(Advise, ABaselineThatOnePointLacksIsNotMissing) {
  StudyData d = test::two_blocks({1100}, {1000});
  d.study.workloads[0].concurrency = {1, 8};                      // cut short before it was visited at 8
  EXPECT_EQ(only(judge(d)).rule, "not-measured");
}

TEST(Advise, WhatHasNoIntervalSaysWhy) {
  const StudyData one = test::two_blocks({1100}, {1000});
  EXPECT_EQ(only(judge(one)).rule, "not-measured");
  EXPECT_NE(only(judge(one)).because.find("no verdict can be given: fewer than two blocks hold both variants"), std::string::npos) << only(judge(one)).because;
}

bool has_step(const std::vector<NextStep>& steps, const std::string& title) {
  return std::ranges::any_of(steps, [&](const NextStep& s) { return s.title == title; });
}

TEST(NextSteps, BlocksAreThoseThatWereRun) {
  StudyData d = test::two_blocks({1100, 1000}, {1000, 1100});
  d.study.blocks = 4;
  const auto steps = judge(d).next_steps;
  const auto at = std::ranges::find(steps, std::string("Run more blocks where it matters"), &NextStep::title);
  ASSERT_NE(at, steps.end());
  EXPECT_EQ(at->because, "1 comparison of throughput is not distinguishable with 2 blocks; twice as many make the intervals about a fifth as wide.");
}

TEST(NextSteps, FollowFromTheData) {
  const StudyData d = test::two_blocks({1100, 1100}, {1000, 1000});
  Findings f;
  EXPECT_FALSE(has_step(next_steps(d, f), "Finish this study"));
  EXPECT_TRUE(has_step(next_steps(d, f), "Check quality"));
  EXPECT_TRUE(has_step(next_steps(d, f), "Measure longer contexts (4k, 8k, 16k)"));
  EXPECT_TRUE(has_step(next_steps(d, f), "Repeat the study on the GPU you would rent"));
  f.complete = false;
  EXPECT_TRUE(has_step(next_steps(d, f), "Finish this study"));
  QualityBound near, wide;
  near.variant = "q8", near.items = 30, near.items_needed = 100, wide.variant = "q4", wide.items = 30, wide.items_needed = 900;
  f.bounds = {near, wide};
  EXPECT_FALSE(has_step(next_steps(d, f), "Check quality"));
  const auto evaluation = [&] {
    for (const NextStep& each : next_steps(d, f))
      if (each.title == "Run a proper evaluation benchmark") return each.because;
    return std::string("no such step");
  };
  EXPECT_THAT(evaluation(), AllOf(HasSubstr("inconclusive for q8 and q4: if q4 truly loses nothing, about 900 graded items are needed"), HasSubstr("; MMLU (14042) and GSM8K (1319) have that many."), Not(HasSubstr("far fewer"))));
  f.bounds[1].difference_pp = measured_as(-3.1);
  EXPECT_THAT(evaluation(), HasSubstr("have that many. A loss as large as the one seen here would show in far fewer."));
  f.bounds[1].difference_pp = measured_as(-2.9);
  f.bounds[1].items_needed = 1320;
  EXPECT_THAT(evaluation(), HasSubstr("; MMLU (14042) has that many."));
  f.bounds[1].items_needed = 20000;
  EXPECT_THAT(evaluation(), HasSubstr("; neither MMLU nor GSM8K has that many, so take several together, or a wider margin."));
}

TEST(NextSteps, RandomWeightsAskForTheRealOnesAndLongPromptsForNoLongerOnes) {
  StudyData d = test::two_blocks({1100, 1100}, {1000, 1000});
  d.variants = {facts("bf16", 200, 1000, 100)};
  d.variants[0].proof = {{"load_format", "dummy", "log"}};
  Findings f;
  WorkloadComparison w;
  w.points.push_back({});
  w.points[0].baseline.mean_prompt = 4096;
  f.workloads = {w};
  EXPECT_TRUE(has_step(next_steps(d, f), "Repeat it with the real weights"));
  EXPECT_FALSE(has_step(next_steps(d, f), "Check quality"));
  EXPECT_FALSE(has_step(next_steps(d, f), "Measure longer contexts (4k, 8k, 16k)"));
}

TEST(Advise, ContextsBeyondTheModelsOwnAreNoNextStep) {
  StudyData d = test::two_blocks({1100}, {1000});
  EXPECT_TRUE(has_step(next_steps(d, {}), "Measure longer contexts (4k, 8k, 16k)"));
  d.variants = {facts("bf16", 200, 1000, 100), facts("q4", 100, 1000, 100)};
  d.variants[1].model_context = 8192;
  EXPECT_TRUE(has_step(next_steps(d, {}), "Measure longer contexts (4k)"));
  d.variants[1].model_context = 2048;
  EXPECT_TRUE(std::ranges::none_of(next_steps(d, {}), [](const NextStep& s) { return s.title.starts_with("Measure longer contexts"); }));
}

TEST(Advise, AGainOverTheBudgetAsksForACheckToo) {
  StudyData d = test::two_blocks({1100, 1100}, {1000, 1000});
  d.study.workloads[0].p95_budget_ms = 500;
  Findings f = judge(d);
  for (PointComparison& p : f.workloads[0].points)
    for (Candidate& c : p.candidates) c.tok_s.verdict = Verdict::faster, c.tok_s.value = measured_as(0.5);
  f.bounds = {{}};
  f.bounds[0].variant = "q4", f.bounds[0].items = 34, f.bounds[0].lost = 4;
  EXPECT_THAT(recommend(d, f).at(0).because, testing::EndsWith("Serve it with shorter answers, or on faster hardware, and check it on your own tasks first."));
  f.bounds[0].lost = 1;
  EXPECT_THAT(recommend(d, f).at(0).because, testing::EndsWith("Serve it with shorter answers, or on faster hardware."));
  for (PointComparison& p : f.workloads[0].points) p.concurrency = 8;
  EXPECT_THAT(recommend(d, f).at(0).because, testing::EndsWith("Serve it at a lower load, or on faster hardware."));
}

TEST(Advise, ABudgetThatNothingMeetsIsSaid) {
  StudyData d = test::two_blocks({1100, 1100}, {1000, 1000});
  d.study.workloads[0].p95_budget_ms = 500;
  const Findings f = judge(d);
  EXPECT_EQ(*f.settings[0].met, false);
  EXPECT_NE(f.settings[0].because.find("no setting measured meets the p95 budget"), std::string::npos);
  EXPECT_TRUE(f.settings[0].none_meets);
  d.study.workloads[0].p95_budget_ms = 1e6;
  EXPECT_FALSE(judge(d).settings[0].none_meets);
}

TEST(Advise, AMissingTrialMakesTheStudyIncomplete) {
  StudyData d = test::two_blocks({1100, 1100}, {1000, 1000});
  EXPECT_TRUE(judge(d).complete);
  d.planned_trials = 5;
  EXPECT_FALSE(judge(d).complete);
}

}  // namespace
}  // namespace qc
