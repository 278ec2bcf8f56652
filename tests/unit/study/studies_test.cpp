// Every study file that we ship can be read, and the demo's are what the documents say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "study/plan.h"
#include "study/read.h"

namespace qc {
namespace {

const std::filesystem::path kStudies = QC_SOURCE_DIR "/studies";

Study shipped(const std::string& file) {
  auto study = read_study(kStudies / file, {{}, {}, false});
  EXPECT_TRUE(study) << study.error().message;
  return study ? *study : Study{};
}

TEST(ShippedStudies, are_all_read_and_planned) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kStudies)) {
    if (entry.path().extension() != ".toml") continue;
    ++count;
    const auto study = read_study(entry.path(), {{}, {}, false});
    ASSERT_TRUE(study) << study.error().message;
    EXPECT_EQ(entry.path().stem() == "demo", study->name == "demo");
    EXPECT_THAT(make_plan(*study, Switch::resident, "").warnings, testing::IsEmpty()) << entry.path();
  }
  EXPECT_GE(count, 4);
}

TEST(ShippedStudies, the_demo_has_the_five_operating_points) {
  const Study demo = shipped("demo.toml");
  ASSERT_EQ(demo.variants.size(), 3u);
  EXPECT_EQ(demo.baseline().name, "bf16");
  ASSERT_EQ(demo.workloads.size(), 2u);
  EXPECT_THAT(demo.workloads[0].concurrency, testing::ElementsAre(1, 8, 16));
  EXPECT_THAT(demo.workloads[1].concurrency, testing::ElementsAre(16, 32));
  EXPECT_EQ(demo.workloads[0].max_tokens, 64);
  EXPECT_EQ(demo.workloads[1].max_tokens, 96);
  EXPECT_EQ(demo.workloads[0].p95_budget_ms, 3000.0);
  EXPECT_EQ(demo.workloads[1].p95_budget_ms, 6000.0);
  EXPECT_EQ(make_plan(demo, Switch::resident, "").trials.size(), 4u * (5 * 3 + 2));
}

TEST(ShippedStudies, the_full_demo_differs_in_lengths_in_time_and_in_chat_requests_alone) {
  Study demo = shipped("demo.toml");
  const Study full = shipped("demo-full.toml");
  EXPECT_EQ(full.workloads[0].max_tokens, 128);
  EXPECT_EQ(full.workloads[1].max_tokens, 256);
  for (auto& [key, value] : demo.keys) {
    if (key == "study.name") value = "demo-full";
    if (key == "study.max_minutes") value = "21";
    if (key == "workload.chat.max_tokens") value = "128";
    if (key == "workload.batch.max_tokens") value = "256";
    if (key == "workload.chat.min_requests") value = "8";
  }
  EXPECT_EQ(demo.keys, full.keys);
}

}  // namespace
}  // namespace qc
