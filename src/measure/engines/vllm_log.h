#pragma once
// What vLLM's log says of itself, releases 0.6 to 0.32, on GPUs and on the CPU. Text in, facts out; unknown lines are passed over.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "record/record.h"

namespace qc {

struct VllmLog {
  std::string version;                         ///< "0.25.1"
  std::string quantization, dtype, kv_dtype;   ///< as the engine's own line has them; "None" is ""
  std::optional<int> max_model_len;
  std::optional<bool> eager, prefix_caching, chunked_prefill;
  bool graphs = true;                          ///< false where the engine's own line has cudagraph_mode NONE
  int workers = 1;                             ///< tensor x pipeline parallel: each loads its share, and weights_bytes is one's
  bool offloads = false;                       ///< a part of the weights stays in the host's memory
  bool has_config = false;                     ///< the engine's own line is there; without it a silence proves nothing
  std::string speculative;                     ///< "" where there is none
  std::string attention;                       ///< "FLASH_ATTN"
  std::vector<std::string> kernels;            ///< "MacheteLinearKernel for AutoAWQMarlinLinearMethod", each once
  std::optional<std::int64_t> weights_bytes;   ///< what loading the model took of the device's memory, by one worker
  std::optional<std::int64_t> kv_bytes, kv_tokens;
  std::optional<std::int64_t> graph_bytes, activation_bytes;
  bool weights_filled = false;                 ///< bench/gpu/random_weights.py gave every tensor of a dummy model random values of a trained one's size
  std::string sampling_override;               ///< what generation_config.json changes of the sampling defaults
};

VllmLog read_vllm_log(std::string_view log);

/// The text is of vLLM: its workers' prefixes or its banner are in it.
bool is_vllm_log(std::string_view log);
/// What it is doing while it starts: "loading the weights", "compiling", "capturing graphs" ...; empty at first.
std::string vllm_phase(std::string_view log);
/// How far it came: nothing of its own on the card, its weights, or up to answering.
enum class VllmReach { before_weights, weights, ready };
VllmReach vllm_reach(std::string_view log);
/// The engine's process is gone: the server in front of it answers no request any more, though it may live on for a while.
bool vllm_engine_died(std::string_view log);
/// The lines that name the cause of a failed start or of an engine's death, most telling first: the engine's own error; those that only
/// follow from another where there is none.
std::vector<std::string> vllm_causes(std::string_view log);

}  // namespace qc
