#include <gtest/gtest.h>

#include <algorithm>

#include "judge/advise/findings.h"
#include "judge/advise/server_truth.h"
#include "support/tiny_study.h"

namespace qc {
namespace {

GpuSample reading(int trial, double ms, double watt, std::int64_t reasons, std::optional<std::int64_t> energy_mj = {}) {
  GpuSample s;
  s.trial_id = trial, s.at = test::at_ms(ms), s.power_w = watt, s.event_reasons = reasons, s.energy_mj = energy_mj, s.sm_mhz = 1980, s.temp_c = 45 + static_cast<int>(ms) / 1000;
  return s;
}

const GpuRow& row_of(const std::vector<GpuRow>& rows, const std::string& variant) { return *std::ranges::find(rows, variant, &GpuRow::variant); }

StudyData gpu_use_data() { return test::two_blocks({1100, 1100}, {550, 550}); }   // bf16: trials 1 and 3, 11 tokens each

TEST(GpuRows, NoneWithoutAGpu) { EXPECT_TRUE(gpu_rows(gpu_use_data()).empty()); }

TEST(GpuRows, EnergyIsTheCardsOwnCounterOverTheTokens) {
  StudyData d = gpu_use_data();
  for (const int trial : {1, 3}) d.telemetry.gpu.insert(d.telemetry.gpu.end(), {reading(trial, 0, 100, 0, 5000), reading(trial, 1000, 300, 4, 225000)});
  const auto rows = gpu_rows(d);
  const auto& row = row_of(rows, "bf16");
  EXPECT_NEAR(*row.joule_per_token.value, 20, 1e-9);        // 2 x 220 J, 22 tokens
  EXPECT_NEAR(*row.power_w.value, 220, 1e-9);               // 2 x 220 J in 2 x 1 s: the readings of 100 and 300 W lag
  EXPECT_NEAR(*row.power_capped.value, 0.5, 1e-9);
  EXPECT_EQ(row.readings, 4);
  EXPECT_EQ(*row.sm_mhz.value, 1980);
  EXPECT_EQ(*row.temp_max_c.value, 46);
  EXPECT_EQ(*row.slowed.value, 0);
  EXPECT_EQ(row_of(rows, "q4").joule_per_token.na, "the GPU told neither energy nor power around every trial");
}

TEST(GpuRows, AVisitWithoutReadingsDoesNotEndTheOthers) {
  StudyData d = gpu_use_data();
  d.telemetry.gpu = {reading(3, 0, 100, 0, 5000), reading(3, 1000, 300, 0, 225000)};
  EXPECT_NEAR(*row_of(gpu_rows(d), "bf16").power_w.value, 220, 1e-9);
}

TEST(GpuRows, WithoutTheCounterItIsPowerOverTime) {
  StudyData d = gpu_use_data();
  for (const int trial : {1, 3}) d.telemetry.gpu.insert(d.telemetry.gpu.end(), {reading(trial, 0, 100, 0), reading(trial, 1100, 300, 0)});
  EXPECT_NEAR(*row_of(gpu_rows(d), "bf16").joule_per_token.value, 20, 1e-9);   // 200 W for 1.1 s and 11 tokens
}

TEST(GpuRows, ReadingsBesideTheRequestsAreNoLoadAndTheSecondCardIsNotOurs) {
  StudyData d = gpu_use_data();
  double first = 1e12, last = 0;
  for (const RequestRecord& r : d.requests)
    if (r.trial_id == 1 && !r.warmup) first = std::min(first, static_cast<double>(r.sent.ns) / 1e6), last = std::max(last, static_cast<double>(r.done->ns) / 1e6);
  d.telemetry.gpu = {reading(1, first - 5, 70, 0), reading(1, first + 10, 400, 4), reading(1, last + 5, 170, 0)};   // no driver called the card idle
  d.telemetry.gpu.push_back(reading(1, first + 20, 999, 0));
  d.telemetry.gpu.back().device = 1;
  const auto rows = gpu_rows(d);
  EXPECT_EQ(*row_of(rows, "bf16").power_w.value, 400);
  EXPECT_EQ(*row_of(rows, "bf16").power_capped.value, 1);
}

TEST(GpuRows, ASlowdownIsShownThoughItsTrialDoesNotCount) {
  StudyData d = gpu_use_data();
  d.trials[0].valid = false;
  d.telemetry.gpu = {reading(1, 0, 300, 0x40), reading(3, 0, 300, 0), reading(3, 10, 300, 0), reading(3, 20, 300, 0)};
  EXPECT_EQ(*row_of(gpu_rows(d), "bf16").slowed.value, 0.25);
}

TEST(Memory, WhatIdleUseHoldsBesideItsParts) {
  StudyData d = gpu_use_data();
  d.run.gpu_memory_bytes = 80000;
  VariantFacts base, q4;
  base.variant = "bf16", base.weights_bytes = 15000, base.kv_bytes = 54000, base.kv_tokens = 310, base.graph_bytes = 400;
  q4.variant = "q4", q4.weights_bytes = 5000, q4.kv_bytes = 64000, q4.kv_tokens = 620;
  d.variants = {base, q4};
  d.memory = {{"bf16", "idle", {1}, 72000, {}, {}, {}, "nvml"}, {"q4", "idle", {1}, 68000, {}, {}, {}, "nvml"}};
  const auto rows = judge(d).memory;
  EXPECT_EQ(*rows[0].rest_bytes.value, 2600);
  EXPECT_EQ(*rows[0].graph_bytes.value, 400);
  EXPECT_FALSE(rows[0].activation_bytes);
  EXPECT_FALSE(rows[1].rest_bytes);                         // less in use than the parts it names
  EXPECT_FALSE(rows[0].beyond_share);
  d.study.engine.gpu_memory_utilization = 0.88, d.variants[0].server = "vLLM";
  EXPECT_TRUE(judge(d).memory[0].beyond_share);             // 0.90 of the card is in use, 0.005 of it by graphs
  d.study.engine.gpu_memory_utilization = 0.887;            // without the graphs it would be: 1.01 x 0.887 is less than 0.90
  EXPECT_FALSE(judge(d).memory[0].beyond_share);
  d.study.engine.gpu_memory_utilization = 0.895;
  EXPECT_FALSE(judge(d).memory[0].beyond_share);
  ASSERT_EQ(rows[1].more_requests.size(), 1u);              // 20 tokens of prompt, 11 of answer: 20 fit instead of 10
  EXPECT_EQ(*rows[1].more_requests[0].second.value, 10);
  EXPECT_EQ(*rows[1].context_at_load.value, 620);
}

}  // namespace
}  // namespace qc
