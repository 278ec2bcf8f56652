// The whole program on servers that sleep and wake, on a card whose memory is a folder: never two awake, and every way it goes wrong.
#include <gmock/gmock.h>
#include <signal.h>
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "core/files.h"
#include "core/process.h"
#include "core/text.h"
#include "support/fake_card.h"

namespace qc {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

const char* const kStudy = R"toml([study]
name = "sleepy"
blocks = 2
[engine]
kind = "vllm"
switch = "sleep"
max_model_len = 256
command = ["@SERVER@"]
[[variant]]
name = "bf16"
model = "test/bf16"
baseline = true
args = ["--trick", "@BASE@"]
[[variant]]
name = "awq"
model = "test/awq"
args = ["--trick", "@TRICK@"]
[[workload]]
name = "chat"
endpoint = "completions"
concurrency = [1, 2]
requests_per_slot = 1
min_requests = 2
warmup = 0
max_tokens = 4
[quality]
spot = []
divergence_chunks = 0
)toml";
const auto kDoneOrBusy = testing::AnyOf(0, 4);   // 4: visits were invalid, since another program kept this machine busy
constexpr int kTrials = 2 * (2 * 2 + 1);   // blocks x (points x variants + the A/A visit)

void put(std::string& text, const std::string& mark, const std::string& value) { text.replace(text.find(mark), mark.size(), value); }

struct SleepRun : testing::Test {
  fs::path dir = fs::temp_directory_path() / ("qc_sleep_" + std::to_string(getpid()) + testing::UnitTest::GetInstance()->current_test_info()->name());
  fs::path out = dir / "out", card = dir / "card";

  void TearDown() override { fs::remove_all(dir); }

  void write_study(const std::string& trick, const std::string& base = "none") const {
    fs::create_directories(card);
    std::string text = kStudy;
    put(text, "@SERVER@", QC_BINARY_DIR "/sleepy_server"), put(text, "@BASE@", base), put(text, "@TRICK@", trick);
    std::ofstream(dir / "sleepy.toml") << text;
  }
  Process start(const std::vector<std::string>& more = {}) const {
    Command command;
    command.words = {QC_BINARY_DIR "/quantcase", "run", (dir / "sleepy.toml").string(), "--out", out.string()};
    command.words.insert(command.words.end(), more.begin(), more.end());
    command.environment = {{"LD_LIBRARY_PATH", QC_BINARY_DIR "/fake_nvml"}, {"QC_FAKE_CARD", card.string()}};
    return std::move(*Process::start(command, dir / "log"));
  }
  static int wait_for(Process& process) {
    for (int i = 0; i < 1200; ++i, std::this_thread::sleep_for(50ms))
      if (const auto exit = process.exited()) return exit->code.value_or(-1);
    return -2;
  }
  int run(const std::vector<std::string>& more = {}) const {
    auto process = start(more);
    return wait_for(process);
  }
  std::string log() const { return read_file(dir / "log").value(); }
  std::string report() const { return read_file(out / "report.md").value(); }
  /// "start bf16", "sleep bf16" ... as the servers wrote them down.
  std::vector<std::string> events() const {
    const auto text = read_file(card / "events");
    return text ? split(trim(*text), '\n') : std::vector<std::string>{};
  }
  std::string ask(const std::string& sql) const {
    sqlite3* db = nullptr;
    sqlite3_open_v2((out / "study.sqlite").c_str(), &db, SQLITE_OPEN_READWRITE, nullptr);
    sqlite3_busy_timeout(db, 5000);
    sqlite3_stmt* s = nullptr;
    std::string text = "no answer";
    if (sqlite3_prepare_v2(db, sql.c_str(), -1, &s, nullptr) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
      if (const auto* found = sqlite3_column_text(s, 0)) text = reinterpret_cast<const char*>(found);
    sqlite3_finalize(s);
    sqlite3_close(db);
    return text;
  }
  /// Whether a visit was valid depends on how busy this machine is (our own lateness); that it was made does not.
  int visited_trials() const { return fs::exists(out / "study.sqlite") ? std::atoi(ask("SELECT count(DISTINCT trial_id % 1000000) FROM v_trial").c_str()) : 0; }
  void expect_one_awake_at_a_time() const {
    for (const auto& line : events()) EXPECT_THAT(line, testing::AllOf(Not(HasSubstr("TWO AWAKE")), Not(HasSubstr("ASKED ASLEEP"))));
    EXPECT_EQ(test::used_of(card), test::kOthersMib * test::kMiB) << "a server outlived the run";
  }
};

TEST_F(SleepRun, EachIsStartedOnceAndOneAtATimeIsAwake) {
  write_study("none");
  ASSERT_THAT(run(), kDoneOrBusy) << log();
  expect_one_awake_at_a_time();
  auto seen = events();
  EXPECT_EQ(std::ranges::count_if(seen, [](const auto& line) { return line.starts_with("start "); }), 2);
  seen.resize(4);
  EXPECT_THAT(seen, testing::ElementsAre("start bf16", "sleep bf16", "start awq", "sleep awq"));
  EXPECT_EQ(visited_trials(), kTrials);
  EXPECT_EQ(ask("SELECT count(*) FROM v_turn WHERE kind = 'first_sleep' AND ok"), "2");
  EXPECT_EQ(ask("SELECT count(*) FROM v_turn WHERE NOT ok"), "0");
  EXPECT_EQ(ask("SELECT count(*) FROM v_turn WHERE kind = 'start' AND used_after_bytes > used_before_bytes"), "2");
  EXPECT_EQ(ask("SELECT count(*) FROM v_turn WHERE kind = 'stop' AND used_after_bytes < used_before_bytes"), "2");
  EXPECT_EQ(ask("SELECT max(used_bytes) FROM v_memory WHERE phase = 'asleep'"), std::to_string(1LL << 30));
  // Under load it is the awake server's own memory: what sleepers keep is not counted.
  EXPECT_EQ(ask("SELECT max(used_bytes) FROM v_memory WHERE phase = 'load' AND source = 'nvml'"), std::to_string(20LL << 30));
  EXPECT_THAT(report(), testing::AllOf(HasSubstr("one at a time is awake"), HasSubstr("keeps 1.00 GiB of the card"), HasSubstr("across a sleep")));
}

TEST_F(SleepRun, AServerThatFreesNothingIsNotBelieved) {
  write_study("frees-nothing");
  ASSERT_THAT(run(), kDoneOrBusy) << log();
  EXPECT_EQ(visited_trials(), kTrials);
  EXPECT_THAT(log(), HasSubstr("Sleep was given up: the server of awq said that it sleeps, but freed 0.0 GiB"));
  EXPECT_THAT(report(), HasSubstr("Sleep was given up"));
  expect_one_awake_at_a_time();
  EXPECT_EQ(ask("SELECT json_extract(body, '$.switching') FROM document WHERE name = 'run'"), "restart");
}

TEST_F(SleepRun, AReleaseWithoutSleepModeIsRestarted) {
  write_study("old", "old");
  ASSERT_THAT(run(), kDoneOrBusy) << log();
  EXPECT_EQ(visited_trials(), kTrials);
  EXPECT_THAT(log(), HasSubstr("Sleep was given up: this release of vllm has no sleep mode"));
  EXPECT_EQ(ask("SELECT json_extract(body, '$.switching') FROM document WHERE name = 'run'"), "restart");
  expect_one_awake_at_a_time();
}

TEST_F(SleepRun, AServerThatDoesNotWakeIsStartedAnewOnce) {
  write_study("wake-500-once");
  ASSERT_THAT(run(), kDoneOrBusy) << log();
  EXPECT_EQ(visited_trials(), kTrials);
  EXPECT_EQ(ask("SELECT count(*) FROM v_turn WHERE kind = 'restart' AND variant = 'awq' AND ok"), "1");
  EXPECT_THAT(log(), HasSubstr("did not come back from sleep"));
  expect_one_awake_at_a_time();
}

TEST_F(SleepRun, TheSecondTimeItHasNoMoreFiguresAndNothingIsLost) {
  write_study("wake-500");
  std::ofstream(dir / "sleepy.toml", std::ios::app) << "[[variant]]\nname = \"gptq\"\nmodel = \"test/gptq\"\nargs = [\"--trick\", \"none\"]\n";
  EXPECT_EQ(run(), 3) << log();
  EXPECT_THAT(log(), testing::AllOf(HasSubstr("The server of awq died"), HasSubstr("answered 500 to /wake_up: the card is too full for it; `nvidia-smi` names who else holds its memory"),
                                   HasSubstr("(HTTP 500: Call to wake_up method failed: CUDA Error: out of memory at"), Not(HasSubstr("{\"error\""))));
  EXPECT_GE(std::stoi(ask("SELECT count(*) FROM v_trial WHERE variant = 'bf16'")), 6);
  EXPECT_GE(std::stoi(ask("SELECT count(*) FROM v_trial WHERE variant = 'gptq'")), 4);
  EXPECT_TRUE(fs::exists(out / "report.md"));
  expect_one_awake_at_a_time();
}

TEST_F(SleepRun, AnOnlyCandidateThatHasNoRoomBesideASleeperIsStartedAlone) {
  write_study("no-room-beside");
  ASSERT_THAT(run(), testing::AnyOf(0, 3, 4)) << log();   // 3: that one start failed is said
  EXPECT_THAT(log(), HasSubstr("Sleep was given up: the server of awq would not start beside those that sleep"));
  EXPECT_EQ(visited_trials(), kTrials);
  EXPECT_EQ(ask("SELECT count(*) FROM v_trial WHERE variant = 'awq'"), "4");
  expect_one_awake_at_a_time();
}

TEST_F(SleepRun, WithoutItsOnlyCandidateAStudyEnds) {
  write_study("wake-500");
  EXPECT_EQ(run(), 3) << log();
  EXPECT_THAT(log(), HasSubstr("No candidate is left, so the study ends here; what was measured is kept, and `run --resume` goes on from there."));
  EXPECT_EQ(ask("SELECT count(DISTINCT block) FROM v_trial WHERE variant = 'bf16'"), "1") << "the baseline is not measured alone";
  EXPECT_TRUE(fs::exists(out / "report.md"));
  expect_one_awake_at_a_time();
}

TEST_F(SleepRun, TheBaselinesTwoVisitsLieAcrossASleepThoughNoCandidateIsLeftToDoBetweenThem) {
  write_study("none");
  ASSERT_THAT(run(), kDoneOrBusy) << log();
  ask("UPDATE trial SET valid = 1");
  ask("UPDATE trial SET valid = 0, invalid_because = 'by hand' WHERE variant = 'bf16' AND block = 1");
  ASSERT_THAT(run({"--resume"}), kDoneOrBusy) << log();
  auto seen = events();
  seen.erase(seen.begin(), std::ranges::find_if(seen.rbegin(), seen.rend(), [](const auto& line) { return line.ends_with("awq"); }).base());
  EXPECT_THAT(seen, testing::ElementsAre("wake bf16", "sleep bf16", "wake bf16"));
  expect_one_awake_at_a_time();
}

TEST_F(SleepRun, ABaselineThatDiesAsleepIsStartedAnew) {
  write_study("none", "die-asleep-once");
  ASSERT_THAT(run(), kDoneOrBusy) << log();
  EXPECT_EQ(visited_trials(), kTrials);
  EXPECT_THAT(log(), HasSubstr("exit code 7"));
  expect_one_awake_at_a_time();
}

TEST_F(SleepRun, ADeathOnFallingAsleepIsNoOther) {
  write_study("die-falling-asleep-once");
  ASSERT_THAT(run(), kDoneOrBusy) << log();
  EXPECT_EQ(visited_trials(), kTrials);
  EXPECT_EQ(ask("SELECT count(*) FROM v_turn WHERE kind = 'restart' AND variant = 'awq' AND ok"), "1");
  expect_one_awake_at_a_time();
}

TEST_F(SleepRun, CtrlCEndsSleepersTooAndResumeGoesOn) {
  write_study("none");
  auto process = start({"--set", "study.blocks=8"});
  for (int i = 0; i < 400 && visited_trials() < 3; ++i) std::this_thread::sleep_for(50ms);
  kill(process.pid(), SIGINT);
  EXPECT_EQ(wait_for(process), 5) << log();
  expect_one_awake_at_a_time();
  const int before = visited_trials();
  ASSERT_GE(before, 3);
  ASSERT_LT(before, 4 * kTrials);
  const auto kept = ask("SELECT group_concat(trial_id || ':' || steady_start_ns) FROM (SELECT * FROM v_trial WHERE valid AND trial_id < 4 ORDER BY trial_id)");
  EXPECT_THAT(run({"--resume", "--set", "study.blocks=8"}), kDoneOrBusy) << log();
  EXPECT_EQ(visited_trials(), 4 * kTrials);
  EXPECT_EQ(ask("SELECT group_concat(trial_id || ':' || steady_start_ns) FROM (SELECT * FROM v_trial WHERE valid AND trial_id < 4 ORDER BY trial_id)"), kept);
}

}  // namespace
}  // namespace qc
