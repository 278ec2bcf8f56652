#pragma once
// Power, clocks, heat and energy of the GPUs beside one trial.
#include <memory>
#include <vector>

#include "record/telemetry.h"

namespace qc {

/// Reads every GPU that NVML shows at both ends of a trial and each `period` between; costs nothing between trials and without NVML.
class GpuWatch {
 public:
  static constexpr Seconds kPeriod{0.25};
  explicit GpuWatch(Seconds period = kPeriod);
  ~GpuWatch();
  void begin();
  std::vector<GpuSample> end();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace qc
