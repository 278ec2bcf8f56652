#include "measure/engines/proof_table.h"

#include <fmt/format.h>

namespace qc {
namespace {

using View = std::string_view;

constexpr View kLog = "log", kLogInfo = "log, /server_info", kInfo = "/server_info", kArguments = "log (arguments), /server_info", kFile = "GGUF keys", kProps = "/props", kAnswers = "its answers";
constexpr View kConfig = "config.json", kConfigHere = "config.json of the model on this machine", kHeaders = "tensor headers", kHeadersHere = "tensor headers of the model on this machine";

constexpr ProofRow kRows[] = {
    {"identity", {"tensor headers and GiB in the log", "", "tensor headers or config against GiB and kernel line", "", "", ""}},
    {"engine", {kAnswers, kAnswers, kAnswers, kAnswers, kAnswers, kAnswers}},
    {"engine_version", {kProps, kProps, "/version", "/version", kAnswers, ""}},
    {"quantization", {"", "", kLogInfo, kInfo, kAnswers, ""}},
    {"weight_format", {kHeaders, kProps, kConfig, kConfigHere, "", ""}},
    {"weight_bits", {"", "", kConfig, kConfigHere, "", ""}},
    {"group_size", {"", "", kConfig, kConfigHere, "", ""}},
    {"act_order", {"", "", kConfig, kConfigHere, "", ""}},
    {"tensor_types", {kHeaders, "", kHeaders, kHeadersHere, "", ""}},
    {"bits_per_weight", {kHeaders, "", kHeaders, kHeadersHere, "", ""}},
    {"weights_gib", {kLog, "/v1/models", kLog, "", "", ""}},
    {"weight_buffers", {kLog, "", "", "", "", ""}},
    {"quantized_kernel", {"", "", kLog, "", "", ""}},
    {"slow_kernel", {"", "", kLog, "", "", ""}},
    {"fallback_kernel", {"", "", kLog, "", "", ""}},
    {"linear_backend", {"", "", kLogInfo, kInfo, "", ""}},
    {"dtype", {"", "", kLogInfo, kInfo, "", ""}},
    {"attention_backend", {"", "", kLog, "", "", ""}},
    {"flash_attention", {kLog, "", "", "", "", ""}},
    {"kv_cache_dtype", {kLog, "", kLogInfo, "/server_info, /metrics", "", ""}},
    {"checkpoint_kv_cache", {"", "", kConfig, kConfigHere, "", ""}},
    {"kv_cache_tokens", {kLog, "", "log, /server_info, /metrics", "/server_info, /metrics", kAnswers, ""}},
    {"kv_cache_memory_bytes", {"", "", "log (arguments), /server_info, /metrics", "/server_info, /metrics", "", ""}},
    {"kv_cache_gib", {kLog, "", kLog, "", "", ""}},
    {"graph_gib", {"", "", kLog, "", "", ""}},
    {"max_model_len", {kProps, kProps, "log, /server_info, /v1/models", "/server_info, /v1/models", kAnswers, kAnswers}},
    {"max_num_seqs", {kProps, kProps, kArguments, kInfo, kAnswers, ""}},
    {"max_num_batched_tokens", {"", "", "log (arguments), /server_info, log", kInfo, "", ""}},
    {"gpu_memory_utilization", {"", "", "log (arguments), /server_info, /metrics", "/server_info, /metrics", "", ""}},
    {"prefix_caching", {"every request (cache_prompt: false)", "", kLogInfo, "/server_info, /metrics", "", ""}},
    {"chunked_prefill", {"", "", kLogInfo, kInfo, "", ""}},
    {"speculative", {kProps, kProps, kLogInfo, kInfo, "", ""}},
    {"enforce_eager", {"", "", kLogInfo, kInfo, "", ""}},
    {"load_format", {kFile, "", kLogInfo, kInfo, "", ""}},
    {"random_weights", {kFile, "", kLog, "", "", ""}},
    {"tensor_parallel_size", {"", "", kLogInfo, kInfo, "", ""}},
    {"pipeline_parallel_size", {"", "", kLogInfo, kInfo, "", ""}},
    {"data_parallel_size", {"", "", kLogInfo, kInfo, "", ""}},
    {"cpu_offload_gb", {"", "", kArguments, kInfo, "", ""}},
    {"device", {"", "", kLogInfo, kInfo, "", ""}},
    {"threads", {kLog, "", "", "", "", ""}},
    {"tokenizer", {kFile, "", "log (arguments), tokenizer.json", "tokenizer.json of the model on this machine", "", ""}},
    {"chat_template", {kProps, kProps, "log (arguments), tokenizer_config.json", "tokenizer_config.json of the model on this machine", "", ""}},
    {"generation_config", {"", "", "generation_config.json", "generation_config.json of the model on this machine", "", ""}},
    {"generation_config_from", {"", "", kArguments, kInfo, "", ""}},
    {"generation_config_override", {"", "", kArguments, kInfo, "", ""}},
    {"sampling_defaults", {kProps, kProps, kLog, "", "", ""}},
    {"architecture", {kFile, "", kConfig, kConfigHere, "", ""}},
    {"hidden_size", {kFile, "", kConfig, kConfigHere, "", ""}},
    {"layers", {kFile, "", kConfig, kConfigHere, "", ""}},
    {"attention_heads", {kFile, "", kConfig, kConfigHere, "", ""}},
    {"kv_heads", {kFile, "", kConfig, kConfigHere, "", ""}},
    {"intermediate_size", {kFile, "", kConfig, kConfigHere, "", ""}},
    {"vocabulary", {kFile, "", kConfig, kConfigHere, "", ""}},
};

}  // namespace

std::span<const ProofRow> proof_table() { return kRows; }

std::string proof_table_markdown() {
  std::string text = fmt::format("| setting | {} |\n|---|{}\n", fmt::join(kProofColumns, " | "), "---|---|---|---|---|---|");
  for (const auto& row : kRows) {
    text += fmt::format("| `{}` |", row.setting);
    for (const auto from : row.from) text += fmt::format(" {} |", from.empty() ? View("n/a") : from);
    text += "\n";
  }
  return text;
}

}  // namespace qc
