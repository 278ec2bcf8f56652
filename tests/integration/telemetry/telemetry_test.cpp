// Real processes, and a stand-in for NVIDIA's library whose answers are known (fake_nvml.cpp).
#include "measure/telemetry/telemetry.h"

#include <gtest/gtest.h>

#include <dlfcn.h>
#include <unistd.h>

#include "core/process.h"
#include "integration/process/support.h"
#include "measure/telemetry/gpu_watch.h"

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

TEST(Gpus, TellTheirComputeCapability) {
  EXPECT_EQ(list_gpus().at(0).capability, 90);
  EXPECT_EQ(list_gpus().at(1).capability, 37);
}

TEST(Gpus, NameWhoComputesOnThem) {
  const auto on = gpu_processes(0);
  ASSERT_EQ(on.size(), 3U);
  EXPECT_EQ(on[0].pid, getpid());
  EXPECT_EQ(on[0].name, "integration_tel");
  EXPECT_EQ(on[0].used_bytes, 17274241024);
  EXPECT_EQ(on[1].used_bytes, 1455423488);
  EXPECT_EQ(on[1].name, "") << "of another machine, as NVML shows the host's in a container";
  EXPECT_FALSE(on[2].used_bytes);
  EXPECT_TRUE(gpu_processes(1).empty()) << "the old card refuses";
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

/// What the stand-in answers from now on when it is asked why the card slows down.
void slow_down_for(unsigned long long bits) {
  void* library = dlopen("libnvidia-ml.so.1", RTLD_NOW);
  reinterpret_cast<void (*)(unsigned long long)>(dlsym(library, "fake_nvml_reasons"))(bits);
}

TEST(GpuWatch, ReadsBothCardsAtBothEdges) {
  slow_down_for(event_reason::kPowerCap);
  GpuWatch watch(Seconds(3600));
  watch.begin();
  const auto samples = watch.end();
  ASSERT_EQ(samples.size(), 4U);
  const GpuSample &h100 = samples[0], &k80 = samples[1];
  EXPECT_EQ(h100.device, 0);
  EXPECT_NEAR(*h100.power_w, 412.345, 1e-9);
  EXPECT_EQ(h100.sm_mhz, 1755);
  EXPECT_EQ(h100.mem_mhz, 2619);
  EXPECT_EQ(h100.temp_c, 61);
  EXPECT_EQ(h100.event_reasons, 4);
  EXPECT_NEAR(static_cast<double>(*h100.used_bytes), 3000.0 * kMiB, 200.0 * kMiB);
  EXPECT_GT(*samples[2].energy_mj, *h100.energy_mj);
  EXPECT_GT(samples[2].at, h100.at);
  EXPECT_EQ(k80.device, 1);                                  // what it does not support is unknown, the rest is there
  EXPECT_FALSE(k80.power_w || k80.energy_mj || k80.event_reasons);
  EXPECT_EQ(k80.sm_mhz, 875);
}

TEST(GpuWatch, SeesASlowdownBetweenTheEdges) {
  slow_down_for(0);
  GpuWatch watch(Seconds(0.005));
  watch.begin();
  slow_down_for(0x40);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  slow_down_for(0);
  const auto samples = watch.end();
  EXPECT_EQ(samples.front().event_reasons, 0);
  EXPECT_EQ(samples.rbegin()[1].event_reasons, 0);           // the last one is the old card's
  EXPECT_GT(std::ranges::count(samples, std::optional<std::int64_t>(0x40), &GpuSample::event_reasons), 1);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  watch.begin();
  EXPECT_EQ(watch.end().size(), 4U);                         // nothing was read between the trials
}

TEST(MemorySampler, EndsAtOnceWhateverItsPeriod) {
  const auto begin = std::chrono::steady_clock::now();
  { MemorySampler sampler({}, Seconds(3600)); }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
}

}  // namespace
}  // namespace qc
