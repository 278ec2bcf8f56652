// The whole program on a real llama-server and the sample model: measured, killed, resumed, recomputed from the views.
#include <cmath>

#include "integration/run/program_run.h"

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

// Speed alone: answers to quality prompts take half of so short a study.
const std::vector<std::string> kSpeedAlone = {"--set", "quality.spot=[]"}, kOneBlock = {"--set", "quality.spot=[]", "--set", "study.blocks=1"};

struct StudyRun : test::ProgramRun {
  void SetUp() override {
    if (!fs::exists(cache_dir() / "models/smollm2-135m-instruct-q4_0.gguf") || !fs::exists(cache_dir() / "llama/current/bin/llama-server"))
      GTEST_SKIP() << "no llama-server or sample model in the cache: `make deps` and scripts/model.sh bring them";
    put_study(kStudy);
  }
  static void TearDownTestSuite() { fs::remove_all(finished); }
  /// As one run of one block leaves this test's folder: made once, and copied for each test that goes on from there.
  void after_a_run() {
    if (!finished.empty()) return fs::copy(finished, dir, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
    ASSERT_EQ(run(study(kOneBlock)), 0) << log();
    finished = dir.string() + ".finished";
    fs::copy(dir, finished, fs::copy_options::recursive);
  }
  static inline fs::path finished;
  static std::vector<std::string> also(std::vector<std::string> words, const std::vector<std::string>& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  std::vector<std::string> study(const std::vector<std::string>& more = {}) const { return also({"run", (dir / "study.toml").string(), "--out", out.string()}, more); }
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
  const pid_t pid = start(study(kSpeedAlone));
  until_trials(3);
  EXPECT_EQ(run(study(kSpeedAlone)), 2) << log();   // one program at a time in a folder, else each would measure the other
  EXPECT_EQ(run(study(also(kSpeedAlone, {"--resume"}))), 2);
  EXPECT_NE(log().find("another quantcase is at work there (process " + std::to_string(pid) + ")"), std::string::npos) << log();
  kill(pid, SIGKILL);
  wait_for(pid);
  const int before = trials();
  ASSERT_GE(before, 3) << log();
  const auto kept = ask("SELECT trial_id, steady_start_ns FROM v_trial ORDER BY 1");
  for (int i = 0; i < 50 && !servers().empty(); ++i) std::this_thread::sleep_for(100ms);
  EXPECT_TRUE(servers().empty()) << "a server outlived us";
  ASSERT_EQ(run(study(also(kSpeedAlone, {"--resume"}))), 0) << log();
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
  EXPECT_EQ(wait_for(pid), 3) << log();   // of its own accord: no other candidate is left
  EXPECT_NE(log().find("No candidate is left, so the study ends here"), std::string::npos) << log();
  EXPECT_NE(log().find("q4 died"), std::string::npos) << log();
  EXPECT_NE(log().find("signal 9"), std::string::npos) << log();
  for (const auto& row : ask("SELECT invalid_because FROM v_trial WHERE NOT valid AND variant = 'q4'")) EXPECT_EQ(row[0], "the server died") << "late sends and lengths follow from it";
  EXPECT_GE(trials(), 3);
  EXPECT_TRUE(fs::exists(out / "report.md"));
}

TEST_F(StudyRun, AResumedRunMixesNeitherPromptsNorModels) {
  ASSERT_NO_FATAL_FAILURE(after_a_run());
  ask("UPDATE trial SET valid=0, invalid_because='the server died' WHERE id=2");
  const std::string known = ask("SELECT json_extract(body, '$.prompts_sha256.chat') FROM document WHERE name='run'")[0][0];
  ASSERT_EQ(known.size(), 64u);
  ask("UPDATE document SET body=json_set(body, '$.prompts_sha256.chat', 'aaaa') WHERE name='run'");
  EXPECT_EQ(run(study(also(kOneBlock, {"--resume"}))), 2);
  EXPECT_NE(log().find(" now) are other ones than those that this study began with: bring them back"), std::string::npos) << log();
  ask("UPDATE document SET body=json_set(body, '$.prompts_sha256.chat', '" + known + "') WHERE name='run'");
  ask("UPDATE facts SET body=json_set(body, '$.file_sha256', 'bbbb') WHERE variant='q4'");
  EXPECT_EQ(run(study(also(kOneBlock, {"--resume"}))), 8);
  EXPECT_NE(log().find("q4 is not what it was when this study began"), std::string::npos) << log();
  EXPECT_EQ(ask("SELECT json_extract(body, '$.file_sha256') FROM facts WHERE variant='q4'")[0][0], "bbbb");   // what the figures are of
  EXPECT_EQ(ask("SELECT count(*) FROM v_trial")[0][0], "5") << "nothing was measured of the other model";
}

TEST_F(StudyRun, AResumedRunKeepsTheVisitsThatDidNotCount) {
  ASSERT_NO_FATAL_FAILURE(after_a_run());
  const auto time_before = ask("SELECT json_extract(body, '$.study_wall_s') FROM document WHERE name='run'")[0][0];
  ask("UPDATE trial SET valid=0, invalid_because='the server died' WHERE id=2");
  ASSERT_EQ(run(study(also(kOneBlock, {"--resume"}))), 0) << log();
  EXPECT_EQ(ask("SELECT invalid_because FROM v_trial WHERE NOT valid")[0][0], "the server died");
  EXPECT_EQ(ask("SELECT count(*) FROM v_trial")[0][0], "6");   // five planned ones, and the one that did not count
  EXPECT_GT(std::stod(ask("SELECT json_extract(body, '$.study_wall_s') FROM document WHERE name='run'")[0][0]), std::stod(time_before));
}

TEST_F(StudyRun, ASecondRunKeepsTheFirst) {
  ASSERT_NO_FATAL_FAILURE(after_a_run());
  ASSERT_EQ(run(study(kOneBlock)), 0) << log();
  EXPECT_TRUE(fs::exists(out.string() + ".1/study.sqlite"));
}

TEST_F(StudyRun, ARemarkIsKeptInTheStoreAndPrinted) {
  ASSERT_NO_FATAL_FAILURE(after_a_run());
  EXPECT_EQ(run({"report", out.string(), "--note", " "}), 2);
  EXPECT_EQ(run({"report", out.string(), "--note", "Last week's card gave 12 % more."}), 0) << log();
  EXPECT_EQ(run({"report", out.string()}), 0) << log();   // and still
  const std::string report = read_file(out / "report.md").value();
  EXPECT_NE(report.find("Remarks that people added to this study:"), std::string::npos);
  EXPECT_NE(report.find("Z: Last week's card gave 12 % more."), std::string::npos);
  EXPECT_EQ(ask("SELECT count(*) FROM happened WHERE kind = 'remark'")[0][0], "1");
}

TEST_F(StudyRun, AFileThatIsNoModelIsNamedBeforeAnythingStarts) {
  std::ofstream(dir / "broken.gguf") << "GGUF";
  EXPECT_EQ(run(study({"--set", "variant.q8.model=" + (dir / "broken.gguf").string()})), 2) << log();   // its header is read before anything starts
  EXPECT_NE(log().find("broken.gguf: not a usable GGUF file"), std::string::npos) << log();
}

TEST_F(StudyRun, WhatIsNotAsExpectedIsRefusedAndNothingIsMovedAside) {
  ASSERT_NO_FATAL_FAILURE(after_a_run());
  EXPECT_EQ(run(study({"--set", "variant.q4.expect=\"gguf:Q8_0\""})), 8) << log();
  EXPECT_FALSE(fs::exists(out.string() + ".1"));
  std::ofstream(dir / "broken.jsonl") << "{\"prompt\": \"ok\"}\nnot json\n";
  EXPECT_EQ(run(study({"--set", "workload.chat.prompts=\"" + (dir / "broken.jsonl").string() + "\""})), 2) << log();
  EXPECT_NE(log().find("broken.jsonl:2"), std::string::npos) << log();
  EXPECT_FALSE(fs::exists(out.string() + ".1"));
}

}  // namespace
}  // namespace qc
