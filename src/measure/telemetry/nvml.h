#pragma once
// NVIDIA's management library, found at run time: without it this machine has no GPU that we can tell of, and nothing fails.
#include <cstdint>
#include <optional>
#include <vector>

#include "measure/telemetry/telemetry.h"
#include "record/telemetry.h"

namespace qc {

/// The library, loaded and initialised once for the life of the process; thread-safe as NVML is. Its cards are those that CUDA_VISIBLE_DEVICES
/// shows, counted from 0 as CUDA counts them.
class Nvml {
 public:
  /// Null when there is no library, no driver behind it, or one of the calls that we need is missing.
  static const Nvml* instance();

  [[nodiscard]] std::vector<GpuInfo> gpus() const;
  /// Bytes in use on a GPU, without what the driver keeps for itself where NVML tells them apart (memory info version 2).
  [[nodiscard]] std::optional<std::int64_t> used_bytes(unsigned index) const;
  [[nodiscard]] unsigned count() const;
  /// Who computes on a GPU, the largest first; empty where the driver has no such call.
  [[nodiscard]] std::vector<GpuProcess> processes(unsigned index) const;
  /// What each call of this card's driver tells now; a call that is not supported leaves its field empty.
  [[nodiscard]] GpuSample sample(unsigned index) const;

 private:
  struct Calls;
  explicit Nvml(const Calls& calls);
  [[nodiscard]] void* device(unsigned index) const;         ///< null: none of that index, or it does not answer
  struct Memory { std::int64_t total = 0, used = 0; };
  [[nodiscard]] std::optional<Memory> memory(unsigned index) const;
  const Calls* calls_;
  std::vector<unsigned> visible_;                           ///< NVML's index of each
};

}  // namespace qc
