// Studies that decide on their blocks while they run: the whole program on two scripted servers.
#include <gmock/gmock.h>

#include "integration/run/program_run.h"
#include "support/scripted_server.h"

namespace qc::test {
namespace {
using testing::AllOf;
using testing::HasSubstr;

// Half the time between tokens is plain to see, and the first token comes alike: with 50 % as the smallest effect all is settled early.
const char* const kStudy = R"toml([study]
name = "decided"
blocks = 8
min_effect = 0.5
allow = ["identity"]
[engine]
kind = "openai"
[[variant]]
name = "slow"
url = "@SLOW@"
baseline = true
[[variant]]
name = "fast"
url = "@FAST@"
[[workload]]
name = "chat"
concurrency = [1, 2]
requests_per_slot = 1
min_requests = 4
max_tokens = 16
)toml";

struct DecidedRun : ProgramRun {
  ScriptedServer slow{{.first = 40ms, .gap = 8ms}}, fast{{.first = 40ms, .gap = 2ms}};

  void SetUp() override { put_study(replaced(replaced(kStudy, "@SLOW@", slow.url()), "@FAST@", fast.url())); }
  std::vector<std::string> study(std::vector<std::string> more = {}) const {
    std::vector<std::string> words = {"run", (dir / "study.toml").string(), "--out", out.string()};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  int blocks() const { return std::stoi(ask("SELECT max(block) + 1 FROM v_trial")[0][0]); }
  void expect_all_planned_is_stored() const {
    EXPECT_EQ(ask("SELECT count(*) FROM planned WHERE id NOT IN (SELECT trial_id % 1000000 FROM v_trial)")[0][0], "0") << log();
    EXPECT_EQ(ask("SELECT count(*) FROM v_trial WHERE trial_id % 1000000 NOT IN (SELECT id FROM planned)")[0][0], "0") << log();
  }
};

const std::vector<std::string> kSequential = {"--set", "study.sequential=true"};

TEST_F(DecidedRun, ASequentialStudyEndsWhenAllIsSettledAndSaysHowItsIntervalsAllowForThat) {
  const int code = run(study(kSequential));
  ASSERT_TRUE(code == 0 || code == 4) << log();   // a loaded machine may send late and say so
  EXPECT_LT(blocks(), 8) << log();
  EXPECT_EQ(blocks() % 2, 0);
  expect_all_planned_is_stored();
  EXPECT_THAT(log(), AllOf(HasSubstr("Every verdict is settled for"), HasSubstr("No further blocks after block")));
  EXPECT_THAT(read_file(out / "report.md").value(), AllOf(HasSubstr("**Looks**"), HasSubstr("5 % x k / 10")));
  const int before = trials(), decided = blocks();
  const int again = run(study({"--set", "study.sequential=true", "--resume"}));   // what is stored leads to the same decisions
  EXPECT_EQ(blocks(), decided) << log();
  expect_all_planned_is_stored();
  EXPECT_TRUE(again == 0 || again == code) << log();
  if (code == 0) {
    EXPECT_EQ(trials(), before);
  }
}

TEST_F(DecidedRun, KilledInTheMiddleItGoesOnWithWhatWasDecided) {
  const pid_t pid = start(study(kSequential));
  until_trials(7);
  kill(pid, SIGKILL);
  wait_for(pid);
  const auto kept = ask("SELECT trial_id, steady_start_ns FROM v_trial ORDER BY 1");
  ASSERT_GE(kept.size(), 7u) << log();
  const int code = run(study({"--set", "study.sequential=true", "--resume"}));
  ASSERT_TRUE(code == 0 || code == 4) << log();
  auto after = ask("SELECT trial_id, steady_start_ns FROM v_trial ORDER BY 1");
  ASSERT_GE(after.size(), kept.size());
  for (const auto& row : kept) EXPECT_THAT(after, testing::Contains(row));
  EXPECT_LT(blocks(), 8) << log();
  expect_all_planned_is_stored();
}

TEST_F(DecidedRun, ATimeBudgetIsSpentAndKept) {
  const int code = run(study({"--time-budget", "15s"}));
  ASSERT_TRUE(code == 0 || code == 4) << log();
  EXPECT_GT(blocks(), 2) << log();
  expect_all_planned_is_stored();
  EXPECT_LT(std::stod(ask("SELECT json_extract(body, '$.study_wall_s') FROM document WHERE name='run'")[0][0]), 15 * 1.3);
  EXPECT_EQ(ask("SELECT value FROM v_study WHERE key='study.time_budget_minutes'")[0][0], "0.25");
  EXPECT_THAT(log(), HasSubstr("Blocks 3 and 4 visit"));
  EXPECT_THAT(read_file(out / "report.md").value(), HasSubstr("**Time budget**"));
}

TEST_F(DecidedRun, ATimeBudgetThatIsNoTimeIsRefused) {
  for (const char* text : {"soon", "-5m", "0", "5 parsecs"}) EXPECT_EQ(run(study({std::string("--time-budget=") + text})), 2) << text;
}

}  // namespace
}  // namespace qc::test
