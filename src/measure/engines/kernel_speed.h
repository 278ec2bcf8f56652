#pragma once
// Which kernels are slow ways to multiply quantized weights: by the names and warnings of vLLM's log.
#include <string>
#include <string_view>

#include "measure/engines/vllm_log.h"

namespace qc {

struct KernelSpeed {
  std::string slow;                       ///< a faster kernel exists for this format on this device: what runs, and what could; else empty
  std::string fallback;                   ///< slow, but nothing better exists there (the CPU; a method without a fast kernel); else empty
};

/// From what the log's reader found and from the log's own warnings ("so forcing awq").
KernelSpeed kernel_speed(const VllmLog& said, std::string_view log, bool on_cuda);

}  // namespace qc
