// The whole program: CSVs to a report, a measured study out and in again, bad files.
#include <gmock/gmock.h>

#include <cstdlib>
#include <map>

#include "core/json.h"
#include "integration/run/program_run.h"

namespace qc::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const std::string kPeers = QC_SOURCE_DIR "/tests/fixtures/peers/";

struct Exchange : ProgramRun {
  void SetUp() override { fs::create_directories(dir); }
  std::string put(const std::string& name, const std::string& text) const {
    fs::create_directories((dir / name).parent_path());
    std::ofstream(dir / name) << text;
    return dir / name;
  }
  std::string report() const { return read_file(out / "report.md").value(); }
  int import(std::vector<std::string> words) const {
    words.insert(words.begin(), {"import", out.string()});
    return run(words);
  }
  /// (section, row, column) -> value, of the cells' own figures.
  std::map<std::string, double> cells() const {
    std::map<std::string, double> all;
    for (const auto& r : ask("SELECT section || ' ' || row || ' ' || column, value FROM v_figure WHERE value IS NOT NULL AND (column LIKE '%.output_tok_s' OR column LIKE '%.p50_ms' OR "
                             "column LIKE '%.p95_ms' OR column LIKE '%.ttft_p50_ms' OR column LIKE '%.ttft_p95_ms' OR column LIKE '%.tpot_p50_ms' OR column LIKE '%.delta_pct') AND section IN ('chat','batch')"))
      all[r[0]] = std::stod(r[1]);
    return all;
  }
  /// A study that was measured on an H100, unpacked into `out`.
  void unpack(const std::string& example) const {
    fs::create_directories(out);
    const std::string command = "xz -dc '" QC_SOURCE_DIR "/examples/" + example + "/study.sqlite.xz' >'" + (out / "study.sqlite").string() + "'";
    ASSERT_EQ(std::system(command.c_str()), 0);
  }
};

const std::string kHead = "workload,concurrency,output_tok_s,p95_ms,ttft_p95_ms\n";

TEST_F(Exchange, TwoCsvFilesMakeTheReportWithItsNineSections) {
  const auto bf16 = put("bf16.csv", kHead + "chat,1,58.2,2210,80\nchat,16,610,3100,250\nbatch,16,600,6100,300\n");
  const auto awq = put("awq.csv", kHead + "chat,1,101.4,1290,75\nchat,16,700,2800,240\nbatch,16,640,5900,310\n");
  ASSERT_EQ(import({"--from", "csv", bf16, awq, "--set", "hardware.hourly_usd=0.24"}), 0) << log();
  const std::string md = report();
  for (const char* section : {"## 1. Setup", "## 2. VRAM comparison", "## 3. Chat workload", "## 4. Batch workload", "## 5. Quality", "## 6. Cost", "## 7. Recommendations", "## 8. Methodology", "## 9. "})
    EXPECT_THAT(md, HasSubstr(section));
  EXPECT_THAT(md, AllOf(HasSubstr("measured elsewhere"), HasSubstr("do not say which runs were one block"), HasSubstr("+74.2 %")));   // 101.4 / 58.2 - 1
  for (const char* claim : {"All settings are equal", "The same requests in the same order", "each block visits every operating point", "quantcase run DIR/study.toml", "prompt cache"})
    EXPECT_EQ(md.find(claim), std::string::npos) << claim;
  EXPECT_EQ(md.find("answered request"), std::string::npos) << "how many there were, the files do not say";
  EXPECT_EQ(ask("SELECT count(*) FROM v_request")[0][0], "0") << "no sample is invented";
  EXPECT_EQ(ask("SELECT value FROM v_study WHERE key='hardware.hourly_usd'")[0][0], "0.24");
  EXPECT_EQ(ask("SELECT round(value, 6) FROM v_figure WHERE column='awq.usd_per_1m_output' AND row LIKE '%conc=16' AND row LIKE 'chat%'")[0][0], "0.095238");   // 0.24 x 1e6 / (3600 x 700)
}

TEST_F(Exchange, ASecondCallAddsAVariantAndKeepsPriceAndBaseline) {
  ASSERT_EQ(import({"--from", "csv", put("one.csv", "concurrency,tok/s\n8,100\n"), "--as", "bf16", "--set", "hardware.hourly_usd=2"}), 0) << log();
  EXPECT_THAT(log(), HasSubstr("There is one variant so far, bf16"));
  ASSERT_EQ(import({"--from", "csv", put("two.csv", "concurrency,tok/s\n8,150\n"), "--as", "awq"}), 0) << log();
  EXPECT_EQ(ask("SELECT group_concat(variant) FROM v_trial")[0][0], "bf16,awq");
  EXPECT_EQ(ask("SELECT value FROM v_study WHERE key='hardware.hourly_usd'")[0][0], "2");
  ASSERT_EQ(import({"--from", "csv", put("two.csv", "concurrency,tok/s\n8,160\n"), "--as", "awq"}), 0) << log();   // the same file again: as it is now
  EXPECT_EQ(ask("SELECT count(*) FROM v_trial")[0][0], "2");
  EXPECT_EQ(ask("SELECT value FROM v_imported_figure JOIN v_trial USING(trial_id) WHERE variant='awq' AND name='output_tok_s'")[0][0], "160.0");
}

TEST_F(Exchange, AColumnThatCallsBothTheSameDoesNotMixThem) {
  const auto bf16 = put("bf16.csv", "model,concurrency,tok/s\nQwen2.5-3B,8,100\n"), awq = put("awq.csv", "model,concurrency,tok/s\nQwen2.5-3B,8,150\n");
  ASSERT_EQ(import({"--from", "csv", bf16, awq}), 0) << log();
  EXPECT_EQ(ask("SELECT group_concat(variant) FROM v_trial")[0][0], "bf16,awq");
}

TEST_F(Exchange, BadFilesEndWithTwoAndLeaveNothing) {
  const struct { std::vector<std::string> words; const char* says; } cases[] = {
      {{"--from", "csv", put("a.csv", "x,y\n1,2\n")}, "no column tells the concurrency"},
      {{"--from", "csv", (dir / "nothing.csv").string()}, "nothing.csv"},
      {{"--from", "vllm", put("a.json", "{}")}, "--save-result"},
      {{"--from", "guidellm", kPeers + "vllm_bench_serve.json"}, "`benchmarks` is missing"},
      {{"--from", "csvs", put("b.csv", "x\n1\n")}, "accepted are vllm"},
      {{"--from", "csv", put("c.csv", "concurrency,tok/s\n1,2\n"), "--baseline", "fp16"}, "--baseline fp16"},
      {{"--from", "csv", put("d.csv", "concurrency,tok/s\n1,2\n"), "--set", "hardware.hourly_us=1"}, "hourly_usd"},
      {{"--from", "csv", put("e.csv", "concurrency,tok/s\n1,2\n"), put("f.csv", "broken\n")}, "f.csv"}};
  for (const auto& c : cases) {
    EXPECT_EQ(import(c.words), 2) << log();
    EXPECT_THAT(log(), HasSubstr(c.says));
    EXPECT_FALSE(fs::exists(out)) << c.says;
  }
}

TEST_F(Exchange, AMeasuredStudyIsNotMixedWith) {
  unpack("h100-llama");
  EXPECT_EQ(import({"--from", "csv", put("c.csv", "concurrency,tok/s\n1,2\n")}), 2);
  EXPECT_THAT(log(), HasSubstr("import into a folder of its own"));
}

TEST_F(Exchange, EveryFormatIsExportedAndSaysByWhoseDefinitions) {
  unpack("h100-llama");
  const std::map<std::string, std::string> says{{"vllm", "by vLLM's definitions"}, {"guidellm", "TPOT holds the time to first token"}, {"aiperf", "ITL is one mean a request"},
                                                {"sglang", "by sglang's definitions"}, {"csv", "the report's own definitions"}, {"jsonl", "bench --records"}};
  for (const auto& [format, words] : says) {
    fs::remove(dir / "log");
    ASSERT_EQ(run({"export", out.string(), "--as", format}), 0) << log();
    EXPECT_THAT(log(), HasSubstr(words)) << format;
    EXPECT_FALSE(fs::is_empty(out / "export" / format));
  }
  EXPECT_EQ(run({"export", out.string(), "--as", "parquet"}), 2);
}

/// The files below a folder that end so, by name.
std::vector<std::string> files_in(const fs::path& folder, const std::string& ending) {
  std::vector<std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.path().string().ends_with(ending)) found.push_back(entry.path());
  std::ranges::sort(found);
  return found;
}

struct RoundTrip : Exchange {
  /// Exports the H100 study, imports it into a folder of its own, and gives the cells' figures of both.
  std::pair<std::map<std::string, double>, std::map<std::string, double>> there_and_back(const std::string& format, const std::string& ending) {
    unpack("h100-llama");
    EXPECT_EQ(run({"report", out.string(), "--to", "md"}), 0) << log();
    const auto before = cells();
    EXPECT_EQ(run({"export", out.string(), "--as", format, "--to", (dir / format).string()}), 0) << log();
    out = dir / "back";
    std::vector<std::string> words{"--from", format};
    for (const std::string& file : files_in(dir / format, ending))
      if (!file.ends_with("summary.json")) words.push_back(file);   // vllm's of all its runs
    words.insert(words.end(), {"--baseline", "bf16"});
    EXPECT_EQ(import(words), 0) << log();
    return {before, cells()};
  }
};

/// Every figure of every cell, A/A visits and Deltas among them.
void expect_same(const std::map<std::string, double>& before, const std::map<std::string, double>& after) {
  ASSERT_GT(before.size(), 60u);
  ASSERT_EQ(after.size(), before.size());
  for (const auto& [name, value] : before) {
    ASSERT_TRUE(after.contains(name)) << name;
    EXPECT_DOUBLE_EQ(after.at(name), value) << name;
  }
}

TEST_F(RoundTrip, VllmKeepsEveryCellToTheDigit) {
  const auto [before, after] = there_and_back("vllm", ".json");
  expect_same(before, after);
}

TEST_F(RoundTrip, SglangKeepsEveryCellToTheDigit) {
  const auto [before, after] = there_and_back("sglang", ".jsonl");
  expect_same(before, after);
}

TEST_F(RoundTrip, AiperfKeepsEveryCellToTheDigit) {
  const auto [before, after] = there_and_back("aiperf", ".jsonl");
  expect_same(before, after);
}

TEST_F(RoundTrip, CsvKeepsEveryRate) {   // percentiles of a table are means of the blocks' own there, and pooled ones here: another definition
  const auto [before, after] = there_and_back("csv", "trials.csv");
  int rates = 0;
  for (const auto& [name, value] : before) {
    if (!name.ends_with(".output_tok_s") && !name.ends_with(".delta_pct")) continue;
    ASSERT_TRUE(after.contains(name)) << name;
    EXPECT_DOUBLE_EQ(after.at(name), value) << name;
    ++rates;
  }
  EXPECT_GT(rates, 20);
}

TEST_F(RoundTrip, GuidellmKeepsLatenciesToItsClocksLastDigit) {   // and has a rate of its own: over the whole run
  const auto [before, after] = there_and_back("guidellm", ".json");
  int latencies = 0;
  for (const auto& [name, value] : before) {
    if (!name.ends_with("p50_ms") && !name.ends_with("p95_ms")) continue;
    ASSERT_TRUE(after.contains(name)) << name;
    EXPECT_NEAR(after.at(name), value, 2e-3) << name;
    ++latencies;
  }
  EXPECT_GT(latencies, 40);
}

}  // namespace
}  // namespace qc::test
