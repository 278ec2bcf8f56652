#pragma once
// Memory (and GPU) samples on the run's clock, taken beside the load by one thread.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "record/record.h"

namespace qc {

/// One that computes on a card. In a container NVML may show none, or process ids of the host, which are another process's here or none's.
struct GpuProcess {
  int pid = 0;
  std::string name{};                      ///< as the kernel has it, at most 15 characters; empty: not told
  std::optional<std::int64_t> used_bytes{};   ///< of the card's memory; some drivers do not tell it
};

struct GpuInfo {
  std::string name{}, driver{};
  std::int64_t memory_bytes = 0;
  std::int64_t used_bytes = 0;
  unsigned index = 0;                      ///< among the cards that are meant (CUDA_VISIBLE_DEVICES): one that does not answer is left out of a list
  std::optional<int> capability{};         ///< compute capability, 89 for 8.9; empty: not told
};
/// Every GPU that NVML (loaded at run time) shows; empty without NVML.
std::vector<GpuInfo> list_gpus();
/// Who computes on the GPU of this index, the largest first.
std::vector<GpuProcess> gpu_processes(unsigned index);

/// What to watch of one server.
struct Watched {
  std::string variant;
  std::optional<int> pid{};                ///< its process tree's resident set
  bool gpu = false;                       ///< the first GPU's used bytes, less `gpu_before`
  std::int64_t gpu_before = 0;
};

/// One reading now: a MemorySample a source (rss, nvml). Empty when nothing can be read.
std::vector<MemorySample> read_memory(const Watched& watched, const std::string& phase);

/// Samples every watched server each `period` until destroyed; thread-safe.
class MemorySampler {
 public:
  MemorySampler(std::vector<Watched> watched, Seconds period);
  ~MemorySampler();
  /// Samples since the last call, phase "load".
  std::vector<MemorySample> take();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace qc
