// Real processes, and a stand-in for NVIDIA's library whose answers are known (fake_nvml.cpp).
#include "measure/telemetry/telemetry.h"

#include <gtest/gtest.h>

#include "core/process.h"
#include "integration/process/support.h"

namespace qc {
namespace {

constexpr std::int64_t kMiB = 1 << 20;

Process holder(int mib, const std::string& name) {
  const auto log = test::scratch() / name;
  auto process = Process::start({.words = {QC_BINARY_DIR "/process_helper", "hold", std::to_string(mib)}}, log);
  EXPECT_TRUE(process);
  EXPECT_TRUE(test::wait_until([&] { return test::read_all(log) == "ready\n"; }, 20));
  return std::move(*process);
}

TEST(Gpus, AreListedWithBothMemoryCalls) {
  const auto gpus = list_gpus();
  ASSERT_EQ(gpus.size(), 2U);
  EXPECT_EQ(gpus[0].name, "NVIDIA H100 80GB HBM3");
  EXPECT_EQ(gpus[0].driver, "580.159.04");
  EXPECT_EQ(gpus[0].memory_bytes, 85520809984);
  EXPECT_EQ(gpus[1].name, "Tesla K80");
  // Version 1 counts the driver's own 480 MiB as used, version 2 does not.
  EXPECT_NEAR(static_cast<double>(gpus[0].used_bytes), 3000.0 * kMiB, 100.0 * kMiB);
  EXPECT_NEAR(static_cast<double>(gpus[1].used_bytes), 3480.0 * kMiB, 100.0 * kMiB);
}

TEST(ReadMemory, ResidentSetAndGpuLessWhatWasThereBefore) {
  auto process = holder(50, "read.log");
  const auto samples = read_memory({.variant = "q4", .pid = process.pid(), .gpu = true, .gpu_before = 2900 * kMiB}, "idle");
  ASSERT_EQ(samples.size(), 2U);
  EXPECT_EQ(samples[0].variant, "q4");
  EXPECT_EQ(samples[0].phase, "idle");
  EXPECT_EQ(samples[0].source, "rss");
  EXPECT_GE(*samples[0].used_bytes, 50 * kMiB);
  EXPECT_EQ(samples[1].source, "nvml");
  EXPECT_NEAR(static_cast<double>(*samples[1].used_bytes), 100.0 * kMiB, 99.0 * kMiB);
  EXPECT_FALSE(samples[1].kv_bytes);
  EXPECT_GT(samples[1].at.ns, 0);
}

TEST(ReadMemory, NothingOfAServerThatIsGone) {
  auto process = holder(1, "gone.log");
  const auto pid = process.pid();
  process.stop();
  EXPECT_TRUE(read_memory({.variant = "q4", .pid = pid}, "idle").empty());
}

TEST(MemorySampler, SamplesEveryServerUntilDestroyed) {
  auto one = holder(20, "one.log"), two = holder(40, "two.log");
  std::vector<MemorySample> samples;
  {
    MemorySampler sampler({{.variant = "one", .pid = one.pid()}, {.variant = "two", .pid = two.pid()}}, Seconds(0.02));
    ASSERT_TRUE(test::wait_until([&] {
      std::ranges::move(sampler.take(), std::back_inserter(samples));
      return samples.size() >= 6;
    }, 10));
  }
  int of_one = 0;
  for (const auto& sample : samples) {
    EXPECT_EQ(sample.phase, "load");
    EXPECT_GE(*sample.used_bytes, (sample.variant == "one" ? 20 : 40) * kMiB);
    of_one += sample.variant == "one";
  }
  EXPECT_EQ(2 * of_one, static_cast<int>(samples.size()));
}

TEST(MemorySampler, EndsAtOnceWhateverItsPeriod) {
  const auto begin = std::chrono::steady_clock::now();
  { MemorySampler sampler({}, Seconds(3600)); }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
}

}  // namespace
}  // namespace qc
