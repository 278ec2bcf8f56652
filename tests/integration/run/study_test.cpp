// The whole program on a real llama-server and the sample model: measured, killed, resumed, recomputed from the views.
#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <thread>

#include "core/files.h"

namespace qc {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

const char* const kStudy = R"toml([study]
name = "tiny"
blocks = 2
[hardware]
hourly_usd = 0.5
utilization = 0.8
[engine]
kind = "llama"
max_model_len = 256
max_num_seqs = 4
env = {QC_TEST_RUN = "@MARK@"}
[[variant]]
name = "q8"
model = "$QUANTCASE_MODELS/smollm2-135m-instruct-q8_0.gguf"
baseline = true
[[variant]]
name = "q4"
model = "$QUANTCASE_MODELS/smollm2-135m-instruct-q4_0.gguf"
[[workload]]
name = "chat"
concurrency = [1, 4]
requests_per_slot = 1
min_requests = 2
max_tokens = 8
p95_budget_ms = 3000
[quality]
spot = ["factual"]
max_tokens = 8
divergence_chunks = 0
)toml";

struct StudyRun : testing::Test {
  fs::path dir = fs::temp_directory_path() / ("qc_run_" + std::to_string(getpid()) + testing::UnitTest::GetInstance()->current_test_info()->name());
  fs::path out = dir / "out";

  void SetUp() override {
    if (!fs::exists(cache_dir() / "models/smollm2-135m-instruct-q4_0.gguf") || !fs::exists(cache_dir() / "llama/current/bin/llama-server"))
      GTEST_SKIP() << "no llama-server or sample model in the cache: `make deps` and scripts/model.sh bring them";
    fs::create_directories(dir);
    std::string text = kStudy;
    text.replace(text.find("@MARK@"), 6, dir.string());
    std::ofstream(dir / "tiny.toml") << text;
  }
  void TearDown() override { fs::remove_all(dir); }

  pid_t start(std::vector<std::string> words) const {
    words.insert(words.begin(), QC_BINARY_DIR "/quantcase");
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const pid_t pid = fork();
    if (pid == 0) {
      if (!std::freopen((dir / "log").c_str(), "a", stdout) || !std::freopen((dir / "log").c_str(), "a", stderr)) _exit(98);
      execv(argv[0], argv.data());
      _exit(99);
    }
    return pid;
  }
  static int wait_for(pid_t pid) {
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  int run(const std::vector<std::string>& words) const { return wait_for(start(words)); }
  std::vector<std::string> study(std::vector<std::string> more = {}) const {
    std::vector<std::string> words = {"run", (dir / "tiny.toml").string(), "--out", out.string()};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  std::vector<std::vector<std::string>> ask(const std::string& sql) const {
    sqlite3* db = nullptr;
    sqlite3_open_v2((out / "study.sqlite").c_str(), &db, SQLITE_OPEN_READWRITE, nullptr);
    sqlite3_busy_timeout(db, 5000);
    sqlite3_stmt* s = nullptr;
    std::vector<std::vector<std::string>> rows;
    if (sqlite3_prepare_v2(db, sql.c_str(), -1, &s, nullptr) == SQLITE_OK)
      while (sqlite3_step(s) == SQLITE_ROW) {
        rows.emplace_back();
        for (int c = 0; c < sqlite3_column_count(s); ++c) {
          const auto* text = sqlite3_column_text(s, c);
          rows.back().push_back(text ? reinterpret_cast<const char*>(text) : "NULL");
        }
      }
    sqlite3_finalize(s);
    sqlite3_close(db);
    return rows;
  }
  int trials() const {
    const auto rows = fs::exists(out / "study.sqlite") ? ask("SELECT count(*) FROM v_trial") : std::vector<std::vector<std::string>>{};
    return rows.empty() ? 0 : std::stoi(rows[0][0]);
  }
  void until_trials(int n) const {
    for (int i = 0; i < 600 && trials() < n; ++i) std::this_thread::sleep_for(100ms);
  }
  std::string log() const { return read_file(dir / "log").value(); }
  /// Servers that this test's own runs started and that still live: they carry its folder in their environment.
  std::vector<pid_t> servers(const std::string& model = "") const {
    std::vector<pid_t> found;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
      const auto read = [&](const char* name) {
        std::ifstream in(entry.path() / name);
        return std::string{std::istreambuf_iterator<char>(in), {}};
      };
      if (read("environ").find("QC_TEST_RUN=" + dir.string()) != std::string::npos && read("cmdline").find(model) != std::string::npos)
        found.push_back(std::stoi(entry.path().filename()));
    }
    return found;
  }
};

TEST_F(StudyRun, EveryThroughputAndDollarComesOutOfTheViews) {
  ASSERT_EQ(run(study()), 0) << log();
  for (const auto* file : {"report.md", "report.html", "summary.json", "manifest.json", "study.toml", "figures/chat_throughput.svg", "logs/q8.1.log", "tiny_quant_quality_eval.json"})
    EXPECT_TRUE(fs::exists(out / file)) << file;
  // Throughput of each cell by SQL alone: the mean over valid trials of tokens in the steady window over its length.
  const auto cells = ask(R"(WITH rate AS (SELECT t.variant, t.concurrency, t.trial_id,
      (SELECT sum(e.tokens) FROM v_event e JOIN v_request r USING(trial_id, request_id) WHERE e.trial_id = t.trial_id AND r.ok AND NOT r.warmup
        AND e.at_ns > t.steady_start_ns AND e.at_ns <= t.steady_end_ns) * 1e9 / (t.steady_end_ns - t.steady_start_ns) AS tok_s
      FROM v_trial t WHERE t.valid AND NOT t.repeat)
    SELECT f.value, c.tok_s, (SELECT value FROM v_figure WHERE section='cost' AND column = c.variant || '.usd_per_1m_output' AND row LIKE '%conc=' || c.concurrency) FROM
      (SELECT variant, concurrency, avg(tok_s) AS tok_s FROM rate GROUP BY 1, 2) c
      JOIN v_figure f ON f.section='chat' AND f.row = 'conc=' || c.concurrency AND f.column = c.variant || '.output_tok_s')");
  ASSERT_EQ(cells.size(), 4u);
  for (const auto& row : cells) {
    EXPECT_NEAR(std::stod(row[0]) / std::stod(row[1]), 1, 1e-9);
    if (row[2] == "NULL") continue;  // the cost table shows the highest concurrency
    EXPECT_NEAR(std::stod(row[2]), 0.5 * 1e6 / (3600 * std::stod(row[1]) * 0.8), 1e-6);
  }
  EXPECT_EQ(ask("SELECT count(*) FROM v_request WHERE NOT ok")[0][0], "0");
  EXPECT_TRUE(servers().empty());
}

TEST_F(StudyRun, KilledInTheMiddleItGoesOnWithoutTheTrialsThatAreStored) {
  const pid_t pid = start(study());
  until_trials(3);
  kill(pid, SIGKILL);
  wait_for(pid);
  const int before = trials();
  ASSERT_GE(before, 3) << log();
  const auto kept = ask("SELECT trial_id, steady_start_ns FROM v_trial ORDER BY 1");
  for (int i = 0; i < 50 && !servers().empty(); ++i) std::this_thread::sleep_for(100ms);
  EXPECT_TRUE(servers().empty()) << "a server outlived us";
  ASSERT_EQ(run(study({"--resume"})), 0) << log();
  auto after = ask("SELECT trial_id, steady_start_ns FROM v_trial ORDER BY 1");
  EXPECT_EQ(after.size(), 10u);  // 2 blocks x (2 points x 2 variants + the A/A visit)
  after.resize(kept.size());
  EXPECT_EQ(after, kept);
  EXPECT_NE(read_file(out / "report.md").value().find("Resumed"), std::string::npos);
}

TEST_F(StudyRun, CtrlCStoresAndReportsAndExitsWithFive) {
  const pid_t pid = start(study({"--set", "study.blocks=6"}));
  until_trials(2);
  kill(pid, SIGINT);
  EXPECT_EQ(wait_for(pid), 5) << log();
  EXPECT_TRUE(fs::exists(out / "report.md"));
  EXPECT_TRUE(servers().empty());
}

TEST_F(StudyRun, AServerThatIsKilledIsSaidWithItsLastLinesAndNothingIsLost) {
  const pid_t pid = start(study({"--set", "study.blocks=20"}));
  until_trials(3);
  const auto victims = servers("q4_0.gguf");
  ASSERT_EQ(victims.size(), 1u);
  kill(victims.front(), SIGKILL);
  for (int i = 0; i < 1200 && log().find("q4 died") == std::string::npos; ++i) std::this_thread::sleep_for(100ms);
  kill(pid, SIGINT);
  const int code = wait_for(pid);
  EXPECT_TRUE(code == 3 || code == 5) << code;
  EXPECT_NE(log().find("q4 died"), std::string::npos) << log();
  EXPECT_NE(log().find("signal 9"), std::string::npos) << log();
  EXPECT_GE(trials(), 3);
  EXPECT_TRUE(fs::exists(out / "report.md"));
}

TEST_F(StudyRun, AResumedRunKeepsTheVisitsThatDidNotCount) {
  ASSERT_EQ(run(study({"--set", "study.blocks=1"})), 0) << log();
  const auto time_before = ask("SELECT json_extract(body, '$.study_wall_s') FROM document WHERE name='run'")[0][0];
  ask("UPDATE trial SET valid=0, invalid_because='the server died' WHERE id=2");
  ASSERT_EQ(run(study({"--set", "study.blocks=1", "--resume"})), 0) << log();
  EXPECT_EQ(ask("SELECT invalid_because FROM v_trial WHERE NOT valid")[0][0], "the server died");
  EXPECT_EQ(ask("SELECT count(*) FROM v_trial")[0][0], "6");   // five planned ones, and the one that did not count
  EXPECT_GT(std::stod(ask("SELECT json_extract(body, '$.study_wall_s') FROM document WHERE name='run'")[0][0]), std::stod(time_before));
}

TEST_F(StudyRun, ASecondRunKeepsTheFirst) {
  ASSERT_EQ(run(study({"--set", "study.blocks=1"})), 0) << log();
  ASSERT_EQ(run(study({"--set", "study.blocks=1"})), 0) << log();
  EXPECT_TRUE(fs::exists(out.string() + ".1/study.sqlite"));
}

TEST_F(StudyRun, AFileThatIsNoModelIsNamedBeforeAnythingStarts) {
  std::ofstream(dir / "broken.gguf") << "GGUF";
  EXPECT_EQ(run(study({"--set", "variant.q8.model=" + (dir / "broken.gguf").string()})), 2) << log();   // its header is read before anything starts
  EXPECT_NE(log().find("broken.gguf: not a usable GGUF file"), std::string::npos) << log();
}

TEST_F(StudyRun, WhatIsNotAsExpectedIsRefusedAndNothingIsMovedAside) {
  ASSERT_EQ(run(study({"--set", "study.blocks=1"})), 0) << log();
  EXPECT_EQ(run(study({"--set", "variant.q4.expect=\"gguf:Q8_0\""})), 8) << log();
  EXPECT_FALSE(fs::exists(out.string() + ".1"));
  std::ofstream(dir / "broken.jsonl") << "{\"prompt\": \"ok\"}\nnot json\n";
  EXPECT_EQ(run(study({"--set", "workload.chat.prompts=\"" + (dir / "broken.jsonl").string() + "\""})), 2) << log();
  EXPECT_NE(log().find("broken.jsonl:2"), std::string::npos) << log();
  EXPECT_FALSE(fs::exists(out.string() + ".1"));
}

}  // namespace
}  // namespace qc
