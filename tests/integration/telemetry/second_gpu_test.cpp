// Run with CUDA_VISIBLE_DEVICES=1: the stand-in's second card is the only one that is meant.
#include <gtest/gtest.h>

#include "measure/telemetry/telemetry.h"

namespace qc {
namespace {

TEST(SecondGpu, IsTheFirstOfThoseThatAreMeant) {
  const auto gpus = list_gpus();
  ASSERT_EQ(gpus.size(), 1U);
  EXPECT_EQ(gpus[0].name, "Tesla K80");
  EXPECT_EQ(gpus[0].index, 0U);
  EXPECT_TRUE(gpu_processes(0).empty()) << "the old card refuses";
  EXPECT_TRUE(gpu_processes(1).empty());
  const auto samples = read_memory({.variant = "q4", .gpu = true}, "idle");
  ASSERT_EQ(samples.size(), 1U);
  EXPECT_GT(*samples[0].used_bytes, std::int64_t{3400} << 20) << "of the card that counts the driver's own part as used";
}

}  // namespace
}  // namespace qc
