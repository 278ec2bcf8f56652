#include "store/store.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>

#include "support/tiny_study.h"

namespace qc {
namespace {

namespace fs = std::filesystem;

struct StoreTest : testing::Test {
  fs::path dir = fs::temp_directory_path() / ("qc_store_" + std::to_string(getpid()) + testing::UnitTest::GetInstance()->current_test_info()->name());
  fs::path file = dir / "study.sqlite";
  void SetUp() override { fs::remove_all(dir); }
  void TearDown() override { fs::remove_all(dir); }

  Store made() {
    auto store = Store::create(file, test::study());
    EXPECT_TRUE(store) << store.error().message;
    return std::move(*store);
  }

  /// One value, asked as anybody would: with SQLite itself.
  std::string ask(const std::string& sql) const {
    sqlite3* db = nullptr;
    sqlite3_open_v2(file.c_str(), &db, SQLITE_OPEN_READONLY, nullptr);
    sqlite3_stmt* s = nullptr;
    EXPECT_EQ(sqlite3_prepare_v2(db, sql.c_str(), -1, &s, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
    std::string out;
    while (sqlite3_step(s) == SQLITE_ROW) {
      const auto* text = sqlite3_column_text(s, 0);
      out += (out.empty() ? "" : ",") + (text ? std::string(reinterpret_cast<const char*>(text)) : "NULL");
    }
    sqlite3_finalize(s);
    sqlite3_close(db);
    return out;
  }
};

TEST_F(StoreTest, TurnsOfTheDeviceComeBackAndOlderStoresGetTheirTable) {
  {
    Store store = made();
    ASSERT_TRUE(store.put_turn({"q4", "first_sleep", test::at_ms(5), 15.9, 70, 2, true, ""}));
    ASSERT_TRUE(store.put_turn({"q4", "wake", test::at_ms(9), 0.6, 2, {}, false, "answered 500"}));
    ASSERT_TRUE(store.put_run({}));
    const auto data = store.load(test::study());
    ASSERT_TRUE(data) << data.error().message;
    ASSERT_EQ(data->turns.size(), 2u);
    EXPECT_EQ(data->turns[0].kind, "first_sleep");
    EXPECT_EQ(data->turns[0].used_after, 2);
    EXPECT_FALSE(data->turns[1].ok);
    EXPECT_EQ(data->turns[1].detail, "answered 500");
  }
  EXPECT_EQ(ask("SELECT seconds FROM v_turn WHERE ok"), "15.9");
  sqlite3* db = nullptr;
  sqlite3_open(file.c_str(), &db);
  sqlite3_exec(db, "DROP VIEW v_turn; DROP TABLE turn", nullptr, nullptr, nullptr);
  sqlite3_close(db);
  const auto old = Store::open(file);
  ASSERT_TRUE(old) << old.error().message;
  EXPECT_TRUE(old->load(test::study())->turns.empty());
}

TEST_F(StoreTest, ThePlanAndTheRunSoFarComeBack) {
  Store store = made();
  EXPECT_FALSE(store.run_so_far());
  RunInfo run;
  run.switching = "sleep", run.gpu_share = 0.76, run.environment = {{"OMP_NUM_THREADS", "2"}};
  ASSERT_TRUE(store.put_run(run));
  EXPECT_EQ(store.run_so_far()->switching, "sleep");
  EXPECT_EQ(store.run_so_far()->gpu_share, 0.76);
  EXPECT_EQ(store.run_so_far()->environment.at("OMP_NUM_THREADS"), "2");
  ASSERT_TRUE(store.put_plan({{3, "q4", "chat", 8, 11, 16, 1, 1, 2, true}}));
  const auto planned = store.planned();
  ASSERT_TRUE(planned);
  ASSERT_EQ(planned->size(), 1u);
  EXPECT_EQ((*planned)[0].id, 3);
  EXPECT_EQ((*planned)[0].position, 2);
  EXPECT_TRUE((*planned)[0].repeat);
}

TEST_F(StoreTest, EveryInstantOfEveryEventIsThere) {
  Store store = made();
  ASSERT_TRUE(store.put_trial(test::trial(3, "bf16", 0, 1100), {test::answered(3, 0, 5, 105, 100, 11)}, {}));
  EXPECT_EQ(ask("SELECT count(*) FROM v_event"), "11");
  EXPECT_EQ(ask("SELECT at_ns FROM v_event WHERE seq=2"), "305000000");
  EXPECT_EQ(ask("SELECT stamp FROM v_request"), "kernel");
  EXPECT_EQ(ask("SELECT chunks FROM v_request"), "11");
  EXPECT_EQ(ask("SELECT ok FROM v_request"), "1");
  EXPECT_EQ(ask("SELECT value FROM v_study WHERE key='hardware.hourly_usd'"), "0.36");
}

TEST_F(StoreTest, UnknownIsNull) {
  Store store = made();
  RequestRecord failed;
  failed.trial_id = 1, failed.failure = Failure::connect;
  ASSERT_TRUE(store.put_trial(test::trial(1, "q4", 0, 100), {failed}, {}));
  EXPECT_EQ(ask("SELECT first_ns FROM v_request"), "NULL");
  EXPECT_EQ(ask("SELECT failure FROM v_request"), "connect");
  EXPECT_EQ(ask("SELECT stamp FROM v_request"), "NULL");
  EXPECT_EQ(ask("SELECT rate FROM v_trial"), "NULL");
  EXPECT_EQ(ask("SELECT invalid_because FROM v_trial"), "NULL");
}

TEST_F(StoreTest, ASecondAttemptStandsBesideTheFirst) {
  Store store = made();
  TrialRecord t = test::trial(7, "q4", 0, 100);
  t.valid = false, t.invalid_because = "late";
  ASSERT_TRUE(store.put_trial(t, {test::answered(7, 0, 0, 10, 10, 3)}, {}));
  EXPECT_TRUE(store.finished_trials()->empty());
  t.attempt = 1, t.valid = true, t.invalid_because = "";
  ASSERT_TRUE(store.put_trial(t, {test::answered(7, 0, 0, 10, 10, 4)}, {}));
  EXPECT_EQ(ask("SELECT trial_id || ':' || valid FROM v_trial ORDER BY 1"), "1000007:1,7:0");
  EXPECT_EQ(*store.finished_trials(), (std::vector<int>{7}));
  EXPECT_EQ(ask("SELECT count(*) FROM v_event WHERE trial_id=1000007"), "4");
}

TEST_F(StoreTest, AnInterruptedVisitIsReplacedWhole) {
  Store store = made();
  ASSERT_TRUE(store.put_trial(test::trial(1, "q4", 0, 100), {test::answered(1, 0, 0, 10, 10, 9), test::answered(1, 1, 0, 10, 10, 9)}, {}));
  ASSERT_TRUE(store.put_trial(test::trial(1, "q4", 0, 100), {test::answered(1, 0, 0, 10, 10, 2)}, {}));
  EXPECT_EQ(ask("SELECT count(*) FROM v_event"), "2");
  EXPECT_EQ(ask("SELECT count(*) FROM v_request"), "1");
}

PlannedTrial planned(int id) {
  PlannedTrial trial;
  trial.id = id;
  return trial;
}

TEST_F(StoreTest, WhatIsStoredIsWhatIsLoaded) {
  StudyData before = test::two_blocks({1100, 1100}, {550, 550});
  {
    Store store = made();
    ASSERT_TRUE(store.put_plan({planned(1), planned(2)}));
    for (const auto& t : before.trials) ASSERT_TRUE(store.put_trial(t, {before.requests[static_cast<std::size_t>(t.id - 1)]}, {{t.variant, "load", test::at_ms(t.id), 5, {}, {}, {}, "rss"}}));
    VariantFacts facts;
    facts.variant = "q4", facts.bits_per_weight = 4.5, facts.settings = {{"threads", "2"}}, facts.unknown = {"metrics: none"};
    facts.proof = {{"max_num_seqs", "16", "/props"}}, facts.identity = {IdentityVerdict::contradicted, "it is BF16"};
    ASSERT_TRUE(store.put_facts(facts));
    RunInfo run;
    run.gpus = {"A, 1 MiB"}, run.host_memory_bytes = 42;
    ASSERT_TRUE(store.put_run(run));
    Answer answer;
    answer.variant = "q4", answer.suite = "code", answer.item = "x", answer.score = 0.5, answer.exact = false, answer.output = "a|b\n";
    Answer none = answer;
    none.item = "y", none.failure = "timeout: no byte in 60 s", none.output.clear();
    ASSERT_TRUE(store.put_answers({answer, none}));
    ASSERT_TRUE(store.put_event({"2026-01-01T00:00:00Z", "started", "hello"}));
  }
  auto store = Store::open(file);
  ASSERT_TRUE(store) << store.error().message;
  auto data = store->load(test::study());
  ASSERT_TRUE(data) << data.error().message;
  ASSERT_EQ(data->trials.size(), 4u);
  EXPECT_EQ(data->trials[3].variant, "q4");
  EXPECT_EQ(data->requests[1].events.size(), 11u);
  EXPECT_EQ(data->requests[1].events[1].at, test::at_ms(100));
  EXPECT_EQ(data->planned_trials, 2);
  ASSERT_EQ(data->variants.size(), 1u);
  EXPECT_EQ(*data->variants[0].bits_per_weight, 4.5);
  EXPECT_FALSE(data->variants[0].kv_tokens);
  EXPECT_EQ(data->variants[0].settings[0].second, "2");
  ASSERT_EQ(data->variants[0].proof.size(), 1u);
  EXPECT_EQ(data->variants[0].proof[0].name + data->variants[0].proof[0].value + data->variants[0].proof[0].source, "max_num_seqs16/props");
  EXPECT_EQ(data->variants[0].identity.verdict, IdentityVerdict::contradicted);
  EXPECT_EQ(data->variants[0].identity.because, "it is BF16");
  EXPECT_EQ(data->run.gpus, (std::vector<std::string>{"A, 1 MiB"}));
  EXPECT_EQ(data->answers[0].output, "a|b\n");
  EXPECT_EQ(*data->answers[0].exact, false);
  EXPECT_EQ(ask("SELECT output FROM v_answer WHERE item='y'"), "NULL") << "no answer is not an empty one";
  EXPECT_EQ(data->memory.size(), 4u);
  EXPECT_EQ(data->events[0].text, "hello");
}

TEST_F(StoreTest, AStudyIsNeverWrittenOver) {
  made();
  const auto again = Store::create(file, test::study());
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().fault, Fault::usage);
}

TEST_F(StoreTest, ADamagedFileIsSaidSoAndLeftAlone) {
  fs::create_directories(dir);
  std::ofstream(file) << "not a database, but long enough to be looked at as one ................................................................";
  const auto store = Store::open(file);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().fault, Fault::damaged);
  EXPECT_NE(store.error().message.find(file.string()), std::string::npos);
  EXPECT_TRUE(fs::exists(file));
}

TEST_F(StoreTest, MarkingAddsTheReason) {
  Store store = made();
  ASSERT_TRUE(store.put_trial(test::trial(1, "q4", 0, 100), {}, {}));
  ASSERT_TRUE(store.mark_invalid(1, "a"));
  ASSERT_TRUE(store.mark_invalid(1, "b"));
  EXPECT_EQ(ask("SELECT valid || invalid_because FROM v_trial"), "0a; b");
}

Telemetry one_trial() {
  const double inf = std::numeric_limits<double>::infinity();
  Telemetry t;
  t.server = {{0, {5}, "requests_running", 3}, {0, {4}, "edge", 0}};
  t.histograms = {{0, {"ttft_s", 2, 0.5, {{0.1, 1}, {inf, 2}}}}, {0, {"queue_s", 2, 0.25, {}}}};
  GpuSample gpu;
  gpu.at = {7}, gpu.device = 1, gpu.power_w = 412.5, gpu.event_reasons = 4;
  t.gpu = {gpu};
  return t;
}

TEST_F(StoreTest, WhatServerAndGpuSaidIsThere) {
  Store store = made();
  ASSERT_TRUE(store.put_trial(test::trial(3, "bf16", 0, 1100), {}, {}, one_trial()));
  ASSERT_TRUE(store.put_trial(test::trial(3, "bf16", 0, 1100), {}, {}, one_trial()));   // the same attempt again replaces it
  EXPECT_EQ(ask("SELECT trial_id || '|' || at_ns || '|' || name || '|' || value FROM v_server_metric ORDER BY at_ns"), "3|4|edge|0.0,3|5|requests_running|3.0");
  EXPECT_EQ(ask("SELECT bucket_count FROM v_server_histogram WHERE name='ttft_s' AND bucket_bound IS NULL"), "2.0");
  EXPECT_EQ(ask("SELECT sum FROM v_server_histogram WHERE name='queue_s'"), "0.25");
  EXPECT_EQ(ask("SELECT at_ns || '|' || device || '|' || power_w || '|' || throttle_reasons FROM v_gpu"), "7|1|412.5|4");
  EXPECT_EQ(ask("SELECT coalesce(sm_mhz, mem_mhz, temp_c, used_bytes) FROM v_gpu"), "NULL");
  ASSERT_TRUE(store.put_run({}));
  const auto data = store.load(test::study());
  ASSERT_TRUE(data) << data.error().message;
  ASSERT_EQ(data->telemetry.server.size(), 2u);
  EXPECT_EQ(data->telemetry.server[0].name, "edge");                                    // by time
  EXPECT_EQ(data->telemetry.server[1].trial_id, 3);
  ASSERT_EQ(data->telemetry.histograms.size(), 2u);
  EXPECT_EQ(data->telemetry.histograms[0].grown.name, "queue_s");
  ASSERT_EQ(data->telemetry.histograms[1].grown.buckets.size(), 2u);
  EXPECT_TRUE(std::isinf(data->telemetry.histograms[1].grown.buckets[1].bound));
  EXPECT_EQ(data->telemetry.gpu.at(0).event_reasons, 4);
  EXPECT_FALSE(data->telemetry.gpu.at(0).temp_c);
}

TEST_F(StoreTest, AStoreFromBeforeTheseTablesIsReadAndGoneOnWith) {
  {
    Store store = made();
    ASSERT_TRUE(store.put_run({}));
  }
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(file.c_str(), &db), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(db, "DROP VIEW v_gpu; DROP VIEW v_server_metric; DROP VIEW v_server_histogram; DROP TABLE gpu; DROP TABLE server_metric; DROP TABLE server_bucket; DROP TABLE server_histogram",
                         nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(db);
  auto store = Store::open(file);
  ASSERT_TRUE(store) << store.error().message;
  const auto data = store->load(test::study());
  ASSERT_TRUE(data) << data.error().message;
  EXPECT_TRUE(data->telemetry.server.empty());
  EXPECT_TRUE(store->put_trial(test::trial(3, "bf16", 0, 1100), {}, {}, one_trial()));
}

}  // namespace
}  // namespace qc
