#include "measure/telemetry/telemetry.h"

#include <algorithm>
#include <condition_variable>
#include <iterator>
#include <mutex>
#include <thread>
#include <utility>

#include "core/host.h"
#include "measure/telemetry/nvml.h"

namespace qc {
namespace {

MemorySample used_now(const Watched& watched, const std::string& phase, std::int64_t bytes, const char* source) {
  MemorySample sample;
  sample.variant = watched.variant;
  sample.phase = phase;
  sample.at = monotonic_clock().now();
  sample.used_bytes = bytes;
  sample.source = source;
  return sample;
}

}  // namespace

std::vector<GpuInfo> list_gpus() {
  const Nvml* nvml = Nvml::instance();
  return nvml != nullptr ? nvml->gpus() : std::vector<GpuInfo>{};
}

std::vector<GpuProcess> gpu_processes(unsigned index) {
  const Nvml* nvml = Nvml::instance();
  return nvml != nullptr ? nvml->processes(index) : std::vector<GpuProcess>{};
}

std::vector<MemorySample> read_memory(const Watched& watched, const std::string& phase) {
  std::vector<MemorySample> samples;
  // A process that has just ended holds nothing, which is no reading of a running server.
  if (watched.pid)
    if (const auto bytes = tree_resident_bytes(*watched.pid); bytes > 0) samples.push_back(used_now(watched, phase, bytes, "rss"));
  const Nvml* nvml = watched.gpu ? Nvml::instance() : nullptr;
  if (nvml != nullptr)
    if (const auto used = nvml->used_bytes(0))
      samples.push_back(used_now(watched, phase, std::max<std::int64_t>(0, *used - watched.gpu_before), "nvml"));
  return samples;
}

struct MemorySampler::Impl {
  std::vector<Watched> watched;
  Seconds period;
  std::mutex mutex;
  std::condition_variable wake;
  bool ending = false;
  std::vector<MemorySample> samples;
  std::thread thread;

  /// Reads without the lock, so that take() never waits for /proc or the driver.
  void run() {
    std::unique_lock lock(mutex);
    while (!ending) {
      lock.unlock();
      std::vector<MemorySample> now;
      for (const auto& one : watched) std::ranges::move(read_memory(one, "load"), std::back_inserter(now));
      lock.lock();
      std::ranges::move(now, std::back_inserter(samples));
      wake.wait_for(lock, period, [this] { return ending; });
    }
  }
};

MemorySampler::MemorySampler(std::vector<Watched> watched, Seconds period) : impl_(std::make_unique<Impl>()) {
  impl_->watched = std::move(watched);
  impl_->period = period;
  impl_->thread = std::thread([impl = impl_.get()] { impl->run(); });
}

MemorySampler::~MemorySampler() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->ending = true;
  }
  impl_->wake.notify_all();
  impl_->thread.join();
}

std::vector<MemorySample> MemorySampler::take() {
  const std::lock_guard lock(impl_->mutex);
  return std::exchange(impl_->samples, {});
}

}  // namespace qc
