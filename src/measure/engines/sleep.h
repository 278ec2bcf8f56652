#pragma once
// vLLM's sleep mode: development endpoints by which a server gives most of its card's memory back and takes it again. What they answer
// proves nothing (vLLM on the CPU says 200 to /sleep and does nothing): the freed memory does.
#include <cstdint>
#include <optional>
#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "measure/engines/engine.h"

namespace qc {

/// POST /sleep?level=1: the weights go to the host's memory, the KV cache is dropped. Fails as engine: no such endpoint (started without
/// the development endpoints), another status than 200, no answer within `limit`.
Status ask_to_sleep(const Engine& engine, Seconds limit);

/// POST /wake_up, then /health and one token, within `limit` together. Fails as engine; a server that failed here is broken (one whose
/// card was full answers 500 and stays so): end it.
Status wake_and_try(const Engine& engine, Seconds limit);

/// Bytes in use on each card of this machine, in NVML's order.
using CardUse = std::vector<std::int64_t>;

/// Whether memory came back. `needed`: half of what the weights and KV cache take, or of what the server took by starting where its
/// log does not tell; 0: nothing to hold it against, so no proof.
struct SleepProof {
  std::int64_t freed = 0, needed = 0;
  [[nodiscard]] bool asleep() const { return needed > 0 && freed >= needed; }
};

/// Looks at the cards on which the server grew when it started (`took` above 0), so that others' comings and goings elsewhere do not count.
SleepProof prove_sleep(const CardUse& awake, const CardUse& now, const CardUse& took, const VariantFacts& facts);

}  // namespace qc
