#include "measure/telemetry/gpu_watch.h"

#include <mutex>
#include <utility>

#include "measure/telemetry/nvml.h"
#include "measure/telemetry/periodic.h"

namespace qc {

struct GpuWatch::Impl {
  const Nvml* nvml = Nvml::instance();
  Seconds period;
  std::mutex mutex;
  bool open = false;
  std::vector<GpuSample> samples;
  std::unique_ptr<Periodic> beside;                        ///< last: it ends before what it uses

  void read() {
    std::vector<GpuSample> now;
    for (unsigned i = 0; i < nvml->count(); ++i) now.push_back(nvml->sample(i));
    const std::lock_guard lock(mutex);
    if (open) samples.insert(samples.end(), now.begin(), now.end());
  }
  void set_open(bool value) {
    const std::lock_guard lock(mutex);
    open = value;
  }
};

GpuWatch::GpuWatch(Seconds period) : impl_(std::make_unique<Impl>()) {
  impl_->period = period;
  if (impl_->nvml == nullptr) return;
  impl_->beside = std::make_unique<Periodic>(period, [impl = impl_.get()] {
    impl->read();
    return impl->period;
  });
}

GpuWatch::~GpuWatch() = default;

void GpuWatch::begin() {
  if (!impl_->beside) return;
  impl_->set_open(true);
  impl_->read();
  impl_->beside->resume();
}

std::vector<GpuSample> GpuWatch::end() {
  if (!impl_->beside) return {};
  impl_->beside->pause();
  impl_->read();
  const std::lock_guard lock(impl_->mutex);
  impl_->open = false;
  return std::exchange(impl_->samples, {});
}

}  // namespace qc
