// The files beside the report.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "core/files.h"
#include "core/json.h"
#include "golden/report_compose/cases.h"
#include "report/file_names.h"
#include "report/report.h"
#include "support/tiny_study.h"

namespace qc::test {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(CapacityCsv, HasTheContractsColumnsAndARowAVisit) {
  const StudyData d = two_blocks({1100, 1100}, {1100, 1000});
  const std::string csv = capacity_csv(d, "chat", "bf16");
  EXPECT_THAT(csv, testing::StartsWith("variant,workload,concurrency,rate,max_tokens,block,repeat,requests_ok,requests_failed,output_tokens,output_tok_s,requests_per_s,"
                                       "ttft_p50_ms,ttft_p95_ms,tpot_p50_ms,itl_p99_ms,e2e_p50_ms,e2e_p95_ms,e2e_p99_ms,duration_s,valid\n"));
  EXPECT_EQ(std::ranges::count(csv, '\n'), 3);
  EXPECT_THAT(csv, HasSubstr("\nbf16,chat,1,,11,0,0,1,0,11,10,"));   // 11 tokens in 1.1 s
  EXPECT_EQ(std::ranges::count(capacity_csv(d, "chat", "nobody"), '\n'), 1);
}

TEST(FileNames, CarryStudyWorkloadHardwareAndVariant) {
  StudyData d = clear_win().data;
  EXPECT_EQ(capacity_file(d, "chat", "q4_0"), "win_chat_capacity_cpu2_q4_0.csv");
  EXPECT_EQ(quality_file(d), "win_quant_quality_eval.json");
  d.study.hardware.name = "RTX 2000/Ada";
  EXPECT_EQ(capacity_file(d, "batch", "bf16"), "win_batch_capacity_rtx-2000-ada_bf16.csv");
}

TEST(Manifest, HoldsCommandsButNoSecret) {
  StudyData d = clear_win().data;
  d.study.engine.env = {{"HF_TOKEN", "opensesame"}, {"OMP_NUM_THREADS", "2"}};
  d.run.environment = {{"CUDA_VISIBLE_DEVICES", "1"}};
  const std::string text = manifest_json(d);
  EXPECT_THAT(text, Not(HasSubstr("opensesame")));
  EXPECT_EQ(Json::parse(text)["environment"]["CUDA_VISIBLE_DEVICES"], "1");
  const Json json = Json::parse(text);
  EXPECT_EQ(json["engine_environment"]["OMP_NUM_THREADS"], "2");
  EXPECT_EQ(json["variants"][0]["file_sha256"], "0123456789abcdef0123456789abcdef");
}

TEST(Summary, HasUnitsInItsNamesAndReasonsForNull) {
  const Case win = clear_win();
  const Json json = Json::parse(summary_json(win.data, win.findings));
  const Json& q4 = json["workloads"][0]["points"][2]["candidates"][1];
  EXPECT_NEAR(q4["output_tok_s"]["value"].get<double>(), 246.11 * 1.18, 1e-9);
  EXPECT_NEAR(q4["delta_output_tok_s_pct"]["value"].get<double>(), 18.0, 1e-9);
  EXPECT_EQ(q4["delta_output_tok_s_pct"]["verdict"], "faster");
  const Case died = candidate_died();
  const Json dead = Json::parse(summary_json(died.data, died.findings))["workloads"][0]["points"][0]["candidates"][1]["output_tok_s"];
  EXPECT_TRUE(dead["value"].is_null());
  EXPECT_EQ(dead["na"], "no valid trial");
}

TEST(QualityJson, HoldsEveryAnswerAndSurvivesBrokenText) {
  Case c = mixed();
  c.data.answers[0].output = "caf\xC3";                       // half a character
  const Json json = Json::parse(quality_json(c.data, c.findings));
  EXPECT_EQ(json["answers"].size(), 16u);
  EXPECT_EQ(json["margin_pp"], 1.0);
  EXPECT_EQ(json["bounds"][1]["lost"], 1);
}

TEST(WriteReport, PutsEveryFileOfTheContract) {
  const Case c = clear_win();
  const auto dir = std::filesystem::path(testing::TempDir()) / "qc_write_report";
  std::filesystem::remove_all(dir);
  const auto written = write_report(dir.string(), c.data, c.findings, true, true);
  ASSERT_TRUE(written) << written.error().message;
  for (const char* name : {"report.md", "report.html", "summary.json", "manifest.json", "study.toml", "win_chat_capacity_cpu2_bf16.csv", "win_batch_capacity_cpu2_q4_0.csv",
                           "win_quant_quality_eval.json", "figures/chat_throughput.svg", "figures/chat_p95.svg", "figures/throughput_change.svg", "figures/memory.svg"})
    EXPECT_TRUE(std::filesystem::exists(dir / name)) << name;
  EXPECT_EQ(written->figures.size(), compose(c.data, c.findings).figures.size());
  std::filesystem::remove_all(dir);
}

}  // namespace
}  // namespace qc::test
