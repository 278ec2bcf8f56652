// guidellm, aiperf, llama-bench: what they computed themselves is the known answer.
#include "judge/compare/compare.h"
#include "unit/exchange/support.h"

namespace qc::test {
namespace {

using testing::HasSubstr;

double successful(const Json& benchmark, const char* metric, const char* statistic) { return benchmark.at("metrics").at(metric).at("successful").at(statistic).get<double>(); }

TEST(Guidellm, RequestsComeAlongAndTheRateIsItsOwn) {
  const Json theirs = peer_json("guidellm.json").at("benchmarks").at(0);
  const auto runs = read("guidellm", peer("guidellm.json"));
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_EQ(runs[0].concurrency, 1);
  EXPECT_EQ(runs[0].requests.size(), 10u);
  EXPECT_TRUE(std::ranges::all_of(runs[0].requests, [](const RequestRecord& r) { return r.events.empty(); })) << "it keeps no instant between first and last token";
  const StudyData data = study_of(runs);
  const CellFigures cell = compare(data).at(0).points.at(0).baseline;
  EXPECT_EQ(cell.requests_ok, 6);
  EXPECT_EQ(cell.requests_failed, 4);
  EXPECT_DOUBLE_EQ(*cell.tok_s.value, successful(theirs, "output_tokens_per_second", "mean"));
  EXPECT_NEAR(*cell.mean_output, 128, 1e-9);
  EXPECT_FALSE(cell.tok_s.lo.has_value());
}

TEST(Guidellm, ExportOfAnImportHasItsOwnStatistics) {
  const Json theirs = peer_json("guidellm.json").at("benchmarks").at(0);
  const Json ours = Json::parse(exported(study_of(read("guidellm", peer("guidellm.json"))), "guidellm", "bf16.json")).at("benchmarks").at(0);
  for (const char* metric : {"time_to_first_token_ms", "time_per_output_token_ms", "inter_token_latency_ms", "request_latency", "output_token_count", "prompt_token_count"})
    for (const char* statistic : {"mean", "median", "std_dev", "min", "max", "count"})
      EXPECT_NEAR(successful(ours, metric, statistic), successful(theirs, metric, statistic), 2e-3) << metric << " " << statistic;   // its clock's last digit is 0.24 us
  EXPECT_EQ(ours.at("scheduler_metrics").at("requests_made"), theirs.at("scheduler_metrics").at("requests_made"));
}

TEST(Guidellm, WhatIsNoReportIsRefused) { EXPECT_THAT(refusal("guidellm", "{}"), HasSubstr("`benchmarks` is missing")); }

double statistic(const Json& summary, const char* metric, const char* name) { return summary.at(metric).at(name).get<double>(); }

TEST(Aiperf, EitherFileStandsForThePair) {
  for (const char* name : {"aiperf/profile_export.jsonl", "aiperf/profile_export_aiperf.json"}) {
    const auto runs = read("aiperf", peer(name));
    ASSERT_EQ(runs.size(), 1u) << name;
    EXPECT_EQ(runs[0].requests.size(), 10u);
    EXPECT_EQ(runs[0].concurrency, 1);
    EXPECT_EQ(runs[0].model, "mock");
    EXPECT_EQ(runs[0].figures.at("output_tok_s"), 290.19498294635025);
  }
}

TEST(Aiperf, UsageIsTakenBeforeTheClientsTokenizer) {
  const auto runs = read("aiperf", peer("aiperf/profile_export.jsonl"));
  EXPECT_EQ(runs.at(0).requests.at(8).output_tokens, 128);   // its own tokenizer says 544 of the text whose characters were split
}

TEST(Aiperf, CellsHaveItsOwnPercentiles) {
  const Json theirs = Json::parse(fixture("peers/aiperf/profile_export_aiperf.json"));
  const CellFigures cell = compare(study_of(read("aiperf", peer("aiperf/profile_export.jsonl")))).at(0).points.at(0).baseline;
  EXPECT_NEAR(*cell.ttft_p50_ms.value, statistic(theirs, "time_to_first_token", "p50"), 1e-5);
  EXPECT_NEAR(*cell.ttft_p95_ms.value, statistic(theirs, "time_to_first_token", "p95"), 1e-5);
  EXPECT_NEAR(*cell.p50_ms.value, statistic(theirs, "request_latency", "p50"), 1e-3);
  EXPECT_NEAR(*cell.p95_ms.value, statistic(theirs, "request_latency", "p95"), 1e-3);
  EXPECT_EQ(cell.requests_failed, 3);
}

TEST(Aiperf, ExportOfAnImportHasItsOwnStatistics) {
  const Json theirs = Json::parse(fixture("peers/aiperf/profile_export_aiperf.json"));
  const StudyData data = study_of(read("aiperf", peer("aiperf/profile_export.jsonl")));
  const Json ours = Json::parse(exported(data, "aiperf", "profile_export_aiperf.json"));
  for (const char* metric : {"time_to_first_token", "time_to_second_token", "inter_chunk_latency", "request_latency"})
    for (const char* name : {"avg", "p1", "p50", "p99", "min", "max", "std", "count"}) EXPECT_NEAR(statistic(ours, metric, name), statistic(theirs, metric, name), 1e-3) << metric << " " << name;
  EXPECT_EQ(statistic(ours, "error_request_count", "avg"), statistic(theirs, "error_request_count", "avg"));
  const std::string records = exported(data, "aiperf", "profile_export.jsonl");
  const Json first = Json::parse(records.substr(0, records.find('\n'))), kept = peer_json("aiperf/profile_export.jsonl");
  EXPECT_NEAR(first.at("metrics").at("inter_token_latency").at("value").get<double>(), kept.at("metrics").at("inter_token_latency").at("value").get<double>(), 1e-5);
  EXPECT_EQ(first.at("metadata").at("request_start_ns"), kept.at("metadata").at("request_start_ns"));
}

TEST(Aiperf, WhatIsNoneIsRefused) {
  EXPECT_THAT(refusal("aiperf", R"({"a": 1})"), HasSubstr("`request_latency` is missing"));
  EXPECT_THAT(refusal("aiperf", R"({"a": 1})", ".jsonl"), HasSubstr("request_start_ns"));
}

TEST(LlamaBench, ARepetitionIsARun) {
  const Json theirs = Json::parse(fixture("peers/llama_bench_q4_0.json"));
  const auto runs = read("llama-bench", peer("llama_bench_q4_0.json"));
  ASSERT_EQ(runs.size(), 3u);   // of tg16; pp32 makes no output
  EXPECT_EQ(runs[0].workload, "tg16");
  EXPECT_EQ(runs[0].concurrency, 1);
  EXPECT_EQ(runs[0].facts.parameters, theirs.at(1).at("model_n_params").get<double>());
  const CellFigures cell = compare(study_of(runs)).at(0).points.at(0).baseline;
  EXPECT_NEAR(*cell.tok_s.value, theirs.at(1).at("avg_ts").get<double>(), 1e-4);
  EXPECT_TRUE(cell.tok_s.lo.has_value());
  EXPECT_FALSE(cell.p95_ms);
  EXPECT_EQ(cell.p95_ms.na, "the imported files do not tell it");
}

TEST(LlamaBench, PromptsAloneAreRefused) {
  EXPECT_THAT(refusal("llama-bench", R"([{"n_prompt": 512, "n_gen": 0, "avg_ts": 700.0}])"), HasSubstr("-n 128"));
  EXPECT_THAT(refusal("llama-bench", R"([{"model": "x"}])"), HasSubstr("`n_prompt`"));
}

TEST(Formats, AnUnknownOneNamesThoseThatAre) {
  const auto runs = read_runs("genai-perf", "x", {});
  ASSERT_FALSE(runs);
  EXPECT_THAT(runs.error().message, HasSubstr("vllm, guidellm, aiperf, sglang, llama-bench and csv"));
}

}  // namespace
}  // namespace qc::test
