// vllm bench serve and sglang: what they computed themselves is the known answer.
#include "judge/compare/compare.h"
#include "unit/exchange/support.h"

namespace qc::test {
namespace {

using testing::HasSubstr;

TEST(Vllm, DetailedRequestsBecomeRecords) {
  const auto runs = read("vllm", peer("vllm_bench_serve.json"));
  ASSERT_EQ(runs.size(), 1u);
  const ReadRun& run = runs[0];
  EXPECT_EQ(run.concurrency, 1);
  ASSERT_EQ(run.requests.size(), 10u);
  EXPECT_EQ(std::ranges::count_if(run.requests, &RequestRecord::ok), 7);   // its `completed`
  const RequestRecord& first = run.requests[0];
  EXPECT_EQ(first.sent.ns, 7'077'845'707'122);                             // start_times[0] 7077.845707122
  EXPECT_EQ((*first.first - first.sent).count(), 21'980'605);              // ttfts[0]
  EXPECT_EQ(first.events.size(), 128u);
  EXPECT_EQ(first.output_tokens, 128);
}

TEST(Vllm, FailuresHaveTheirKind) {
  const auto runs = read("vllm", peer("vllm_bench_serve.json"));
  std::vector<std::string> kinds;
  for (const RequestRecord& r : runs.at(0).requests)
    if (r.failure) kinds.emplace_back(to_string(*r.failure));
  EXPECT_THAT(kinds, testing::ElementsAre("reset", "reset", "http_5xx"));   // cut body, reset, HTTP 500
}

TEST(Vllm, CellsHaveItsOwnPercentiles) {
  const StudyData data = study_of(read("vllm", peer("vllm_bench_serve.json")));
  const auto workloads = compare(data);
  const CellFigures& cell = workloads.at(0).points.at(0).baseline;
  EXPECT_EQ(cell.requests_ok, 7);
  EXPECT_EQ(cell.requests_failed, 3);
  EXPECT_NEAR(*cell.ttft_p50_ms.value, 22.354470000209403, 2e-6);   // p50_ttft_ms; instants are whole nanoseconds here
  EXPECT_NEAR(*cell.ttft_p95_ms.value, 26.35723739995228, 2e-6);
  EXPECT_NEAR(*cell.tpot_p50_ms.value, 5.520657263140923, 2e-6);
  EXPECT_NEAR(*cell.p50_ms.value, 128.88056299925665, 1e-4);        // its e2el; ours adds up ttft and 127 rounded gaps
  EXPECT_NEAR(*cell.p95_ms.value, 1334.1003885997447, 1e-4);
}

TEST(Vllm, SummaryAloneMakesNoRequests) {
  const auto runs = read("vllm", peer("vllm_summary.json"));
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_TRUE(runs[0].requests.empty());
  EXPECT_EQ(runs[0].figures.at("e2e_p95_ms"), 1334.1003885997447);
  EXPECT_EQ(runs[0].figures.at("output_tok_s"), 177.6945977983871);
  EXPECT_EQ(runs[0].figures.at("requests_failed"), 3);
}

TEST(Vllm, MetadataPlacesARun) {   // vllm bench serve --metadata variant=awq workload=chat block=2 writes strings
  std::string text = fixture("peers/vllm_summary.json");
  text.insert(1, R"("variant": "awq", "workload": "chat", "block": "2", )");
  const auto file = std::filesystem::temp_directory_path() / ("qc_meta_" + std::to_string(getpid()) + ".json");
  std::ofstream(file) << text;
  const auto runs = read("vllm", file);
  std::filesystem::remove(file);
  EXPECT_EQ(runs.at(0).variant, "awq");
  EXPECT_EQ(runs.at(0).workload, "chat");
  EXPECT_EQ(runs.at(0).block, 2);
}

TEST(Vllm, WhatIsNoResultIsRefusedWithARemedy) {
  EXPECT_THAT(refusal("vllm", R"({"elapsed": 3})"), HasSubstr("--save-result"));
  EXPECT_THAT(refusal("vllm", "not json at all"), HasSubstr("line 1"));
  Json cut = peer_json("vllm_bench_serve.json");
  cut["ttfts"].erase(cut["ttfts"].begin());
  EXPECT_THAT(refusal("vllm", cut.dump()), HasSubstr("ttfts 9"));
}

TEST(Vllm, ExportOfAnImportHasVllmsOwnStatistics) {
  const Json theirs = peer_json("vllm_bench_serve.json");
  const Json ours = Json::parse(exported(study_of(read("vllm", peer("vllm_bench_serve.json"))), "vllm", "conc1_block0.json"));
  for (const char* key : {"mean_ttft_ms", "median_ttft_ms", "std_ttft_ms", "p99_ttft_ms", "mean_tpot_ms", "median_tpot_ms", "std_tpot_ms", "p95_tpot_ms", "mean_itl_ms", "std_itl_ms", "p99_itl_ms",
                          "mean_e2el_ms", "std_e2el_ms", "p99_e2el_ms"})
    EXPECT_NEAR(ours.at(key).get<double>(), theirs.at(key).get<double>(), 2e-4) << key;
  for (const char* key : {"completed", "failed", "total_input_tokens", "total_output_tokens", "max_output_tokens_per_s", "max_concurrent_requests", "num_prompts", "max_concurrency"})
    EXPECT_EQ(ours.at(key).get<double>(), theirs.at(key).get<double>()) << key;
  EXPECT_EQ(ours.at("output_lens"), theirs.at("output_lens"));
  EXPECT_EQ(ours.at("errors").at(0), "");
  EXPECT_NE(ours.at("errors").at(1), "");
}

// As of guidellm's files, which tell no instants between the first token and the last.
TEST(Vllm, GapsThatNobodyToldAreNotWrittenAsZero) {
  StudyData data = study_of(read("vllm", peer("vllm_bench_serve.json")));
  for (RequestRecord& r : data.requests)
    if (r.events.size() > 1) r.events.clear();
  const Json run = Json::parse(exported(data, "vllm", "conc1_block0.json"));
  for (const char* key : {"mean_itl_ms", "median_itl_ms", "p99_itl_ms", "max_output_tokens_per_s"}) EXPECT_TRUE(run.at(key).is_null()) << key;
  EXPECT_TRUE(run.at("mean_tpot_ms").is_number());
}

TEST(Vllm, WithoutDetailsNoValueOfARequestIsWritten) {
  const StudyData data = study_of(read("vllm", peer("vllm_bench_serve.json")));
  const Json run = Json::parse(exported(data, "vllm", "conc1_block0.json", Details::leave_out));
  EXPECT_FALSE(run.contains("ttfts"));
  EXPECT_TRUE(run.contains("p99_itl_ms"));
  const Json summary = Json::parse(exported(data, "vllm", "summary.json"));
  ASSERT_EQ(summary.size(), 1u);
  EXPECT_FALSE(summary.at(0).contains("ttfts"));
}

TEST(Vllm, ImportExportImportKeepsEveryInstant) {
  const StudyData data = study_of(read("vllm", peer("vllm_bench_serve.json")));
  const auto file = std::filesystem::temp_directory_path() / ("qc_again_" + std::to_string(getpid()) + ".json");
  std::ofstream(file) << exported(data, "vllm", "conc1_block0.json");
  const auto again = read("vllm", file);
  std::filesystem::remove(file);
  ASSERT_EQ(again.at(0).requests.size(), data.requests.size());
  for (std::size_t i = 0; i < data.requests.size(); ++i) {
    EXPECT_EQ(again[0].requests[i].sent, data.requests[i].sent);
    ASSERT_EQ(again[0].requests[i].events.size(), data.requests[i].ok() ? data.requests[i].events.size() : again[0].requests[i].events.size());
    for (std::size_t e = 0; data.requests[i].ok() && e < data.requests[i].events.size(); ++e) EXPECT_EQ(again[0].requests[i].events[e].at, data.requests[i].events[e].at);
  }
}

TEST(Sglang, ArraysWithoutInstantsGiveItsOwnPercentilesAndNoRequests) {
  for (const char* file : {"sglang_bench_serving.jsonl", "sglang_rust_client.jsonl"}) {   // the first holds Infinity, which is no JSON
    std::string text = fixture(std::string("peers/") + file);
    const auto infinity = text.find("Infinity");
    if (infinity != std::string::npos) text.replace(infinity, 8, "null");
    const Json theirs = Json::parse(text);
    const auto runs = read("sglang", peer(file));
    ASSERT_EQ(runs.size(), 1u);
    EXPECT_TRUE(runs[0].requests.empty());
    EXPECT_NEAR(runs[0].figures.at("ttft_p95_ms"), theirs.at("p95_ttft_ms").get<double>(), 1e-9);
    EXPECT_LT(runs[0].figures.at("e2e_p50_ms"), theirs.at("median_e2e_latency_ms").get<double>() + 1e-3) << "its Python client's ends with the stream, ours with the last text";
    EXPECT_GT(runs[0].figures.at("e2e_p50_ms"), theirs.at("median_e2e_latency_ms").get<double>() - 5);
    EXPECT_NEAR(runs[0].figures.at("itl_p99_ms"), theirs.at("p99_itl_ms").get<double>(), 1e-9);
    EXPECT_EQ(runs[0].figures.at("requests_ok"), 7);
    EXPECT_EQ(runs[0].figures.at("requests_failed"), 3);
    EXPECT_EQ(runs[0].concurrency, 1);
    EXPECT_EQ(runs[0].max_tokens, 128);
  }
}

TEST(Sglang, ExportIsALineATrial) {
  const std::string text = exported(study_of(read("vllm", peer("vllm_bench_serve.json"))), "sglang", "bf16.jsonl");
  EXPECT_EQ(std::ranges::count(text, '\n'), 1);
  const Json run = Json::parse(text), vllm = peer_json("vllm_bench_serve.json");
  EXPECT_NEAR(run.at("p99_ttft_ms").get<double>(), vllm.at("p99_ttft_ms").get<double>(), 1e-5);
  EXPECT_NEAR(run.at("mean_e2e_latency_ms").get<double>(), vllm.at("mean_e2el_ms").get<double>(), 1e-3);
  EXPECT_TRUE(run.at("total_output_tokens_retokenized").is_null());
}

}  // namespace
}  // namespace qc::test
