// Two servers of which one, or each, fails requests or answers in its own way: what counts, what is repeated, what the report says.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <atomic>

#include "integration/run/program_run.h"
#include "support/scripted_server.h"

namespace qc::test {
namespace {
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr Script kSteady{.first = 20ms, .gap = 2ms};
const auto kMeasured = testing::AnyOf(0, 4);   // 4: a busy machine had us send late, twice; what is tested stands in store and report

/// Answers 503 to the completions whose number, from 0, it is asked to.
ServerOptions failing(std::function<bool(int)> fails) {
  auto seen = std::make_shared<std::atomic<int>>(0);
  return {.pages = [seen, fails = std::move(fails)](const std::string& method, const std::string&) -> std::optional<Page> {
    return method == "POST" && fails((*seen)++) ? std::optional<Page>({"503 Service Unavailable", R"({"error":{"message":"busy"}})"}) : std::nullopt;
  }};
}

struct UnlikeAnswers : ProgramRun {
  UnlikeAnswers() { fs::create_directories(dir); }
  int compare(const ScriptedServer& baseline, const ScriptedServer& candidate) const {
    return run({"compare", "--baseline", baseline.url(), "--candidate", candidate.url(), "--out", out.string(), "--allow", "identity", "--set", "study.blocks=2", "--set", "workload.chat.concurrency=[1]",
                "--set", "workload.batch.concurrency=[2]", "--set", "workload.chat.min_requests=8", "--set", "workload.batch.min_requests=8", "--set", "workload.chat.max_tokens=32", "--set",
                "workload.batch.max_tokens=32", "--set", "quality.spot=[]"});
  }
  std::string one(const std::string& sql) const { return ask(sql).at(0).at(0); }
  std::string report() const { return read_file(out / "report.md").value(); }
};

TEST_F(UnlikeAnswers, WhatFailsWithEveryModelCountsAndIsNotRepeated) {
  const auto every_fifth = [](int n) { return n % 5 == 4; };
  const ScriptedServer a(kSteady, failing(every_fifth)), b(kSteady, failing(every_fifth));
  EXPECT_EQ(compare(a, b), 4) << log();
  EXPECT_EQ(one("SELECT count(*) FROM v_trial WHERE NOT valid AND invalid_because LIKE '%failed%'"), "0");
  const std::string failed = one("SELECT count(*) FROM v_request r JOIN v_trial t USING (trial_id) WHERE t.valid AND NOT r.warmup AND NOT r.ok AND t.variant = 'baseline' AND t.workload = 'chat' AND NOT t.repeat");
  EXPECT_GT(std::stoi(failed), 0);
  EXPECT_EQ(std::stod(one("SELECT value FROM v_figure WHERE section = 'chat' AND row = 'conc=1' AND column = 'baseline.requests_failed'")), std::stod(failed));
  EXPECT_THAT(report(), AllOf(HasSubstr("where they failed with every model, it counts"), Not(HasSubstr("failed here and none in another visit"))));
}

TEST_F(UnlikeAnswers, WhatFailsAloneIsRepeatedWhenTheOthersWereSeen) {
  for (int round = 0;; ++round) {
    const ScriptedServer a(kSteady, failing([](int n) { return n == 9; })), b(kSteady);
    fs::remove_all(out);
    EXPECT_EQ(compare(a, b), 4) << log();
    if (round == 2 || one("SELECT count(*) FROM v_trial WHERE NOT valid AND invalid_because NOT LIKE '%failed%'") == "0") break;   // a busy machine repeats visits for reasons of its own, and the tenth completion is another one then
  }
  EXPECT_EQ(one("SELECT group_concat(invalid_because, '; ') FROM v_trial WHERE invalid_because LIKE '%failed%'"), "1 request failed here and none in another visit of this point");
  EXPECT_EQ(one("SELECT min(n) FROM (SELECT count(*) AS n FROM v_trial WHERE valid OR invalid_because NOT LIKE '%failed%' GROUP BY variant, workload, repeat, block)"), "1") << "each visit is there";
  EXPECT_THAT(report(), AllOf(HasSubstr("was repeated: 1 request failed here and none in another visit of this point"), HasSubstr("and 1 more in visits that do not count")));
}

TEST_F(UnlikeAnswers, AResumedStudyComparesWhatItsFirstRunVisited) {
  const ScriptedServer a(kSteady), b(kSteady);
  ASSERT_THAT(compare(a, b), kMeasured) << log();
  // As a kill leaves it in the first block: one request of the baseline's first visit failed, and the candidate's visit of that point is still to come.
  const std::string first = one("SELECT min(trial_id) FROM v_trial WHERE valid AND variant = 'baseline' AND workload = 'chat' AND block = 0 AND NOT repeat");
  ask(fmt::format("UPDATE request SET failure = 'timeout' WHERE trial_id = {0} AND request_id = (SELECT max(request_id) FROM request WHERE trial_id = {0})", first));
  ask("DELETE FROM trial WHERE variant = 'candidate' AND workload = 'chat' AND block = 0");
  EXPECT_EQ(run({"run", (out / "study.toml").string(), "--out", out.string(), "--resume"}), 4) << log();
  EXPECT_EQ(one("SELECT variant || ': ' || invalid_because FROM v_trial WHERE NOT valid AND invalid_because LIKE '%failed%'"), "baseline: 1 request failed here and none in another visit of this point");
  EXPECT_EQ(one("SELECT count(*) FROM v_trial WHERE valid AND variant = 'baseline' AND workload = 'chat' AND block = 0 AND NOT repeat"), "1") << "repeated";
}

TEST_F(UnlikeAnswers, OfServersThatWeDidNotStartNothingMoreIsClaimedThanTheyTell) {
  const ScriptedServer a(kSteady), b(kSteady);
  ASSERT_THAT(compare(a, b), kMeasured) << log();
  EXPECT_THAT(report(), AllOf(HasSubstr("baseline and candidate were not started by us, and what else they were started with (threads, batches, kernels) is not told"), HasSubstr("What else they were started with is not known"),
                              Not(HasSubstr("Nothing differs between the")), Not(HasSubstr("none of them makes one faster"))));
}

TEST_F(UnlikeAnswers, CtrlCWhileAServerHangsIsAnInterruption) {
  const ScriptedServer a(kSteady);
  ScriptedServer quiet(kSteady);
  const pid_t pid = start({"compare", "--baseline", a.url(), "--candidate", quiet.url(), "--out", (dir / "second").string(), "--allow", "identity", "--set", "study.blocks=2", "--set", "workload.chat.concurrency=[1]", "--set",
                           "workload.batch.concurrency=[2]", "--set", "workload.chat.max_tokens=32", "--set", "workload.batch.max_tokens=32", "--set", "quality.spot=[]"});
  for (int i = 0; i < 100 && quiet.requests().size() < 6; ++i) std::this_thread::sleep_for(50ms);
  quiet.play({.name = "silent"});
  std::this_thread::sleep_for(300ms);
  kill(pid, SIGINT);
  std::this_thread::sleep_for(300ms);
  kill(pid, SIGINT);
  EXPECT_EQ(wait_for(pid), 5) << log();
}

TEST_F(UnlikeAnswers, AnInterruptionAmongQualityPromptsIsNoted) {
  std::atomic<bool> among = false;
  ServerOptions tells;
  tells.instead = [&](const SeenRequest& request) -> std::optional<Page> {
    const auto id = request.headers.find("x-request-id");
    if (id != request.headers.end() && id->second.find("spot") != std::string::npos) among = true;
    return std::nullopt;
  };
  const ScriptedServer a(kSteady, tells), b(kSteady);
  const pid_t pid = start({"compare", "--baseline", a.url(), "--candidate", b.url(), "--out", out.string(), "--allow", "identity", "--set", "study.blocks=1", "--set", "workload.chat.concurrency=[1]", "--set",
                           "workload.batch.concurrency=[2]", "--set", "workload.chat.max_tokens=8", "--set", "workload.batch.max_tokens=8", "--set", "quality.spot=[\"factual\"]"});
  for (int i = 0; i < 1200 && !among; ++i) std::this_thread::sleep_for(50ms);
  kill(pid, SIGINT);
  EXPECT_EQ(wait_for(pid), 5) << log();
  EXPECT_THAT(report(), HasSubstr("baseline was interrupted among its quality prompts: they are compared whole only, so "));
}

TEST_F(UnlikeAnswers, QualityPromptsOfWhichNoneWasAnsweredAreAskedAgain) {
  const ScriptedServer a(kSteady), b(kSteady);
  const std::vector<std::string> words = {"compare", "--baseline", a.url(), "--candidate", b.url(), "--out", out.string(), "--allow", "identity", "--set", "study.blocks=1", "--set", "workload.chat.concurrency=[1]", "--set",
                                          "workload.batch.concurrency=[2]", "--set", "workload.chat.max_tokens=8", "--set", "workload.batch.max_tokens=8", "--set", "quality.spot=[\"factual\"]"};
  ASSERT_THAT(run(words), testing::AnyOf(0, 4)) << log();
  const std::string all = one("SELECT count(*) FROM answer WHERE variant = 'candidate'");
  ASSERT_EQ(one("SELECT count(*) FROM answer WHERE failure != ''"), "0");
  ask("UPDATE answer SET failure = 'http_5xx', output = '' WHERE variant = 'candidate'");
  ASSERT_THAT(run({"run", (out / "study.toml").string(), "--out", out.string(), "--resume"}), testing::AnyOf(0, 4)) << log();
  EXPECT_EQ(one("SELECT count(*) FROM answer WHERE variant = 'candidate' AND failure = ''"), all);
  // Two of them, one of which the baseline answered: not to be served; after another asking all is well.
  ask("UPDATE answer SET failure = 'http_5xx', output = '' WHERE variant = 'candidate' AND item IN (SELECT min(item) FROM answer UNION SELECT max(item) FROM answer)");
  ask("UPDATE answer SET failure = 'http_5xx', output = '' WHERE variant = 'baseline' AND run = 0 AND item = (SELECT max(item) FROM answer)");
  EXPECT_EQ(run({"report", out.string()}), 0) << log();
  EXPECT_THAT(report(), AllOf(HasSubstr("candidate gave no answer to 1 of the " + all + " quality prompts, in two askings, and the baseline answered them"), HasSubstr("2 of " + all + " prompts got no answer of one or both models"), Not(HasSubstr("not inferior"))));
  ASSERT_THAT(run({"run", (out / "study.toml").string(), "--out", out.string(), "--resume"}), testing::AnyOf(0, 4)) << log();
  EXPECT_EQ(one("SELECT count(*) FROM answer WHERE failure != ''"), "0");
}

TEST_F(UnlikeAnswers, WhatFailedInAnInterruptedVisitIsNoReasonToAvoidAModel) {
  const ScriptedServer a(kSteady), b(kSteady);
  ASSERT_THAT(compare(a, b), kMeasured) << log();
  ask("UPDATE trial SET valid = 0, invalid_because = 'interrupted' WHERE variant = 'candidate' AND workload = 'chat' AND block = 1");
  ask("UPDATE request SET failure = 'timeout' WHERE trial_id IN (SELECT id FROM trial WHERE invalid_because = 'interrupted')");
  EXPECT_EQ(run({"report", out.string()}), 0) << log();
  EXPECT_THAT(report(), Not(HasSubstr("find the cause before serving it")));
}

TEST_F(UnlikeAnswers, QualityPromptsWithoutAnAnswerAreAskedAgainAndThenCount) {
  std::atomic<int> asked = 0;
  const ScriptedServer a(kSteady), b(kSteady, {.instead = [&](const SeenRequest& r) -> std::optional<Page> {   // every second quality prompt
    const auto id = r.headers.find("x-request-id");
    return id != r.headers.end() && id->second.starts_with("spot-") && asked++ % 2 == 0 ? std::optional<Page>({"503 Service Unavailable", R"({"error":{"message":"busy"}})"}) : std::nullopt;
  }});
  EXPECT_EQ(run({"compare", "--baseline", a.url(), "--candidate", b.url(), "--out", out.string(), "--allow", "identity", "--set", "study.blocks=1", "--set", "workload.chat.concurrency=[1]", "--set", "workload.batch.concurrency=[2]",
                 "--set", "workload.chat.max_tokens=8", "--set", "workload.batch.max_tokens=8", "--set", "quality.spot=[\"factual\"]"}), 4) << log();
  const auto counted = [&](const std::string& which) { return std::stoi(one("SELECT count(*) FROM answer WHERE variant = 'candidate' AND " + which)); };
  const int all = counted("1"), missing = counted("failure != ''");
  EXPECT_EQ(missing, (all + 3) / 4) << "half of the half that was asked twice";
  EXPECT_THAT(report(), AllOf(HasSubstr(fmt::format("Quality prompts without an answer, in two askings: candidate {} of {} (refused_by_server: HTTP 503", missing, all)), HasSubstr("**avoid candidate**"),
                              HasSubstr(fmt::format("candidate gave no answer to {} of the {} quality prompts, in two askings, and the baseline answered them; find the cause before serving it.", missing, all)),
                              HasSubstr("Under load no request failed. Of the quality prompts some got no answer: the list at the end of this section says how many of each model"), Not(HasSubstr("No request failed."))));
  ask("UPDATE answer SET failure = 'http_5xx: busy', score = NULL, similarity = NULL, exact = NULL WHERE run = 1");
  EXPECT_EQ(run({"report", out.string()}), 0) << log();
  EXPECT_THAT(report(), AllOf(HasSubstr("The baseline was asked twice, but its second run gave no answer"), Not(HasSubstr("asked once only"))));
}

TEST_F(UnlikeAnswers, ARequestThatFailsIsWithinNoBudget) {
  const ScriptedServer a(kSteady), b(kSteady);
  ASSERT_THAT(compare(a, b), kMeasured) << log();
  ASSERT_THAT(report(), HasSubstr("under 3000 ms: met"));
  ask("UPDATE request SET failure = 'http_5xx' WHERE request_id = 3");
  EXPECT_EQ(run({"report", out.string()}), 0) << log();
  EXPECT_THAT(report(), AllOf(HasSubstr("under 3000 ms: **not met**"), HasSubstr("requests failed, and those are within no budget"), Not(HasSubstr("under 3000 ms: met"))));
}

TEST_F(UnlikeAnswers, ABaselineWithoutFiguresLeavesTheCandidatesStanding) {
  const ScriptedServer a(kSteady), b(kSteady);
  ASSERT_THAT(compare(a, b), kMeasured) << log();
  ask("UPDATE trial SET valid = 0, invalid_because = 'by hand' WHERE variant = 'baseline' AND NOT repeat");
  EXPECT_EQ(run({"report", out.string(), "--set", "hardware.hourly_usd=0.1"}), 0) << log();
  EXPECT_THAT(report(), AllOf(HasSubstr("baseline has no valid throughput here, so no saving can be given. What the others cost stands in the table."), HasSubstr("nothing of the baseline was measured that it could be held against"),
                              HasSubstr("Too few visits of the A/A control, or of the baseline beside it, count here"), Not(HasSubstr("No candidate has a throughput to price"))));
}

TEST_F(UnlikeAnswers, AnAnswerThatBrokeOffSaysNothingOfUsage) {
  Script breaks = kSteady;
  breaks.name = "no-finish", breaks.good_tokens = 3;
  const ScriptedServer c(breaks);
  run({"bench", "--url", c.url(), "--concurrency", "1", "--requests", "3", "--max-tokens", "8", "--warmup", "0"});
  EXPECT_THAT(log(), Not(HasSubstr("no usage")));
}

TEST_F(UnlikeAnswers, WhatWeCancelIsNoFailureOfTheServers) {
  const ScriptedServer a(kSteady), b(kSteady);
  ASSERT_THAT(compare(a, b), kMeasured) << log();
  ask("UPDATE trial SET valid = 0, invalid_because = 'interrupted' WHERE variant = 'candidate' AND workload = 'chat' AND block = 1");
  ask("UPDATE request SET failure = 'cancelled' WHERE trial_id IN (SELECT id FROM trial WHERE invalid_because = 'interrupted')");
  EXPECT_EQ(run({"report", out.string()}), 0) << log();
  EXPECT_THAT(report(), AllOf(Not(HasSubstr("find the cause before serving it")), Not(HasSubstr("requests failed"))));
}

TEST_F(UnlikeAnswers, AWorkloadThatWasNotVisitedYetIsCalledThat) {
  const ScriptedServer a(kSteady), b(kSteady);
  ASSERT_THAT(compare(a, b), kMeasured) << log();
  ask("DELETE FROM trial WHERE NOT valid OR repeat");   // a busy machine repeats visits, and unlike A/A controls withhold what is looked for here
  ask("UPDATE trial SET valid = 0, invalid_because = 'by hand' WHERE variant = 'candidate' AND workload = 'chat'");
  EXPECT_EQ(run({"report", out.string()}), 0) << log();
  EXPECT_THAT(report(), HasSubstr("no visit of candidate counts, of 2 here (section Methodology says why)."));
  ask("DELETE FROM trial WHERE variant = 'candidate' AND workload = 'batch'");
  EXPECT_EQ(run({"report", out.string()}), 0) << log();
  EXPECT_THAT(report(), HasSubstr("**There are no figures for candidate here**: the store holds no visit of candidate to batch."));
}

TEST_F(UnlikeAnswers, AnAnswerThatEndsEarlyIsTold) {
  Script early = kSteady;
  early.name = "stop-early";
  const ScriptedServer a(kSteady), b(early);
  compare(a, b);
  EXPECT_THAT(report(), AllOf(HasSubstr("In chat not every answer has the 32 tokens asked for (candidate: "), HasSubstr("answers of 32 tokens were asked for, and not every one is so long"),
                              HasSubstr("how long they take is not compared"), Not(HasSubstr("every answer is 32 tokens long"))));
  EXPECT_EQ(one("SELECT count(*) FROM v_figure WHERE column = 'candidate.delta_p95_pct' AND value IS NOT NULL"), "0");
}

TEST_F(UnlikeAnswers, TokensThatNoServerCountedAreTold) {
  Script silent = kSteady;
  silent.name = "no-usage";
  const ScriptedServer a(kSteady), b(silent);
  compare(a, b);
  EXPECT_THAT(report(), AllOf(HasSubstr("The server of candidate tells no usage, so events of answers are counted as tokens there"), HasSubstr("no usage: events were counted as tokens: 8 of 8 requests"),
                              HasSubstr("every answer is 32 tokens long")));
}

}  // namespace
}  // namespace qc::test
