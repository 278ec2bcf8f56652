// CSV files as people have them: columns by name, synonym, unit and map.
#include "exchange/read/csv_columns.h"
#include "exchange/read/csv_table.h"
#include "unit/exchange/support.h"

namespace qc::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::vector<ReadRun> read_text(const std::string& text, const ColumnMap& map = {}) {
  const auto file = std::filesystem::temp_directory_path() / ("qc_csv_" + std::to_string(getpid()) + ".csv");
  std::ofstream(file) << text;
  auto runs = read("csv", file, map);
  std::filesystem::remove(file);
  return runs;
}

TEST(CsvTable, QuotesSemicolonsMarksAndComments) {
  const auto table = parse_csv("\xEF\xBB\xBF# made by hand\nname;\"a;b\"\r\nx;\"say \"\"hi\"\"\"\r\n\r\n");
  ASSERT_TRUE(table);
  EXPECT_THAT(table->header, testing::ElementsAre("name", "a;b"));
  ASSERT_EQ(table->rows.size(), 1u);
  EXPECT_THAT(table->rows[0].cells, testing::ElementsAre("x", "say \"hi\""));
  EXPECT_EQ(table->rows[0].line, 3u);
  EXPECT_TRUE(table->decimal_comma);
}

TEST(CsvTable, ARaggedRowIsNamedByItsLine) {
  const auto table = parse_csv("a,b\n1,2\n3\n");
  ASSERT_FALSE(table);
  EXPECT_THAT(table.error().message, HasSubstr("line 3 has 1 cells and the header 2"));
}

struct Named { const char *header, *ours; double factor; };

TEST(CsvColumns, SynonymsAndUnits) {
  const Named all[] = {{"Concurrency", "concurrency", 1},      {"users", "concurrency", 1},        {"max_concurrency", "concurrency", 1}, {"tok/s", "output_tok_s", 1},
                       {"Throughput (tok/s)", "output_tok_s", 1}, {"tokens_per_second", "output_tok_s", 1}, {"TPS", "output_tok_s", 1},  {"output_throughput", "output_tok_s", 1},
                       {"Output tokens/sec", "output_tok_s", 1}, {"output_tokens", "output_tokens", 1}, {"p95_ms", "e2e_p95_ms", 1},      {"P95 latency [s]", "e2e_p95_ms", 1000},
                       {"p50_latency_us", "e2e_p50_ms", 0.001}, {"e2e_p95_ms", "e2e_p95_ms", 1},   {"p99_e2el_ms", "e2e_p99_ms", 1},      {"TTFT p95 (s)", "ttft_p95_ms", 1000},
                       {"median_ttft_ms", "ttft_p50_ms", 1},   {"req/s", "requests_per_s", 1},     {"requests", "requests_ok", 1},        {"completed", "requests_ok", 1},
                       {"duration_s", "duration_s", 1},        {"duration (ms)", "duration_s", 0.001}, {"Model", "variant", 1},           {"scenario", "workload", 1}};
  for (const Named& n : all) {
    const auto columns = find_columns({n.header}, {});
    ASSERT_TRUE(columns) << n.header;
    ASSERT_TRUE(columns->contains(n.ours)) << n.header;
    EXPECT_DOUBLE_EQ(columns->at(n.ours).factor, n.factor) << n.header;
  }
}

TEST(CsvColumns, ALatencyWithoutAUnitIsNotGuessed) {
  const auto columns = find_columns({"concurrency", "p95"}, {});
  ASSERT_FALSE(columns);
  EXPECT_THAT(columns.error().message, AllOf(HasSubstr("`p95`"), HasSubstr("p95_ms"), HasSubstr("--map")));
}

TEST(CsvColumns, AMapNamesWhatNoNameTells) {
  const auto map = parse_map(R"({"output_tok_s": "speed", "e2e_p95_ms": "tail [s]", "concurrency": 8})", "map.json");
  ASSERT_TRUE(map);
  const auto runs = read_text("speed,tail\n100,2.5\n", *map);
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_EQ(runs[0].concurrency, 8);
  EXPECT_EQ(runs[0].figures.at("output_tok_s"), 100);
  EXPECT_EQ(runs[0].figures.at("e2e_p95_ms"), 2500);
  const auto missing = find_columns({"speeds"}, {{{"output_tok_s", "speed"}}, {}});
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, HasSubstr("did you mean `speeds`?"));
}

TEST(CsvColumns, AMapWithAnUnknownNameIsRefused) {
  const auto map = parse_map(R"({"output_toks": "speed"})", "map.json");
  ASSERT_FALSE(map);
  EXPECT_THAT(map.error().message, AllOf(HasSubstr("map.json"), HasSubstr("did you mean `output_tok")));
}

TEST(Csv, ARowIsARunAndNothingIsInvented) {
  const auto runs = read_text("variant,workload,concurrency,output_tok_s,p95_ms,ttft_p95_ms\nbf16,chat,1,58.2,2210,\nbf16,chat,8,\"1,390.5\",n/a,95\n");
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(runs[0].variant, "bf16");
  EXPECT_EQ(runs[0].workload, "chat");
  EXPECT_TRUE(runs[0].requests.empty());
  EXPECT_FALSE(runs[0].figures.contains("ttft_p95_ms"));
  EXPECT_EQ(runs[1].figures.at("output_tok_s"), 1390.5);
  EXPECT_FALSE(runs[1].figures.contains("e2e_p95_ms"));
  EXPECT_FALSE(runs[0].block.has_value());
}

TEST(Csv, DecimalCommasOfSemicolonFiles) {
  const auto runs = read_text("conc;tok/s;p95 (s)\n8;139,5;1,25\n");
  EXPECT_EQ(runs.at(0).figures.at("output_tok_s"), 139.5);
  EXPECT_EQ(runs.at(0).figures.at("e2e_p95_ms"), 1250);
}

TEST(Csv, RateFromTokensAndTime) {
  const auto runs = read_text("concurrency,output_tokens,duration_s,requests_ok\n4,1000,5,10\n");
  EXPECT_EQ(runs.at(0).figures.at("output_tok_s"), 200);
  EXPECT_EQ(runs.at(0).max_tokens, 100);   // 1000 tokens in 10 answers
}

TEST(Csv, WhatIsMissingIsNamedWithWhatIsThere) {
  EXPECT_THAT(refusal("csv", "a,b\n1,2\n", ".csv"), AllOf(HasSubstr("concurrency"), HasSubstr("columns: a, b"), HasSubstr("--map")));
  EXPECT_THAT(refusal("csv", "concurrency,p95_ms\n1,2\n", ".csv"), HasSubstr("output tokens per second"));
  EXPECT_THAT(refusal("csv", "concurrency,tok/s\n1,fast\n", ".csv"), AllOf(HasSubstr("line 2"), HasSubstr("`fast`")));
  EXPECT_THAT(refusal("csv", "concurrency,tok/s\n1.5,2\n", ".csv"), HasSubstr("no whole number"));
  EXPECT_THAT(refusal("csv", "", ".csv"), HasSubstr("no table"));
}

}  // namespace
}  // namespace qc::test
