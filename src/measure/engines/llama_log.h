#pragma once
// What a llama-server's log (at -lv 4) says of memory and settings. Text in, facts out.
#include <optional>
#include <string_view>

#include "record/record.h"

namespace qc {

struct LlamaLog {
  std::optional<std::int64_t> weights_bytes;   ///< model buffers on the GPU; without one, all
  std::optional<std::int64_t> host_weights_bytes;  ///< with a GPU: what is left in the host's memory (the embedding, layers not offloaded)
  std::optional<std::int64_t> kv_bytes, kv_tokens;
  std::optional<std::int64_t> other_bytes;     ///< compute and output buffers, in the same place
  std::optional<std::int64_t> compute_bytes;   ///< the compute buffers of these
  std::optional<int> slots, context_per_slot;
  std::string build, flash_attention, kv_type, system_info, threads;
  std::string buffers;                         ///< "CPU_Mapped 136.40 MiB, CPU_REPACK 60 MiB"
};

/// Reads a whole log. With `-fit on` buffers come twice; the last listing counts. Unknown lines are passed over.
LlamaLog read_llama_log(std::string_view log);

/// The last `n` lines that say why it failed: error lines if there are any, else the end of the log.
std::string telling_lines(std::string_view log, int n);

}  // namespace qc
