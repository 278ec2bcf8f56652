// `quantcase compare`: a study of two servers that nobody had to write.
#include <gmock/gmock.h>

#include "integration/run/program_run.h"
#include "support/scripted_server.h"

namespace qc::test {
namespace {
using testing::HasSubstr;

struct CompareRun : ProgramRun {
  CompareRun() { fs::create_directories(dir); }
};

TEST_F(CompareRun, TwoServersAreStudiedAndTheStudyIsKept) {
  const ScriptedServer slow({.first = 20ms, .gap = 4ms}), fast({.first = 20ms, .gap = 2ms});
  const std::vector<std::string> small = {"--set", "study.blocks=2", "--set", "workload.chat.concurrency=[1]", "--set", "workload.batch.concurrency=[2]", "--set", "workload.chat.min_requests=4",
                                          "--set", "workload.batch.min_requests=4", "--set", "workload.chat.max_tokens=32", "--set", "workload.batch.max_tokens=32", "--set", "quality.spot=[]", "--allow", "identity"};
  std::vector<std::string> words = {"compare", "--baseline", slow.url(), "--candidate", fast.url(), "--out", out.string()};
  words.insert(words.end(), small.begin(), small.end());
  const int code = run(words);
  EXPECT_TRUE(code == 0 || code == 4) << log();   // a loaded machine may send late and say so
  EXPECT_EQ(ask("SELECT count(DISTINCT variant) FROM v_trial")[0][0], "2");
  EXPECT_EQ(ask("SELECT group_concat(DISTINCT workload) FROM v_trial")[0][0], "chat,batch");
  EXPECT_GT(std::stod(ask("SELECT avg(value) FROM v_figure WHERE column = 'candidate.delta_pct'")[0][0]), 20) << "twice the rate between tokens";
  EXPECT_THAT(read_file(out / "study.toml").value(), testing::AllOf(HasSubstr(slow.url()), HasSubstr(fast.url())));
  EXPECT_TRUE(fs::exists(out / "report.html"));
  EXPECT_EQ(run({"run", (out / "study.toml").string(), "--out", out.string(), "--resume"}), code) << log();
  EXPECT_THAT(log(), HasSubstr("report.html"));
}

TEST_F(CompareRun, AKilledOneGoesOnAndSaysSo) {
  const ScriptedServer a({.first = 20ms, .gap = 4ms}), b({.first = 20ms, .gap = 4ms});
  const pid_t pid = start({"compare", "--baseline", a.url(), "--candidate", b.url(), "--out", out.string(), "--allow", "identity", "--set", "study.blocks=2", "--set", "workload.chat.concurrency=[1]", "--set", "workload.batch.concurrency=[2]",
                           "--set", "workload.chat.min_requests=4", "--set", "workload.batch.min_requests=4", "--set", "workload.chat.max_tokens=32", "--set", "workload.batch.max_tokens=32", "--set", "quality.spot=[]"});
  until_trials(2);
  kill(pid, SIGKILL);
  EXPECT_EQ(wait_for(pid), 128 + SIGKILL);
  EXPECT_EQ(run({"report", out.string()}), 0) << log();
  EXPECT_THAT(read_file(out / "report.md").value(), testing::AllOf(HasSubstr("**The study was cut off**"), testing::Not(HasSubstr("without an interruption"))));
  EXPECT_EQ(run({"report", out.string(), "--set", "hardware.hourly_usd=2"}), 0) << log();
  EXPECT_THAT(read_file(out / "study.toml").value(), testing::Not(HasSubstr("hourly_usd"))) << "it is the study as run";
  EXPECT_THAT(run({"run", (out / "study.toml").string(), "--out", out.string(), "--resume"}), testing::AnyOf(0, 4)) << log();
  EXPECT_EQ(ask("SELECT count(DISTINCT trial_id % 1000000) FROM v_trial")[0][0], "12");
}

TEST_F(CompareRun, OneKilledBeforeItsFirstVisitSaysSoToo) {
  const ScriptedServer a({.first = 400ms, .gap = 1ms}), b({.first = 400ms, .gap = 1ms});
  const pid_t pid = start({"compare", "--baseline", a.url(), "--candidate", b.url(), "--out", out.string(), "--allow", "identity", "--set", "study.blocks=1", "--set", "workload.chat.concurrency=[1]", "--set", "workload.batch.concurrency=[1]",
                           "--set", "workload.chat.min_requests=1", "--set", "workload.batch.min_requests=1", "--set", "workload.chat.requests_per_slot=1", "--set", "workload.batch.requests_per_slot=1",
                           "--set", "workload.chat.max_tokens=8", "--set", "workload.batch.max_tokens=8", "--set", "quality.spot=[]"});
  const auto started = [&] {
    const auto rows = fs::exists(out / "study.sqlite") ? ask("SELECT count(*) FROM happened WHERE kind='started'") : std::vector<std::vector<std::string>>{};
    return !rows.empty() && rows[0][0] == "1";
  };
  for (int i = 0; i < 600 && !started(); ++i) std::this_thread::sleep_for(20ms);
  kill(pid, SIGKILL);
  EXPECT_EQ(wait_for(pid), 128 + SIGKILL);
  ASSERT_EQ(trials(), 0);
  EXPECT_THAT(run({"run", (out / "study.toml").string(), "--out", out.string(), "--resume"}), testing::AnyOf(0, 4)) << log();
  EXPECT_THAT(read_file(out / "report.md").value(), testing::AllOf(HasSubstr("0 of 6 trials were stored already"), testing::Not(HasSubstr("without an interruption"))));
}

TEST_F(CompareRun, OneModelAtOneAddressIsRefused) {
  const ScriptedServer server;
  EXPECT_EQ(run({"compare", "--baseline", server.url(), "--candidate", server.url(), "--out", out.string()}), 8) << log();
  EXPECT_THAT(log(), HasSubstr("that would compare a model with itself"));
}

TEST_F(CompareRun, NothingListeningIsThree) {
  EXPECT_EQ(run({"compare", "--baseline", "http://127.0.0.1:1", "--candidate", "http://127.0.0.1:2", "--out", out.string()}), 3) << log();
}

TEST_F(CompareRun, ABadUrlIsToldByItsFlag) {
  EXPECT_EQ(run({"compare", "--baseline", "x", "--candidate", "http://127.0.0.1:2", "--out", out.string()}), 2);
  EXPECT_THAT(log(), testing::AllOf(HasSubstr("--baseline: found the string \"x\"; accepted: a server's root"), testing::Not(HasSubstr("compare:")), testing::Not(HasSubstr("model"))));
}

}  // namespace
}  // namespace qc::test
