#pragma once
// Which kernels are slow ways to multiply quantized weights: by the names and warnings of vLLM's log, and the card.
#include <optional>
#include <string>
#include <string_view>

#include "measure/engines/vllm_log.h"

namespace qc {

/// Where the kernels run, and what was asked for by hand.
struct KernelPlace {
  bool on_cuda = false;
  std::optional<int> capability = {};     ///< compute capability of the card, 89 for 8.9; empty: not known
  std::string asked = {};                 ///< --quantization, where it was given
  std::string forced_by = {};             ///< the environment variable that takes kernels away, where one is set
};

struct KernelSpeed {
  std::string slow;                       ///< a faster kernel exists for this format on this device: what runs, and what could; else empty
  std::string fallback;                   ///< slow, but the engine found nothing better there (the CPU; a card without those instructions); else empty
};

/// From what the log's reader found and from the log's own warnings ("so forcing awq").
KernelSpeed kernel_speed(const VllmLog& said, std::string_view log, const KernelPlace& place);

/// The variables of vLLM's that take kernels away, and whether one does with this value.
inline constexpr const char* kTakeKernelsAway[] = {"VLLM_DISABLED_KERNELS", "VLLM_TEST_FORCE_FP8_MARLIN"};
bool takes_kernels_away(std::string_view variable, std::string_view value);

}  // namespace qc
