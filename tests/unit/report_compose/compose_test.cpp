// What the report says, held against studies whose figures were chosen by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <regex>
#include <set>
#include <sstream>

#include "golden/report_compose/cases.h"
#include "report/ranking.h"
#include "report/report.h"
#include "unit/report_compose/document_text.h"

namespace qc::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Document document(const Case& c) { return compose(c.data, c.findings); }

std::string finding_of(const Case& c, const std::string& section_id, std::size_t n) { return findings_of(section(document(c), section_id)).at(n); }

TEST(Compose, SectionsStandInTheOrderOfTheForm) {
  std::vector<std::string> titles;
  for (const Section& s : document(clear_win()).sections) titles.push_back(s.title);
  EXPECT_THAT(titles, testing::ElementsAre("In short", "1. Setup", "2. VRAM comparison (on this CPU: resident memory)", "3. Chat workload", "4. Batch workload",
                                           "5. Quality sanity check", "6. Cost analysis", "7. Recommendations", "8. Methodology and reproducibility", "9. Next steps",
                                           "10. What I learned about quantization vs BF16 on a small GPU (here: a CPU that shows the method)"));
}

TEST(Compose, OtherWorkloadsGetTheirOwnSections) {
  const Document d = document(gpu_of_three_workloads());
  EXPECT_EQ(d.title, "Quantization vs BF16 on NVIDIA RTX 2000 Ada Generation, 16 GiB");
  EXPECT_EQ(section(d, "vram").title, "2. VRAM comparison");
  EXPECT_EQ(section(d, "workload-agents").title, "5. Agents workload");
  EXPECT_EQ(section(d, "closing").title, "11. What I learned about quantization vs BF16 on a small GPU");
  for (const Section& s : d.sections) EXPECT_THAT(prose(s), Not(HasSubstr("q4_0"))) << s.id;
}

TEST(Compose, ChatFindingFollowsFromTheFigures) {
  // Ratios 1.54, 1.27, 1.18: +54.0, +27.0, +18.0 %; latencies 1 / ratio - 1: -35.1, -21.3, -15.3 %.
  const std::string win = finding_of(clear_win(), "workload-chat", 1);
  EXPECT_THAT(win, HasSubstr("**q4_0 is faster than bf16 at every concurrency**, by 18.0 % (concurrency 16) to 54.0 % (concurrency 1)."));
  EXPECT_THAT(win, HasSubstr("**The p95 latency of q4_0 is lower than bf16's at every concurrency**, by 15.3 % (concurrency 16) to 35.1 % (concurrency 1)."));
  EXPECT_THAT(win, HasSubstr("The p95 budget of 3000 ms holds at concurrency 1 and is missed at 8 and 16 with either model."));
  EXPECT_THAT(finding_of(clear_loss(), "workload-chat", 0), HasSubstr("**q8_0 is slower than bf16 at every concurrency**, by 5.0 % (concurrency 1) to 10.0 % (concurrency 16)."));
  EXPECT_THAT(finding_of(mixed(), "workload-chat", 0),
              HasSubstr("q8_0 is faster than bf16 at concurrency 1 (+16.5 %), slower at concurrency 16 (-9.8 %) and not distinguishable from it at concurrency 8."));
  EXPECT_THAT(finding_of(indistinguishable(), "workload-chat", 0),
              HasSubstr("**No difference in throughput between q8_0 and bf16 can be distinguished** at any concurrency; this run could have seen one of 3.1 % at each of them."));
  EXPECT_THAT(finding_of(drifted(), "workload-chat", 0), StartsWith("**The verdicts of this workload are withheld.** The baseline against itself at concurrency 8 differs by -6.1 %."));
  EXPECT_THAT(finding_of(candidate_died(), "workload-chat", 1), StartsWith("**There are no figures for q4_0 here**: the server of q4_0 ended: exit code 1 (error: failed to load model"));
  EXPECT_THAT(finding_of(one_block(), "workload-chat", 0), StartsWith("The throughput of q8_0 can't be judged against bf16's: fewer than two blocks hold both variants."));
}

TEST(Compose, OneFailureWasNotTwo) {
  const std::string text = prose(section(document(mixed()), "workload-chat"));
  EXPECT_THAT(text, HasSubstr("**3 requests failed** and are in no latency figure"));
  EXPECT_THAT(prose(section(document(mixed()), "workload-batch")), HasSubstr("1 visit was left out as invalid"));
  EXPECT_THAT(prose(section(document(clear_win()), "workload-chat")), HasSubstr("none failed. Every visit was valid."));
}

TEST(Compose, FourOutcomesGiveFourTexts) {
  for (const char* id : {"summary", "workload-chat", "workload-batch", "quality", "cost", "recommendations", "closing"}) {
    std::set<std::string> texts;
    for (const Case& c : four_cases()) texts.insert(prose(section(document(c), id)));
    EXPECT_EQ(texts.size(), 4u) << id;
  }
}

TEST(Compose, FasterIsSaidOnlyWhereTheVerdictIs) {
  for (const char* id : {"summary", "workload-chat", "workload-batch", "cost", "closing"}) {
    const std::string text = prose(section(document(indistinguishable()), id));
    EXPECT_THAT(text, Not(HasSubstr(" is faster"))) << id;
    EXPECT_THAT(text, Not(HasSubstr(" is slower"))) << id;
    EXPECT_THAT(text, Not(HasSubstr("less for"))) << id;
  }
  EXPECT_THAT(prose(section(document(drifted()), "workload-chat")), Not(HasSubstr(" is faster")));
  EXPECT_THAT(prose(section(document(drifted()), "workload-chat")), AllOf(HasSubstr("is no noise floor: the machine drifted."), Not(HasSubstr("that is the noise floor"))));
}

TEST(Compose, TheControlStandsUnderEveryDeltaTable) {
  for (const Case& c : four_cases())
    for (const char* id : {"workload-chat", "workload-batch"}) {
      int with_control = 0;
      for (const Table& t : all_of_kind<Table>(section(document(c), id)))
        with_control += t.header.back() == "Delta% [95 % interval]" && t.rows.back().front().find("A/A: bf16 again") != std::string::npos;
      EXPECT_EQ(with_control, 4) << c.name << " " << id;   // throughput and TTFT, two candidates
    }
}

TEST(Compose, NotDistinguishableComesWithTheSmallestDifference) {
  const Table t = all_of_kind<Table>(section(document(indistinguishable()), "workload-chat")).front();
  EXPECT_EQ(t.rows[0][3], "+0.4 % [-2.7, +3.5], not distinguishable (could see 3.1 %)");
}

// Each number of a verdict in words stands on an "n/a (k)" with "(k) reason" at the foot, or says its reason itself.
void expect_reasons(const Case& c, const Section& s) {
  static const std::regex numbered(R"(n/a \((\d+)\))");
  for (std::size_t i = 0; i < s.blocks.size(); ++i) {
    const Table* t = std::get_if<Table>(&s.blocks[i]);
    if (!t) continue;
    const Paragraph* foot = i + 1 < s.blocks.size() ? std::get_if<Paragraph>(&s.blocks[i + 1]) : nullptr;
    const std::string notes = foot && foot->text.starts_with("Notes:") ? foot->text : "";
    for (const auto& row : t->rows) {
      ASSERT_EQ(row.size(), t->header.size()) << c.name << " " << t->caption;
      for (const Inline& cell : row) {
        EXPECT_NE(cell, "") << c.name << " " << t->caption;
        for (std::sregex_iterator m(cell.begin(), cell.end(), numbered), end; m != end; ++m)
          EXPECT_THAT(notes, HasSubstr("(" + (*m)[1].str() + ") ")) << c.name << " " << t->caption;
        if (cell.find("n/a") == std::string::npos || std::regex_search(cell, numbered)) continue;
        EXPECT_THAT(cell, HasSubstr("n/a: ")) << c.name << " " << t->caption;
      }
    }
  }
}

TEST(Compose, EveryNaHasItsReason) {
  for (const Case& c : every_case())
    for (const Section& s : document(c).sections) {
      expect_reasons(c, s);
      EXPECT_FALSE(s.blocks.empty()) << c.name << " " << s.id;
    }
}

TEST(Compose, ABaselineWithoutARightAnswerShowsNoQuality) {
  Case c = clear_win();
  for (QualityRow& r : c.findings.quality) r.issue = "none seen";
  for (QualityBound& b : c.findings.bounds) b.baseline_score = 0, b.items = 34, b.verdict = QualityVerdict::inconclusive;
  const std::string text = prose(section(document(c), "quality"));
  EXPECT_THAT(text, AllOf(HasSubstr("**The baseline itself had no graded answer right**"), HasSubstr("These answers say nothing of quality"), Not(HasSubstr("No issue was seen")), Not(HasSubstr("can show a collapse"))));
  EXPECT_THAT(prose(section(document(c), "closing")), HasSubstr("As for quality, bf16 itself had no graded answer right, so this run can't say that answers stay right."));
  const Card bound = all_of_kind<Cards>(section(document(c), "summary")).at(0).cards.back();
  EXPECT_EQ(bound.stance, "not known for q8_0 and q4_0");
  EXPECT_THAT(bound.text, StartsWith("For q8_0 there is no bound: bf16 itself had none of the graded answers right, so none could be lost."));
  c.findings.bounds[0].baseline_score = 0.1;
  EXPECT_THAT(prose(section(document(c), "quality")), HasSubstr("No issue was seen"));
}

TEST(Compose, ClosingHolds150To300WordsInEveryOutcome) {
  for (const Case& c : every_case()) {
    std::istringstream words(prose(section(document(c), "closing")));
    const auto n = std::distance(std::istream_iterator<std::string>(words), {});
    EXPECT_GE(n, 150) << c.name;
    EXPECT_LE(n, 300) << c.name;
  }
}

// Seen on a CPU: another candidate for each workload, of which one gains at low load only; the closing had 310 words.
TEST(Compose, ClosingKeepsToItsLengthWhereEachWorkloadNamesAnother) {
  Case c = clear_win();
  for (Recommendation& r : c.findings.recommendations) r.stance = Stance::take_care, r.for_memory = r.workload == "batch", r.visibly_changed = (r.workload == "chat") == (r.variant == "q4_0");
  for (QualityBound& b : c.findings.bounds) b.verdict = QualityVerdict::inconclusive, b.divergence->top1_agreement = b.variant == "q4_0" ? 0.676 : 0.955;
  WorkloadComparison& chat = c.findings.workloads[0];
  for (Candidate& x : chat.points.back().candidates) x.tok_s.verdict = Verdict::slower, x.tok_s.value.value = -0.1, x.tok_s.value.lo = -0.2, x.tok_s.value.hi = -0.05;
  for (CostRow& r : c.findings.costs)
    if (r.workload == "chat" && !r.baseline && r.concurrency == chat.points.back().concurrency) r.verdict = Verdict::slower, r.saving.value = -0.1, r.saving.lo = -0.2, r.saving.hi = -0.05;
  for (SettingRow& s : c.findings.settings)
    if (s.workload == "chat") s.variant = "q8_0", s.concurrency = chat.points.front().concurrency;
  const std::string closing = prose(section(document(c), "closing"));
  std::istringstream words(closing);
  const auto n = std::distance(std::istream_iterator<std::string>(words), {});
  EXPECT_TRUE(n >= 150 && n <= 300) << n << ": " << closing;
  EXPECT_THAT(closing, AllOf(HasSubstr("try q8_0 for chat on your own task first and take q4_0 for batch only where memory is short"), HasSubstr("10.0 % more for chat at concurrency 16 with q8_0"),
                             HasSubstr("less for chat at concurrency 1 with q8_0"), HasSubstr("In chat with q8_0 load turns the gain into a loss.")));
}

std::size_t sentences(const std::string& text) {
  static const std::regex end(R"([.!?](\*\*)?( |$))");
  return static_cast<std::size_t>(std::distance(std::sregex_iterator(text.begin(), text.end(), end), {}));
}

TEST(Compose, EveryKeyFindingIsOfTwoOrThreeSentences) {
  for (const Case& c : every_case())
    for (const Section& s : document(c).sections)
      for (const std::string& text : findings_of(s)) {
        EXPECT_GE(sentences(text), 2u) << c.name << ": " << text;
        EXPECT_LE(sentences(text), 3u) << c.name << ": " << text;
      }
}

TEST(Compose, TheSampleModelAndTheCpuAreNamedForWhatTheyAre) {
  const std::string setup = prose(section(document(mixed()), "setup"));
  EXPECT_THAT(setup, HasSubstr("not the publisher's original BF16"));
  EXPECT_THAT(setup, HasSubstr("This ran on a CPU"));
  EXPECT_THAT(setup, HasSubstr("Answers of 64 tokens for chat and 96 tokens for batch are asked for here, not of 128 and 256"));
  EXPECT_THAT(setup, Not(HasSubstr("/models/")));
  const std::string gpu = prose(section(document(gpu_of_three_workloads()), "setup"));
  EXPECT_THAT(gpu, Not(HasSubstr("This ran on a CPU")));
  EXPECT_THAT(prose(section(document(clear_win()), "setup")), Not(HasSubstr("are asked for here")));
}

TEST(Compose, TheBoundClaimsNoMoreThanItsInterval) {
  EXPECT_THAT(finding_of(clear_win(), "quality", 1), StartsWith("Of 400 graded items q8_0 loses 1 and gains 2; q4_0 loses 2 and gains 2. "));
  EXPECT_THAT(finding_of(clear_win(), "quality", 1), HasSubstr("**q4_0 is not inferior** within the margin of 1 pp: the difference is 0.0 pp [-0.9, +0.9]."));
  EXPECT_THAT(finding_of(clear_loss(), "quality", 1), HasSubstr("**q4_0 is worse** by more than the margin of 1 pp: the difference is -11.0 pp [-14.4, -7.7]."));
  EXPECT_THAT(prose(section(document(mixed()), "quality")), HasSubstr("A true loss of up to 49.0 pp for q8_0 and 69.9 pp for q4_0 can't be ruled out by them."));
}

TEST(Compose, TheAssessmentTellsWhatNobodyGraded) {
  const auto told = [](const Case& c) { return prose(section(document(c), "quality")); };
  Case c = clear_loss();
  for (QualityBound& b : c.findings.bounds) b.verdict = b.variant == "q4_0" ? QualityVerdict::inferior : QualityVerdict::unknown;
  EXPECT_THAT(told(c), AllOf(HasSubstr("**q4_0 gives worse answers than bf16, by more than the margin of 1 pp**"), HasSubstr(" Of q8_0 nothing can be said. Do not use q4_0")));
  for (QualityBound& b : c.findings.bounds) b.verdict = QualityVerdict::unknown;
  EXPECT_THAT(told(c), HasSubstr("No answer was graded for both models, so this run bounds no loss of quality."));
}

TEST(Compose, SavingsAtLowerLoadAreToldAsTheyStand) {
  const auto told = [](Case c, Verdict verdict) {
    for (CostRow& r : c.findings.costs)
      if (!r.baseline) r.verdict = verdict;
    return prose(section(document(c), "cost"));
  };
  EXPECT_THAT(told(clear_win(), Verdict::withheld), HasSubstr("At lower load no saving is shown; where the machine drifted, the verdict is withheld."));
  EXPECT_THAT(told(clear_win(), Verdict::not_distinguishable), HasSubstr("At lower load no saving stands clear of the noise."));
  EXPECT_THAT(told(clear_win(), Verdict::faster), AllOf(HasSubstr("The largest saving of this table is that for "), Not(HasSubstr("At lower load no saving"))));
}

TEST(Compose, LoadMakesTokensDearerOnlyWhereAPriceLiesWhollyAboveTheBest) {
  Case c = clear_win();
  const auto price = [&](const std::string& workload, int concurrency, double usd, double width) {
    for (CostRow& r : c.findings.costs)
      if (r.baseline && r.workload == workload && r.concurrency == concurrency) r.usd_per_1m_output.value = usd, r.usd_per_1m_output.lo = usd - width, r.usd_per_1m_output.hi = usd + width;
  };
  const auto told = [&] { return finding_of(c, "cost", 1); };
  for (const int concurrency : {1, 8, 16}) price("chat", concurrency, 2.0 / concurrency, 0.01);
  price("batch", 16, 0.101, 0.002), price("batch", 32, 0.100, 0.002);
  EXPECT_THAT(told(), HasSubstr("bf16's tokens cost more for chat at concurrency 1 and 8 than at its best load: fewer tokens share the price of the same hour; for batch that can't be told."));
  price("chat", 8, 0.125, 0.01);                             // one load of two is wholly above the best, and that is said of that one
  EXPECT_THAT(told(), HasSubstr("bf16's tokens cost more for chat at concurrency 1 than at its best load"));
  price("chat", 1, 0.1, 0.001), price("chat", 8, 0.2, 0.01), price("chat", 16, 0.2, 0.01);   // the lightest load is the best: nothing waits at 8
  EXPECT_THAT(told(), HasSubstr("bf16's tokens cost more for chat at concurrency 8 than at its best load; for batch"));
  price("chat", 1, 10.0, 9.9), price("chat", 8, 0.124, 0.01), price("chat", 16, 0.125, 0.01);   // dear, but no one knows how much
  EXPECT_THAT(told(), HasSubstr("Whether bf16's tokens cost more here than at its best load can't be told."));
  for (const int concurrency : {1, 8, 16}) price("chat", concurrency, 1.0, 0.2);
  EXPECT_THAT(told(), HasSubstr("bf16's tokens cost no more here than at full load for chat; for batch that can't be told."));
  price("batch", 16, 0.099, 0.002);
  EXPECT_THAT(told(), HasSubstr("bf16's tokens cost no more here than at full load: this hardware is busy already."));
}

TEST(Compose, TheClosingTellsAFirstTokenThatComesLater) {
  Case c = clear_win();
  const auto closing = [&] { return prose(section(document(c), "closing")); };
  EXPECT_THAT(closing(), Not(HasSubstr("first token comes later")));
  for (PointComparison& p : c.findings.workloads[0].points)
    for (Candidate& x : p.candidates) x.ttft_p95.verdict = Verdict::slower, x.ttft_p95.value.value = 0.01 * p.concurrency;
  EXPECT_THAT(closing(), HasSubstr("falls by 15.3 % at concurrency 16; its first token comes later (TTFT p95 +16.0 % at concurrency 16)."));
}

TEST(Compose, PageOneTellsABudgetThatNothingMeetsOnce) {
  const auto card = [](const Case& c) { return all_of_kind<Cards>(section(document(c), "summary")).at(0).cards[0].text; };
  Case c = clear_win();
  for (Recommendation& r : c.findings.recommendations) r.tells_budget = false;
  SettingRow& chat = *std::ranges::find(c.findings.settings, std::string("chat"), &SettingRow::workload);
  chat.met = true;
  EXPECT_THAT(card(c), Not(HasSubstr("No setting that can be recommended")));
  chat.met = false, chat.p95_ms.value = 4000;   // over it: a missed budget beside a p95 within it means failed requests
  EXPECT_THAT(card(c), HasSubstr(" No setting that can be recommended meets the p95 budget of 3000 ms."));
  chat.none_meets = true;
  EXPECT_THAT(card(c), HasSubstr(" No setting measured meets the p95 budget of 3000 ms."));
  for (Recommendation& r : c.findings.recommendations) r.tells_budget = r.variant == "q4_0";
  EXPECT_THAT(card(c), Not(HasSubstr("No setting")));
}

TEST(Compose, AModelForMemoryAloneIsNoneToTryFirst) {
  Case c = clear_win();
  for (Recommendation& r : c.findings.recommendations) r.stance = Stance::take_care, r.for_memory = r.workload == "batch";
  const std::string who = leading_candidate(c.data, c.findings);
  EXPECT_THAT(prose(section(document(c), "closing")), HasSubstr(fmt::format("**Only with care**: try {0} for chat on your own task first and take {0} for batch only where memory is short.", who)));
  for (Recommendation& r : c.findings.recommendations) r.for_memory = true;
  EXPECT_THAT(prose(section(document(c), "closing")), HasSubstr(fmt::format("**Only with care**: take {} for chat and batch only where memory is short.", who)));
}

TEST(Compose, PageOneSaysThatMemoryAloneSpeaksForAModel) {
  Case c = clear_win();
  for (Recommendation& r : c.findings.recommendations) r.stance = Stance::take_care, r.for_memory = r.workload == "batch";
  const auto cards = all_of_kind<Cards>(section(document(c), "summary")).at(0).cards;
  const std::string who = ranked(c.findings, "batch").front()->variant;
  EXPECT_EQ(cards[0].stance, "take care with " + ranked(c.findings, "chat").front()->variant);
  EXPECT_EQ(cards[1].stance, fmt::format("take care: {} only where memory is short, else bf16", who));
}

TEST(Compose, AmongThoseThatAreAlikeAtTheTopTheOtherLoadsDecideWhoIsNamed) {
  Case c = clear_win();
  EXPECT_EQ(ranked(c.findings, "chat").front()->variant, "q4_0");
  auto& points = c.findings.workloads[0].points;
  const auto rivalry = [](Verdict verdict) {
    Rivalry r{"q8_0", "q4_0", {}};
    r.tok_s.verdict = verdict;
    return std::vector{r};
  };
  points.back().rivalries = rivalry(Verdict::not_distinguishable);
  EXPECT_EQ(ranked(c.findings, "chat").front()->variant, "q4_0");
  points.front().rivalries = rivalry(Verdict::faster);
  EXPECT_EQ(ranked(c.findings, "chat").front()->variant, "q8_0");
  points.back().rivalries = rivalry(Verdict::slower);
  EXPECT_EQ(ranked(c.findings, "chat").front()->variant, "q4_0");
  points.back().rivalries = rivalry(Verdict::faster);
  EXPECT_EQ(ranked(c.findings, "chat").front()->variant, "q4_0") << "its gain over the baseline is the larger one";
  for (Candidate& x : points.back().candidates) x.tok_s.verdict = Verdict::not_distinguishable;
  EXPECT_EQ(ranked(c.findings, "chat").front()->variant, "q8_0") << "neither can be told from the baseline, and one is faster than the other";
  points.back().rivalries[0].of = "q4_0", points.back().rivalries[0].against = "q8_0", points.front().rivalries.clear();
  EXPECT_EQ(ranked(c.findings, "chat").front()->variant, "q4_0") << "though the study names it second";
}

// Seen on a CPU: page one named one that memory alone speaks for, the settings another that gains.
TEST(Compose, OneThatGainsStandsBeforeOneThatMemoryAloneSpeaksFor) {
  Case c = clear_win();
  for (Recommendation& r : c.findings.recommendations) r.stance = Stance::take_care, r.for_memory = r.variant == "q4_0";
  EXPECT_EQ(ranked(c.findings, "batch").front()->variant, "q8_0");   // q4_0 gains more, and saves more
}

// Seen on a card: the one that saves most was named first though its first token came twice as late.
TEST(Compose, ForMemoryAloneOneThatComesLaterIsNotNamedFirst) {
  Case c = clear_win();
  for (Recommendation& r : c.findings.recommendations) r.stance = Stance::take_care, r.for_memory = true;
  EXPECT_EQ(ranked(c.findings, "chat").front()->variant, "q4_0");
  for (Recommendation& r : c.findings.recommendations) r.comes_later = r.variant == "q4_0";
  EXPECT_EQ(ranked(c.findings, "chat").front()->variant, "q8_0");
  EXPECT_THAT(all_of_kind<Cards>(section(document(c), "summary")).at(0).cards[0].text, HasSubstr("66.6 % less, but its answers come later."));
}

TEST(Compose, AModelIsNamedAsItIsServed) {
  Case c = clear_win();
  const auto names = [&] { return prose(section(document(c), "summary")); };
  Variant& v = c.data.study.variants[1];
  v.local = false, v.model.clear();
  for (VariantFacts& f : c.data.variants)
    if (f.variant == v.name) f.settings.emplace_back("served as", "org/model-q8");
  EXPECT_THAT(names(), HasSubstr(", `org/model-q8`)"));
  v.model = "alias";
  EXPECT_THAT(names(), HasSubstr(", `alias, served as org/model-q8`)"));
}

TEST(Compose, ATableOfAnswersThatEndEarlyDoesNotCallThemWhole) {
  Case c = clear_win();
  EXPECT_THAT(to_markdown(document(c)), HasSubstr("q8_0 against bf16, 128 output tokens a request"));
  CellFigures& cell = c.findings.workloads[0].points[0].candidates[0].cell;
  cell.ended_by_model = true, cell.shortest_output = 12;
  EXPECT_THAT(to_markdown(document(c)), HasSubstr("q8_0 against bf16, up to 128 output tokens a request"));
}

TEST(Compose, WhatIsSaidOfTheFirstAndHoldsForAnotherIsNotSaidAgain) {
  Case c = clear_win();
  for (Recommendation& r : c.findings.recommendations) r.stance = Stance::undecided, r.because = "No verdict: the machine drifted.";
  EXPECT_THAT(all_of_kind<Cards>(section(document(c), "summary")).at(0).cards[0].text, HasSubstr("No verdict: the machine drifted. **q8_0: not decided, likewise.**"));
}

TEST(Compose, AVerdictThatUnlikeAnswersForbidIsNoneInTablesAndInMoney) {
  Case c = clear_win();
  Delta& d = c.findings.workloads[0].points[2].candidates[1].tok_s;
  d.verdict = Verdict::unknown, d.no_verdict = "its answers are 60.0 tokens long on average and the baseline's 128.0: in tokens a second it is slower, in requests a second faster";
  for (CostRow& r : c.findings.costs)
    if (!r.baseline && (r.workload == "chat" ? r.variant == "q4_0" || r.concurrency < 16 : r.concurrency < 32)) r.verdict = Verdict::unknown, r.no_verdict = d.no_verdict;
  const std::string all = to_markdown(document(c));
  EXPECT_THAT(all, HasSubstr("in requests a second faster"));
  EXPECT_THAT(all, HasSubstr("q8_0 costs 7.4 % less than bf16 and the saving of q4_0 is not judged, since answers are of unlike length"));
  EXPECT_THAT(all, testing::ContainsRegex("conc=16 [^\n]*, no verdict \\([0-9]+\\)"));
  EXPECT_THAT(all, HasSubstr("At lower load no saving is shown; where answers are of unlike length, none is judged."));
  EXPECT_THAT(summary_json(c.data, c.findings), HasSubstr("\"no_verdict\": \"its answers are 60.0 tokens"));
}

TEST(Compose, ForMemoryAloneTheOneThatSavesMostIsNamed) {
  Case c = clear_win();
  for (Recommendation& r : c.findings.recommendations) r.stance = Stance::take_care, r.for_memory = true;
  const auto saves = [&](double q8, double q4) {
    for (MemoryRow& r : c.findings.memory)
      if (!r.baseline) r.weights_saving.value = r.variant == "q8_0" ? q8 : q4;
    return ranked(c.findings, "chat").front()->variant;
  };
  EXPECT_EQ(saves(0.47, 0.45), "q8_0");
  EXPECT_EQ(saves(0.47, 0.66), "q4_0");
}

TEST(Compose, ASettingsP95SaysWhetherItHasAnInterval) {
  Case c = clear_win();
  for (SettingRow& r : c.findings.settings) r.p95_ms.lo = r.p95_ms.hi = {}, r.p95_ms.interval_na = "27 more requests needed for an interval";
  EXPECT_THAT(to_markdown(document(c)), HasSubstr("Notes: (1) 27 more requests needed for an interval.\n\n> **Key finding.** The p95 budget is met"));
}

TEST(Compose, TheMoneyOfARecommendedSettingStandsOnPageOne) {
  Case c = clear_win();
  const auto money = [&] { return all_of_kind<Cards>(section(document(c), "summary")).at(0).cards[2].text; };
  const auto set_at = [&](int chat, int batch) {
    for (SettingRow& r : c.findings.settings) r.variant = "q4_0", r.concurrency = r.workload == "chat" ? chat : batch, r.met = true;
  };
  set_at(16, 32);                                           // the loads of the prices themselves
  EXPECT_THAT(money(), Not(HasSubstr("Within the p95 budget of")));
  set_at(8, 32);
  EXPECT_THAT(money(), testing::ContainsRegex("Within the p95 budget of chat, at concurrency 8, q4_0 costs [0-9.]+ % less than bf16: \\$[0-9.]+ for a million output tokens\\."));
}

TEST(Compose, EveryAnswerWhoseGradeChangedIsAmongThoseShownFirst) {
  Case c = mixed();
  const auto before = [&] {
    std::size_t shown = 0;
    for (const Block& b : section(document(c), "quality").blocks) {
      if (const auto* h = std::get_if<Heading>(&b); h != nullptr && h->text.find("for the record") != std::string::npos) return shown;
      shown += std::holds_alternative<SideBySide>(b);
    }
    return shown;
  };
  const std::size_t few = before();
  for (Answer& a : c.data.answers)
    if (a.score && a.variant == "q4_0") a.score = 0;
  EXPECT_GT(before(), few);
}

TEST(Compose, AVisitOfOneRequestASlotIsCalledABurst) {
  Case c = clear_win();
  EXPECT_THAT(finding_of(c, "setup", 3), Not(HasSubstr("burst")));
  c.data.study.workloads[0].requests_per_slot = 1, c.data.study.workloads[0].min_requests = 2;
  EXPECT_THAT(finding_of(c, "setup", 3), HasSubstr(" In chat at concurrency 8 and 16 a visit is one request a slot, all sent at once: first tokens and p95 there are those of a burst."));
}

TEST(Compose, WhatWeighsMoreHoldsNoTokens) {
  Case c = clear_win();
  c.findings.memory[1].more_kv_tokens.value = -266;
  EXPECT_THAT(to_markdown(document(c)), AllOf(HasSubstr("| none: it weighs more |"), Not(HasSubstr("-266"))));
}

TEST(Compose, StartsThatDifferInTheirRoomAreTold) {
  Case c = clear_win();
  const std::string who = c.findings.memory[1].variant;
  const auto started_with = [&](std::int64_t tokens) { c.data.memory.push_back({who, "idle", {}, {}, {}, {}, tokens, "log"}); };
  started_with(24576), started_with(24576);
  EXPECT_THAT(to_markdown(document(c)), Not(HasSubstr("this is the latest's")));
  started_with(24000);
  EXPECT_THAT(to_markdown(document(c)), HasSubstr("from 24000 to 24576 tokens by its 3 starts: this is the latest's"));
}

TEST(Compose, TheClosingOfALargeCardSaysSo) {
  Case c = gpu_of_three_workloads();
  EXPECT_EQ(document(c).sections.back().title, "11. What I learned about quantization vs BF16 on a small GPU");
  c.data.run.gpu_memory_bytes = std::int64_t{140} << 30;
  EXPECT_THAT(document(c).sections.back().title, HasSubstr("on a small GPU (here a large one: NVIDIA RTX 2000 Ada"));
}

TEST(Compose, TheSavingThatTheServerGaveToItsCacheIsInUse) {
  Case c = gpu_of_three_workloads();
  const auto grown = [&](double share) {
    for (MemoryRow& r : c.findings.memory) {
      r.kv_tokens.value = 1000, r.more_kv_tokens.value = 500;
      if (!r.baseline) r.kv_tokens.value = 1000 + share * 500;
    }
    return prose(section(document(c), "vram"));
  };
  EXPECT_THAT(grown(0.95), HasSubstr(": 500 with awq; all or nearly all of the saving is already in use, since the server made its KV cache larger. That is"));
  EXPECT_THAT(grown(0.5), HasSubstr("; part of the saving is already in use"));
}

TEST(Compose, SlotsThatIdleInALastWaveAreTold) {
  Case c = clear_win();
  EXPECT_THAT(finding_of(c, "setup", 3), Not(HasSubstr("last wave")));
  c.data.study.workloads[0].requests_per_slot = 1, c.data.study.workloads[0].min_requests = 13;
  EXPECT_THAT(finding_of(c, "setup", 3), HasSubstr("In the last wave of a visit no request is left for 3 of 8 slots in chat at concurrency 8: tok/s there is less than that of busy slots, for all models alike."));
}

TEST(Compose, WhatTheFirstTokenCountsFromIsSaidOnceAWorkload) {
  const std::string text = prose(section(document(clear_win()), "workload-chat"));
  const std::string words = "It counts from the last byte sent";
  const auto first = text.find(words);
  ASSERT_NE(first, text.npos);
  EXPECT_EQ(text.find(words, first + 1), text.npos);
}

TEST(Compose, ThePartsOfMemoryHaveTheirFinding) {
  Case c = clear_win();
  for (MemoryRow& r : c.findings.memory) r.activation_bytes.value = 1e6;
  auto& memory = c.findings.memory;
  for (MemoryRow& r : memory) r.weights_bytes.value = 5e6, r.kv_bytes.value = 6e6;
  EXPECT_THAT(finding_of(c, "vram", 1), StartsWith(fmt::format("Of weights and KV cache the larger part is the KV cache with bf16, {} and {}.", memory[1].variant, memory[2].variant)));
  memory[0].weights_bytes.value = 7e6;
  EXPECT_THAT(finding_of(c, "vram", 1), StartsWith("Of weights and KV cache the larger part is the weights with bf16 and the KV cache with "));
  for (MemoryRow& r : memory) r.weights_bytes = {};
  EXPECT_THAT(finding_of(c, "vram", 1), StartsWith("Which part is the largest can't be told"));
}

TEST(Compose, WhatFitsBeyondTheServersPlacesIsExplained) {
  Case c = clear_win();
  for (VariantFacts& f : c.data.variants) f.slots = 100000;
  EXPECT_THAT(prose(section(document(c), "vram")), Not(HasSubstr("The server admits max_num_seqs at once")));
  c.data.variants[0].slots = 1;
  EXPECT_THAT(prose(section(document(c), "vram")), HasSubstr("Requests that fit are what the KV cache would hold. The server admits max_num_seqs at once, and the others wait until that is raised."));
}

TEST(Compose, TheAnswerThatLostItsGradeIsShownFirst) {
  const auto shown = all_of_kind<SideBySide>(section(document(mixed()), "quality"));
  ASSERT_EQ(shown.size(), 4u);
  EXPECT_EQ(shown[0].title, "Reasoning: What is 12 + 30?");
  ASSERT_EQ(shown[0].panes.size(), 3u);   // the repeat says the same, so it is left out
  EXPECT_EQ(shown[0].panes[2].first, "q4_0 (partly right)");
  EXPECT_EQ(shown[0].panes[2].second, "12 + 30 = 41");
}

TEST(Compose, PageOneHasACardForEachWorkloadTheMoneyAndTheBound) {
  const Section s = section(document(mixed()), "summary");
  const auto cards = all_of_kind<Cards>(s).at(0).cards;
  ASSERT_EQ(cards.size(), 4u);
  EXPECT_EQ(cards[0].stance, "take care with q4_0");
  EXPECT_THAT(cards[0].text, HasSubstr("of 4 graded answers 1 was lost and 0 gained, too few to tell."));
  EXPECT_EQ(cards[1].stance, "take care with q4_0");
  EXPECT_THAT(cards[1].text, HasSubstr("**q8_0: avoid.**"));
  EXPECT_THAT(cards[1].text, HasSubstr("**q8_0: avoid.** q8_0 is slower here"));   // each stance with its reason
  EXPECT_EQ(cards[2].title, "Money");
  EXPECT_EQ(cards[3].title, "Bound on quality");
  EXPECT_EQ(all_of_kind<Picture>(s).size(), 1u);
  EXPECT_THAT(prose(s), HasSubstr("**This study is not complete.**"));
}

TEST(Compose, MoneyAndBoundHaveTheirVerdictInAFewWords) {
  const auto stances = [](const Case& c) {
    const auto cards = all_of_kind<Cards>(section(document(c), "summary")).at(0).cards;
    return cards[cards.size() - 2].stance + " | " + cards.back().stance;
  };
  EXPECT_THAT(stances(clear_win()), StartsWith("a saving with q8_0 and q4_0, within the p95 budget at lower load only | "));
  Case partly = clear_win();      // q8_0 saves at lower load only
  for (CostRow& r : partly.findings.costs)
    if (r.variant == "q8_0" && r.concurrency == (r.workload == "chat" ? 16 : 32)) r.verdict = Verdict::not_distinguishable;
  EXPECT_THAT(stances(partly), StartsWith("a saving with q4_0, within the p95 budget at lower load only | "));
  Case within = clear_win();
  for (WorkloadComparison& w : within.findings.workloads) w.workload.p95_budget_ms.reset();
  EXPECT_THAT(stances(within), StartsWith("a saving with q8_0 and q4_0 | "));
  for (Recommendation& r : within.findings.recommendations)
    if (r.variant == "q8_0") r.stance = Stance::avoid;
  EXPECT_THAT(stances(within), StartsWith("a saving with q4_0 | "));
  EXPECT_THAT(stances(clear_loss()), StartsWith("no saving, some cost more | "));
  EXPECT_THAT(stances(indistinguishable()), StartsWith("no price | "));
  Case below = clear_loss();
  for (CostRow& r : below.findings.costs)
    if (r.workload == "chat" && r.concurrency == 1 && r.variant == "q8_0") r.saving.value = 0.25, r.verdict = Verdict::faster;
  EXPECT_THAT(stances(below), StartsWith("a saving shown at lower load only, but to be avoided | "));
  for (Recommendation& r : below.findings.recommendations) r.stance = Stance::take_care;
  EXPECT_THAT(stances(below), StartsWith("a saving shown at lower load only | "));
  for (Recommendation& r : below.findings.recommendations) r.stance = Stance::avoid;
  const auto cards = all_of_kind<Cards>(section(document(below), "summary")).at(0).cards;
  EXPECT_THAT(cards[cards.size() - 2].text, HasSubstr("There is no saving here: speed is what makes tokens cheap. The largest saving at lower load is that for chat at concurrency 1: q8_0 costs 25.0 % less (to be avoided) than bf16."));
  Case c = clear_win();
  c.findings.bounds[0].verdict = QualityVerdict::not_inferior, c.findings.bounds[1].verdict = QualityVerdict::inferior;
  EXPECT_THAT(stances(c), testing::EndsWith(" | inferior: q4_0; not inferior: q8_0"));
  c.findings.bounds.clear();
  EXPECT_THAT(stances(c), testing::EndsWith(" | not measured"));
  for (Recommendation& r : c.findings.recommendations) r.rule = "faster-within-noise";
  EXPECT_THAT(stances(c), StartsWith("a saving with q8_0 and q4_0, but no larger than the noise | "));
  for (Recommendation& r : c.findings.recommendations) r.stance = Stance::avoid;
  EXPECT_THAT(stances(c), StartsWith("a saving with q8_0 and q4_0, but to be avoided | "));
}

TEST(Compose, OtherCountsAreToldAsTheyCameOut) {
  const auto told = [](const Case& c) { return findings_of(section(document(c), "workload-chat")).back(); };
  Case c = clear_win();
  EXPECT_THAT(told(c), HasSubstr("every verdict stands. One tokenizer for all models finds the servers' own token counts within 1 %."));
  EXPECT_THAT(told(c), HasSubstr("no other cell differs more."));
  Case even = clear_win();
  for (PointComparison& at : even.findings.workloads[0].points) {
    at.baseline.other_counts.whole_run_tok_s = at.baseline.tok_s;
    for (Candidate& candidate : at.candidates) candidate.cell.other_counts.whole_run_tok_s = candidate.cell.tok_s;
  }
  EXPECT_THAT(told(even), StartsWith("The steady window was the whole run in every cell, so both rates are the same one."));
  *even.findings.workloads[0].points[0].baseline.other_counts.whole_run_tok_s.value *= 1.004;
  EXPECT_THAT(told(even), StartsWith("The steady window and the whole run give the same rates within 0.5 %: at concurrency 8 a visit has fewer than two requests a slot, and the whole of it is taken."));
  even.data.requests.clear();
  EXPECT_THAT(told(even), StartsWith("The steady window and the whole run give the same rates within 0.5 %."));
  Case pieces = clear_win();
  pieces.findings.workloads[0].points[0].candidates[0].cell.other_counts.second_count.value = 2.96;
  EXPECT_THAT(told(pieces), HasSubstr("finds 296.0 % of the tokens that the server of q8_0 counts at concurrency 1**: the text falls into more pieces than it was made of"));
  PointComparison& p = c.findings.workloads[0].points[0];
  p.candidates[1].cell.other_counts.characters_s.value = *p.baseline.other_counts.characters_s.value * 0.9;
  p.candidates[0].cell.other_counts.second_count.value = 0.95;
  EXPECT_THAT(told(c), HasSubstr("that of q4_0 at concurrency 1, -10.0 % instead of +"));
  EXPECT_THAT(told(c), HasSubstr("**by that count this report would not call q4_0 faster at concurrency 1**"));
  EXPECT_THAT(prose(section(document(c), "summary")), HasSubstr("**Counted in characters** instead of tokens, this report would not call q4_0 faster at concurrency 1 in chat."));
  p.candidates[1].cell.other_counts.characters_s = p.candidates[1].cell.tok_s;
  p.candidates[1].characters_s.verdict = Verdict::not_distinguishable;   // the same sign, but too little to be called
  EXPECT_THAT(told(c), HasSubstr("**by that count this report would not call q4_0 faster at concurrency 1**"));
  p.candidates[1].characters_s.verdict = Verdict::faster;
  EXPECT_THAT(told(c), HasSubstr("every verdict stands."));
  EXPECT_THAT(prose(section(document(c), "summary")), Not(HasSubstr("Counted in characters")));
  EXPECT_THAT(told(c), HasSubstr("**One tokenizer for all models finds 95.0 % of the tokens that the server of q8_0 counts at concurrency 1**"));
}

TEST(Compose, ThePromptCacheIsOffWhereTheCountersSaySo) {
  const auto schedule = [](const Case& c) { return prose(section(document(c), "methodology")); };
  Case c = clear_win();
  EXPECT_THAT(schedule(c), HasSubstr("whether it was can't be proved, because the servers tell no counters of it."));
  for (TrialRecord& t : c.data.trials) t.prompt_tokens_processed = 100, t.prompt_tokens_cached = 0;
  EXPECT_THAT(schedule(c), HasSubstr(fmt::format("that is proved: by the servers' own counters 0 of {} prompt tokens came from a cache.", 100 * c.data.trials.size())));
  for (RequestRecord& r : c.data.requests) r.cached_tokens.reset();
  c.data.trials[0].prompt_tokens_cached.reset();
  EXPECT_THAT(schedule(c), HasSubstr(fmt::format("in the {} of {} visits where they tell it.", c.data.trials.size() - 1, c.data.trials.size())));
}

TEST(Compose, AnotherCandidateThatTheAnswerNamesHasItsOwnLine) {
  Case c = clear_win();
  for (Recommendation& r : c.findings.recommendations) r.stance = (r.workload == "chat") == (r.variant == "q8_0") ? Stance::recommend : Stance::avoid;
  const std::string closing = prose(section(document(c), "closing"));
  EXPECT_THAT(closing, HasSubstr("use q8_0 for chat and q4_0 for batch"));
  EXPECT_THAT(closing, AllOf(HasSubstr("Second, speed, here that of q8_0 where no other is named."), HasSubstr("With q4_0 the throughput of batch rises by ")));
}

TEST(Compose, TheClosingTellsTheSpeedOfWhatIsNamedForEachWorkload) {
  Case c = clear_win();                                     // chat, batch and one more
  c.data.study.workloads.push_back(c.data.study.workloads[0]);
  c.data.study.workloads[2].name = "agents";
  c.findings.workloads.push_back(c.findings.workloads[0]);
  c.findings.workloads[2].workload.name = "agents";
  const auto closing_with = [&](const std::string& chat, const std::string& batch, const std::string& agents) {
    auto& all = c.findings.recommendations;
    all.assign(3, all[0]);
    all[0].workload = "chat", all[1].workload = "batch", all[2].workload = "agents";
    all[0].variant = chat, all[1].variant = batch, all[2].variant = agents;
    for (Recommendation& r : all) r.stance = Stance::recommend;
    return prose(section(document(c), "closing"));
  };
  EXPECT_THAT(closing_with("q8_0", "q4_0", "q4_0"), testing::ContainsRegex("here that of q4_0 where no other is named\\. With q8_0 the throughput of chat .*\\. The throughput of agents .* the p95 of chat with q8_0 falls"));
  EXPECT_THAT(closing_with("q4_0", "q4_0", "q8_0"), testing::ContainsRegex("here that of q4_0 where no other is named\\. The throughput of chat .* With q8_0 the throughput of agents .* the p95 of chat falls"));
  EXPECT_THAT(closing_with("q4_0", "q8_0", "q4_0"), AllOf(HasSubstr("With q8_0 the throughput of batch rises by 7.0 %"), HasSubstr(" of the places scored. The next token of q8_0 is the baseline's in 96.6 % of places."), Not(HasSubstr("throughput of agents"))));
  EXPECT_THAT(closing_with("q4_0", "q4_0", "q4_0"), AllOf(HasSubstr("here that of q4_0. The"), HasSubstr("The throughput of agents rises")));
}

TEST(Compose, TheClosingTellsTheP95OfTheHighestLoadThatHasAVerdict) {
  Case c = clear_win();
  const auto closing = [&] { return prose(section(document(c), "closing")); };
  EXPECT_THAT(closing(), HasSubstr("Third, latency: the p95 of chat falls by 15.3 % at concurrency 16."));
  c.findings.workloads[0].points[2].candidates[1].p95.verdict = Verdict::unknown;
  EXPECT_THAT(closing(), HasSubstr("Third, latency: the p95 of chat falls by 21.3 % at concurrency 8."));
  for (PointComparison& p : c.findings.workloads[0].points) p.candidates[1].p95.verdict = Verdict::unknown;
  EXPECT_THAT(closing(), HasSubstr("Third, latency: the p95 of chat has no verdict at concurrency 16."));
}

TEST(Compose, BesideOneThatMemoryAloneSpeaksForOneThatTakesLessStillIsTold) {
  Case c = clear_win();
  for (Recommendation& r : c.findings.recommendations) r.stance = r.variant == "q8_0" ? Stance::take_care : Stance::undecided, r.for_memory = r.variant == "q8_0";
  const auto chat = [&] { return all_of_kind<Cards>(section(document(c), "summary")).at(0).cards[0].text; };
  EXPECT_THAT(chat(), HasSubstr(" q4_0's weights take less still, 66.6 % less, but nothing is decided of it."));
  for (Recommendation& r : c.findings.recommendations) r.rule = "slower-within-noise";
  EXPECT_THAT(chat(), HasSubstr("66.6 % less, but whether it is slower is not settled."));
  for (Recommendation& r : c.findings.recommendations) r.rule = "slower";
  for (QualityBound& b : c.findings.bounds) b.divergence->top1_agreement = b.variant == "q4_0" ? 0.95 : 0.9;
  for (MemoryRow& r : c.findings.memory) r.peak_saving.value = 0.2;
  EXPECT_THAT(chat(), HasSubstr("66.6 % less (the whole server 20.0 %), its most likely token agrees with the baseline's in 95.0 % of positions, but it is slower: the one to take only if speed does not count."));
  for (MemoryRow& r : c.findings.memory)
    if (r.variant == "q4_0") r.weights_saving.value = 0.3;
  EXPECT_THAT(chat(), Not(HasSubstr("less still")));
}

TEST(Compose, FlipsOfTheBaselinesRepeatStandBesideThoseOfTheCandidates) {
  Case c = clear_win();
  const auto quality = [&] { return prose(section(document(c), "quality")); };
  EXPECT_THAT(quality(), Not(HasSubstr("asked again")));
  c.findings.repeat.variant = "bf16", c.findings.repeat.items = 34, c.findings.repeat.lost = 1;
  EXPECT_THAT(quality(), HasSubstr("; bf16 itself, asked again (A/A), loses 1 and gains none."));
  c.findings.repeat.lost = 0;
  EXPECT_THAT(quality(), HasSubstr("; bf16 itself, asked again (A/A), flips none."));
}

TEST(Compose, AnIntervalThatWasWidenedSaysSo) {
  Case c = clear_win();
  const std::string note = "the blocks' own interval lies to one side";
  EXPECT_THAT(to_markdown(document(c)), Not(HasSubstr(note)));
  c.findings.workloads[0].points[0].candidates[1].tok_s.value.widened = true;
  EXPECT_THAT(to_markdown(document(c)), AllOf(HasSubstr("+54.0 % [+52.0, +56.0] (1), **faster**"), HasSubstr("(1) " + note)));
}

TEST(Compose, ADoubtThatTheFirstCandidateSharesIsNotSaidTwice) {
  Case c = clear_win();
  for (Recommendation& r : c.findings.recommendations) r.stance = Stance::take_care, r.because = r.variant + " gains much; but quality was not checked. Check its answers.";
  const auto chat = [&] { return all_of_kind<Cards>(section(document(c), "summary")).at(0).cards[0].text; };
  EXPECT_THAT(chat(), AllOf(HasSubstr("q4_0 gains much; but quality was not checked. Check its answers. **q8_0: take care, likewise.** q8_0 gains much."), Not(HasSubstr("checked. Check its answers. At"))));
  c.findings.recommendations[1].because = c.findings.recommendations[1].variant + " gains much; but its p95 rises. Look.";
  EXPECT_THAT(chat(), Not(HasSubstr("likewise")));
}

// Seen on a CPU: "... its whole server 13.1 % ..." on page one.
TEST(Compose, AReasonStandsWholeOnPageOne) {
  Case c = clear_win();
  const std::string points(500, 'x');
  for (Recommendation& r : c.findings.recommendations) r.because = r.variant + " gains " + points + " less.";
  EXPECT_THAT(all_of_kind<Cards>(section(document(c), "summary")).at(0).cards[0].text, AllOf(HasSubstr("q4_0 gains " + points + " less."), HasSubstr("q8_0 gains " + points + " less.")));
}

TEST(Compose, AModelThatIsVisiblyChangedStandsBehindOneThatIsNot) {
  Case c = clear_win();
  for (Recommendation& r : c.findings.recommendations) r.stance = Stance::take_care, r.visibly_changed = r.variant == "q4_0";
  const auto named = [&] { return all_of_kind<Cards>(section(document(c), "summary")).at(0).cards[0].stance; };
  EXPECT_EQ(named(), "take care with q8_0");   // q4_0 gains more
  for (Recommendation& r : c.findings.recommendations) r.loses_answers = true;
  EXPECT_EQ(named(), "take care with q8_0") << "what both lose tells them not apart, and the settings would not serve the other";
}

TEST(Compose, AGainThatIsGoneAtTheTopIsNoLoss) {
  Case c = clear_win();
  for (WorkloadComparison& w : c.findings.workloads)
    for (std::size_t i = 1; i < w.points.size(); ++i)
      for (Candidate& x : w.points[i].candidates) x.tok_s.verdict = i == 1 && w.points.size() > 2 ? Verdict::slower : Verdict::not_distinguishable, x.tok_s.value.value = i == 1 ? -0.05 : 0.001;
  EXPECT_THAT(prose(section(document(c), "closing")), AllOf(HasSubstr("In chat the gain of low load can't be seen any more at high load"), Not(HasSubstr("Load turns the gain into a loss"))));
  for (WorkloadComparison& w : c.findings.workloads)
    for (std::size_t i = 1; i < w.points.size(); ++i)
      for (Candidate& x : w.points[i].candidates) x.tok_s.value.hi = 1.2;   // a loss between them stays
  EXPECT_THAT(prose(section(document(c), "closing")), AllOf(HasSubstr("Whether load changes the picture can't be told"), Not(HasSubstr("the more so at high load")))) << "so wide an interval may hold the same gain";
}

TEST(Compose, DivergenceIsToldWhereNoPromptWasAsked) {
  Case c = clear_win();
  c.data.answers.clear();
  for (QualityRow& r : c.findings.quality) r.items = r.graded = 0, r.score.reset(), r.repeat_score.reset(), r.chrf.reset(), r.exact.reset(), r.chrf_floor.reset(), r.exact_floor.reset();
  const bool measured = std::ranges::any_of(c.findings.bounds, [](const QualityBound& b) { return b.divergence.has_value(); });
  ASSERT_TRUE(measured);
  EXPECT_THAT(prose(section(document(c), "quality")), AllOf(StartsWith("n/a: no quality prompt was answered"), HasSubstr("agrees with the baseline on the next token in")));
}

TEST(Compose, AWithheldVerdictNamesTheDrift) {
  Case c = clear_win();
  WorkloadComparison& w = c.findings.workloads[0];
  for (PointComparison& p : w.points) {
    for (Candidate& x : p.candidates) x.ttft_p95.verdict = Verdict::withheld;
    if (p.aa) p.aa->ttft_p95.value.value = 0.176, p.aa->ttft_p95.verdict = Verdict::slower;
  }
  EXPECT_THAT(prose(section(document(c), "workload-chat")), HasSubstr("is withheld: in it the baseline against itself at concurrency 8 differs by +17.6 %, so this machine drifted."));
  const std::string note = "the baseline against itself (A/A) differs in this figure, so this machine drifted";
  EXPECT_THAT(to_markdown(document(c)), testing::ContainsRegex("withheld \\([0-9]+\\) "));
  EXPECT_THAT(to_markdown(document(c)), HasSubstr(note));
  EXPECT_THAT(to_markdown(document(clear_win())), Not(HasSubstr(note)));
}

TEST(Compose, MoneyOfAStudyThatWasCutShortIsThatOfTheLoadsItReached) {
  Case c = clear_win();
  for (CostRow& r : c.findings.costs)
    if (r.concurrency > 8) r.usd_per_1m_output = Measured{}, r.saving = Measured{}, r.verdict = Verdict::unknown;
  const auto cards = all_of_kind<Cards>(section(document(c), "summary")).at(0).cards;
  EXPECT_EQ(cards[cards.size() - 2].stance, "a saving with q8_0 and q4_0");
}

TEST(Compose, ANoiseFloorAboveAllIsNotPrintedInDigits) {
  Case c = clear_win();
  c.findings.workloads[0].noise_floor = 1.77e9;
  const std::string told = prose(section(document(c), "workload-chat"));
  EXPECT_THAT(told, AllOf(HasSubstr("an interval of plus or minus more than 100 %"), Not(HasSubstr("177000000000"))));
}

TEST(Compose, AServerThatTellsNoVersionIsNotOneOfTheSame) {
  const auto versions = [](const Case& c) { return prose(section(document(c), "methodology")); };
  Case c = clear_win();
  EXPECT_THAT(versions(c), HasSubstr("One version of the server answered for all models."));
  c.data.variants[1].server_version = "b0-unknown";
  EXPECT_THAT(versions(c), AllOf(HasSubstr("Not every server tells which version it is"), Not(HasSubstr("One version of the server"))));
}

TEST(Compose, AmongEqualStancesTheLargerGainComesFirst) {
  const auto cards = all_of_kind<Cards>(section(document(clear_win()), "summary")).at(0).cards;
  EXPECT_EQ(cards[0].stance, "recommend q4_0");             // +18.0 % against q8_0's +8.0 % at the highest load
  EXPECT_THAT(prose(section(document(clear_win()), "closing")), HasSubstr("**Yes**: use q4_0 for chat and batch."));
  EXPECT_EQ(all_of_kind<Cards>(section(document(drifted()), "summary")).at(0).cards[0].stance, "not decided");
}

TEST(Compose, CandidatesThatCantBeToldFromTheNamedOneAreNamed) {
  Case c = clear_win();
  const auto chat = [&] { return all_of_kind<Cards>(section(document(c), "summary")).at(0).cards[0]; };
  EXPECT_THAT(chat().text, Not(HasSubstr("can't be told from that of")));
  Rivalry even{"q8_0", "q4_0", {}};
  even.tok_s.value.value = -0.012, even.tok_s.value.lo = -0.05, even.tok_s.value.hi = 0.03, even.tok_s.verdict = Verdict::not_distinguishable;
  c.findings.workloads[0].points.back().rivalries = {even};
  EXPECT_THAT(chat().text, HasSubstr(" the throughput of q8_0 (-1.2 % [-5.0, +3.0]) can't be told from that of q4_0."));
  for (Recommendation& r : c.findings.recommendations)
    if (r.variant == "q8_0") r.stance = Stance::avoid;
  EXPECT_THAT(chat().text, Not(HasSubstr("can't be told from that of")));
}

TEST(Compose, FailedRequestsAreCalledThatAndNoHighP95) {
  Case c = clear_win();
  for (WorkloadComparison& w : c.findings.workloads)
    for (PointComparison& p : w.points) {
      w.workload.p95_budget_ms = 1e6;
      p.baseline.requests_failed = p.baseline.requests_ok;
      for (Candidate& x : p.candidates) x.cell.requests_failed = x.cell.requests_ok;
    }
  EXPECT_THAT(finding_of(c, "workload-chat", 1), HasSubstr("ms is not met at concurrency 1, 8 and 16, where more than 5 % of the requests failed with either model."));
  const auto cards = all_of_kind<Cards>(section(document(c), "summary")).at(0).cards;
  EXPECT_THAT(cards[2].text, AllOf(HasSubstr(", more than 5 % of its requests failed."), Not(HasSubstr("over the p95 budget"))));
}

TEST(Compose, AStudyThatWasKilledIsSaidToBeCutOff) {
  Case c = clear_win();
  std::erase_if(c.data.events, [](const StudyEvent& e) { return e.kind != "started"; });
  EXPECT_THAT(prose(section(document(c), "methodology")), AllOf(HasSubstr("**The study was cut off**"), Not(HasSubstr("ran through"))));
}

TEST(Compose, ABaselineWithoutAnswersIsNoQualityWithoutIssue) {
  Case c = clear_win();
  for (Answer& a : c.data.answers)
    if (a.variant == c.data.study.baseline().name) a.failure = "http_5xx";
  EXPECT_THAT(prose(section(document(c), "quality")), AllOf(HasSubstr("**The baseline gave no answer to any of these prompts**"), Not(HasSubstr("No issue was seen"))));
}

TEST(Compose, ASavingWithinTheNoiseIsSaidToBe) {
  Case c = clear_win();
  EXPECT_THAT(prose(section(document(c), "closing")), Not(HasSubstr("no more than the noise")));
  for (Recommendation& r : c.findings.recommendations)
    if (r.workload == "batch") r.rule = "faster-within-noise", r.stance = Stance::take_care;
  const auto cards = all_of_kind<Cards>(section(document(c), "summary")).at(0).cards;
  EXPECT_THAT(cards[2].text, AllOf(HasSubstr("for batch at concurrency 32 q8_0 costs "), HasSubstr(" less (in throughput no more than the noise)")));
  EXPECT_THAT(cards[2].text.substr(0, cards[2].text.find("for batch")), Not(HasSubstr("noise"))) << "chat's saving is clear of it";
  EXPECT_THAT(prose(section(document(c), "closing")), HasSubstr("for batch at concurrency 32 with q4_0 (over the p95 budget; in throughput no more than the noise)"));
  EXPECT_THAT(finding_of(c, "cost", 1), HasSubstr("for batch at concurrency 16, where q8_0 costs "));
  EXPECT_THAT(prose(section(document(c), "recommendations")), HasSubstr("is called the faster one in each of them, for batch by no more than the noise; whether"));
}

TEST(Compose, ACandidateThatWeighsMoreIsNoSaving) {
  Case c = clear_win();
  for (MemoryRow& r : c.findings.memory)
    if (!r.baseline) r.weights_saving.value = -0.043, r.more_kv_tokens.value = -266, r.activation_bytes.value = 1e6;
  const std::string vram = prose(section(document(c), "vram")), closing = prose(section(document(c), "closing"));
  EXPECT_THAT(vram, AllOf(HasSubstr("take no less memory than bf16's, so nothing is saved that a KV cache could use."), HasSubstr("The format of the weights changes the first of them alone"), Not(HasSubstr("can't be put in tokens")),
                          Not(HasSubstr("the saving would be larger")), Not(HasSubstr("make the first of them smaller"))));
  EXPECT_THAT(closing, HasSubstr("a clear win where memory decides, which it can't here: these weights take no less."));
}

TEST(Compose, AStudyThatLeftSomethingOutDidNotComeToItsPlannedEnd) {
  Case c = clear_win();
  c.data.events.push_back({"2026-11-30T01:00:00Z", "engine_died", "The server of q4_0 died: it ended with signal 9 (Killed)\nIts last words:\ntotal time = 541.39 ms / 58 tokens"});
  c.data.events.push_back({"2026-11-30T01:01:00Z", "finished", "All planned work is done."});
  EXPECT_THAT(prose(section(document(c), "methodology")), HasSubstr("It came to its planned end."));
  c.findings.complete = false;
  EXPECT_THAT(prose(section(document(c), "methodology")), AllOf(HasSubstr("It ended with a part of what was planned left out."), Not(HasSubstr("It came to its planned end."))));
}

TEST(Compose, WhatWasCutOffIsSaidToBe) {
  Case c = clear_win();
  for (int i = 0; i < 200; ++i) c.findings.caveats.resize(1), c.findings.caveats[0] += "word ";
  EXPECT_THAT(prose(section(document(c), "summary")), HasSubstr("word ..."));
}

TEST(Compose, AStudyWithoutATitleIsCalledByWhatItCompares) {
  Case c = clear_win();
  c.data.study.title = c.data.study.name;
  EXPECT_THAT(document(c).title, StartsWith("Quantization vs BF16 on "));
  c.data.study.title = "Ours";
  EXPECT_EQ(document(c).title, "Ours");
}

TEST(Compose, WhatTookMoreThanItsShareOfTheCardIsSaid) {
  Case c = clear_win();
  EXPECT_THAT(prose(section(document(c), "vram")), Not(HasSubstr("More than the share")));
  c.findings.memory[1].beyond_share = true;
  EXPECT_THAT(prose(section(document(c), "vram")), HasSubstr(fmt::format("**More than the share of the card was taken with {} (", c.findings.memory[1].variant)));
}

TEST(Compose, AContextThatIsNotAsAskedSaysWhyWhereThatIsKnown) {
  Case c = clear_win();
  const auto told = [&](int held) {
    for (VariantFacts& f : c.data.variants) f.context_per_request = held;
    std::vector<std::string> cells;
    for (const Table& t : all_of_kind<Table>(section(document(c), "setup")))
      for (const auto& row : t.rows) cells.insert(cells.end(), row.begin(), row.end());
    return cells;
  };
  c.data.study.engine.kind = EngineKind::llama, c.data.study.engine.max_model_len = 640;
  EXPECT_THAT(told(768), testing::Contains("768 (the study asks for 640; llama-server rounds up to a multiple of 256)"));
  EXPECT_THAT(told(1024), testing::Contains("1024 (the study asks for 640)"));   // not by rounding
  EXPECT_THAT(told(640), testing::Contains("640"));
  c.data.study.engine.kind = EngineKind::vllm;
  EXPECT_THAT(told(768), testing::Contains("768 (the study asks for 640)"));
}

TEST(Compose, TheAssessmentOfAnInferiorCandidateNamesTheOthersToo) {
  Case c = clear_loss();
  c.findings.bounds[0].verdict = QualityVerdict::inconclusive;
  const std::string text = prose(section(document(c), "quality"));
  EXPECT_THAT(text, AllOf(HasSubstr("**q4_0 gives worse answers than bf16"), HasSubstr("Whether q8_0 stays within it so few items can't say. Do not use q4_0 where")));
  c.findings.bounds[0].verdict = QualityVerdict::not_inferior;
  EXPECT_THAT(prose(section(document(c), "quality")), HasSubstr(" q8_0 stays within it. Do not use q4_0 where"));
}

TEST(Compose, TheClosingSaysOfADriftThatItIsNotJudged) {
  EXPECT_THAT(prose(section(document(drifted()), "closing")), HasSubstr("The throughput of chat is not judged (the machine drifted) at concurrency 1, and the same holds at 16."));
}

TEST(Compose, AChangeBetweenTwoQuietEndsIsNotLeftOut) {
  Case c = indistinguishable();
  const std::string quiet = prose(section(document(c), "closing"));
  EXPECT_THAT(quiet, AllOf(HasSubstr("The throughput of chat does not change distinguishably at concurrency 1, and the same holds at 16."), Not(HasSubstr("; at 8 it"))));
  for (Candidate& x : c.findings.workloads[0].points[1].candidates) {
    x.tok_s.value.value = 0.319, x.tok_s.value.lo = 0.07, x.tok_s.value.hi = 0.6;
    x.tok_s.verdict = Verdict::faster;
  }
  EXPECT_THAT(prose(section(document(c), "closing")), HasSubstr("and the same holds at 16; at 8 it rises by 31.9 %."));
}

TEST(Compose, MoneyIsSaidAsItCameOut) {
  EXPECT_THAT(finding_of(clear_win(), "cost", 0), StartsWith("For chat at concurrency 16 q8_0 costs 7.4 % less and q4_0 costs 15.3 % less than bf16; for batch"));
  EXPECT_THAT(finding_of(clear_loss(), "cost", 0), HasSubstr("There is no saving here"));
  EXPECT_THAT(finding_of(indistinguishable(), "cost", 0), HasSubstr("no saving in dollars is claimed"));
  EXPECT_THAT(finding_of(drifted(), "cost", 0), StartsWith("For chat at concurrency 16 the verdict on q8_0 and q4_0 is withheld; for batch at concurrency 32 q8_0 costs 27.4 % more"));
}

TEST(Compose, TheClosingTellsTheMoneyOfEachWorkload) {
  const auto told = [](const Case& c) { return prose(section(document(c), "closing")); };
  EXPECT_THAT(told(clear_loss()), AllOf(HasSubstr("In money, a token costs "), HasSubstr(" % more for chat at concurrency 16 with q8_0 (over the p95 budget) and "), HasSubstr(" % more for batch at concurrency 32 with q8_0 (over the p95 budget).")));
  Case c = clear_win();
  EXPECT_THAT(told(c), AllOf(HasSubstr(" % less for chat at concurrency 16 with q4_0 (over the p95 budget), "), HasSubstr(" % less for batch at concurrency 16 with q4_0 and "), HasSubstr(" % less for batch at concurrency 32 with q4_0 (over the p95 budget)."), HasSubstr("Set that against what one wrong answer costs you")));
  for (CostRow& r : c.findings.costs)
    if (!r.baseline && r.workload == "batch") r.verdict = Verdict::not_distinguishable;
  EXPECT_THAT(told(c), AllOf(HasSubstr(" % less for chat at concurrency 16 with q4_0 (over the p95 budget); for batch at concurrency 32 with q4_0 no change can be shown."), HasSubstr("Set that against what one wrong answer costs you")));
  for (CostRow& r : c.findings.costs)
    if (!r.baseline) r.verdict = Verdict::not_distinguishable;
  EXPECT_THAT(told(c), AllOf(HasSubstr("In money no saving can be shown for chat at concurrency 16 with q4_0 and for batch at concurrency 32 with q4_0."), HasSubstr("So weigh memory against quality")));
  Case two = clear_win();
  for (Recommendation& r : two.findings.recommendations) r.stance = (r.workload == "chat") == (r.variant == "q8_0") ? Stance::recommend : Stance::avoid;
  EXPECT_THAT(told(two), AllOf(HasSubstr(" 7.4 % less for chat at concurrency 16 with q8_0 (over the p95 budget), "), HasSubstr(" % less for batch at concurrency 32 with q4_0 (over the p95 budget).")));
}

TEST(Compose, QualityThatWasNotAskedIsNotZero) {
  Case c = clear_win();
  c.data.answers.clear();
  for (QualityRow& r : c.findings.quality) r.items = r.graded = 0, r.score.reset(), r.repeat_score.reset(), r.chrf.reset(), r.exact.reset(), r.chrf_floor.reset(), r.exact_floor.reset();
  EXPECT_THAT(prose(section(document(c), "quality")), StartsWith("n/a: no quality prompt was answered"));
  c.findings.quality.back().items = 1;                       // one answer, no grade
  for (QualityBound& b : c.findings.bounds) {
    QualityBound nothing;
    nothing.variant = b.variant, nothing.difference_pp.na = "no graded answers of both variants";
    b = nothing;
  }
  const Section s = section(document(c), "quality");
  const Table bound = all_of_kind<Table>(s).at(1);
  EXPECT_THAT(bound.rows[0][7], StartsWith("n/a ("));        // McNemar's p of nothing is not 1
  EXPECT_THAT(findings_of(s).at(1), StartsWith("No item was graded for both models."));
  EXPECT_THAT(findings_of(s).at(2), HasSubstr("bounds no loss of quality"));
}

TEST(Compose, ASecondCopyOfWeightsIsExplained) {
  Case c = clear_win();
  EXPECT_THAT(finding_of(clear_win(), "vram", 0), Not(HasSubstr("second copy")));
  c.data.variants[2].settings.emplace_back("weight buffers", "CPU_Mapped 85.30 MiB, CPU_REPACK 56.95 MiB");
  EXPECT_THAT(finding_of(c, "vram", 0), Not(HasSubstr("second copy")));   // its weights still take less than its file
  for (MemoryRow& r : c.findings.memory)
    if (r.variant == "q4_0") r.weights_bytes.value = *r.file_bytes.value * 1.6;
  EXPECT_THAT(finding_of(c, "vram", 0), HasSubstr("a second copy of some weights of q4_0 (its file: 87.5 MiB)"));
}

TEST(Compose, WhatFollowsFromTheWeightsIsNoOtherSetting) {
  Case c = clear_win();
  c.data.variants[0].settings.emplace_back("weight buffers", "258 MiB"), c.data.variants[1].settings.emplace_back("weight buffers", "138 MiB");
  c.data.variants[2].settings.emplace_back("weight buffers", "88 MiB");
  EXPECT_THAT(prose(section(document(c), "setup")), HasSubstr("All settings are equal for all models; where the table names models"));
  c.data.variants[1].settings.emplace_back("threads", "1");
  EXPECT_THAT(prose(section(document(c), "setup")), HasSubstr("One setting is not the same for all models: threads."));
}

TEST(Compose, AShortenedStudySaysHowManyBlocksItRan) {
  Case c = clear_win();
  EXPECT_THAT(prose(section(document(c), "workload-chat")), HasSubstr("; 4 blocks."));
  std::erase_if(c.data.trials, [](const TrialRecord& t) { return t.block >= 2; });
  EXPECT_THAT(prose(section(document(c), "workload-chat")), HasSubstr("; 2 of 4 planned blocks."));
  EXPECT_THAT(prose(section(document(c), "methodology")), HasSubstr("2 of 4 planned blocks; seed 42"));
  c.data.events = {{"2026-11-30T01:00:00Z", "shortened", "2 of 4 blocks were run."}, {"2026-11-30T01:01:00Z", "finished", "All planned work is done."}};
  EXPECT_THAT(prose(section(document(c), "methodology")), AllOf(HasSubstr("It ended after the blocks that its time allowed."), Not(HasSubstr("It came to its planned end."))));
}

TEST(Compose, NoSecretIsPrinted) {
  for (const Case& c : every_case())
    for (const Code& code : all_of_kind<Code>(section(document(c), "methodology"))) EXPECT_THAT(code.text, Not(HasSubstr("opensesame")));
}

}  // namespace
}  // namespace qc::test
