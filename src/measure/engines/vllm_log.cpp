#include "measure/engines/vllm_log.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "core/bytes.h"
#include "core/text.h"
#include "measure/engines/log_lines.h"

namespace qc {
namespace {

using View = std::string_view;

/// The number at the start of a text, commas between its thousands passed over.
std::optional<double> leading_number(View text) {
  std::string digits;
  for (const char c : text) {
    if (c == ',') continue;
    if ((c < '0' || c > '9') && c != '.' && !(c == '-' && digits.empty())) break;
    digits += c;
  }
  char* end = nullptr;
  const double value = std::strtod(digits.c_str(), &end);
  return digits.empty() || end == digits.c_str() ? std::nullopt : std::optional(value);
}

/// "5.49 GiB", "14.9888 GB" (vLLM before 0.8 says GB and means GiB).
std::optional<std::int64_t> gib_after(View line, View mark) {
  const auto rest = after(line, mark);
  const auto number = rest ? leading_number(trim(*rest)) : std::nullopt;
  if (!number || *number < 0) return std::nullopt;
  return std::llround(*number * kGiB);
}

/// The value of `key=` in the engine's own line: up to the comma that ends it, quotes taken off; "None" is empty.
std::optional<std::string> config_value(View line, View key) {
  for (auto at = line.find(key); at != View::npos; at = line.find(key, at + 1)) {
    const bool whole = (at == 0 || line[at - 1] == ' ' || line[at - 1] == '(') && at + key.size() < line.size() && line[at + key.size()] == '=';
    if (!whole) continue;
    const View rest = line.substr(at + key.size() + 1);
    std::string value(rest.substr(0, rest.find(", ")));
    if (value.size() >= 2 && value.front() == '\'' && value.back() == '\'') value = value.substr(1, value.size() - 2);
    return value == "None" ? std::string() : value;
  }
  return std::nullopt;
}

std::optional<bool> flag(View line, View key) {
  const auto value = config_value(line, key);
  return value ? std::optional(*value == "True") : std::nullopt;
}

int parallel(View line, View key) {
  const auto n = config_value(line, key);
  const auto number = n ? leading_number(*n) : std::nullopt;
  return number && *number >= 1 ? static_cast<int>(*number) : 1;
}

void read_config(View line, VllmLog& log) {
  log.has_config = true;
  log.workers = parallel(line, "tensor_parallel_size") * parallel(line, "pipeline_parallel_size");
  log.graphs = line.find("cudagraph_mode': <CUDAGraphMode.NONE") == View::npos && line.find("cudagraph_mode\":0") == View::npos && line.find("cudagraph_mode': 0") == View::npos;
  if (const auto v = after(line, "LLM engine (v")) log.version = std::string(v->substr(0, v->find(')')));
  log.quantization = config_value(line, "quantization").value_or("");
  log.dtype = config_value(line, "dtype").value_or("");
  if (log.dtype.starts_with("torch.")) log.dtype.erase(0, 6);
  log.kv_dtype = config_value(line, "kv_cache_dtype").value_or("");
  log.speculative = config_value(line, "speculative_config").value_or("");
  if (const auto n = config_value(line, "max_seq_len"); n && leading_number(*n)) log.max_model_len = static_cast<int>(*leading_number(*n));
  log.eager = flag(line, "enforce_eager"), log.prefix_caching = flag(line, "enable_prefix_caching"), log.chunked_prefill = flag(line, "enable_chunked_prefill");
  if (!log.chunked_prefill) log.chunked_prefill = flag(line, "chunked_prefill_enabled");   // 0.6 to 0.11
}

/// "Using XLinearKernel for Y", "Selected XKernel for Y"; "The model is convertible to awq_marlin during runtime. Using awq_marlin kernel."
void read_kernel(View line, VllmLog& log) {
  std::string kernel;
  for (const View verb : {"Using ", "Selected "})
    if (const auto rest = after(line, verb); rest && rest->find("Kernel for ") != View::npos && rest->find(' ') == rest->find(" for ")) kernel = std::string(*rest);
  if (const auto rest = after(line, "during runtime. Using ")) kernel = std::string(rest->substr(0, rest->find(" kernel")));
  if (kernel.empty() || std::ranges::find(log.kernels, kernel) != log.kernels.end()) return;
  log.kernels.push_back(kernel);
}

/// What older releases write in words.
constexpr std::pair<View, View> kAttentionInWords[] = {{"Using Flash Attention backend", "FLASH_ATTN"}, {"Using FlashInfer backend", "FLASHINFER"}, {"Using Triton backend", "TRITON_ATTN"},
                                                       {"Using FlexAttention backend", "FLEX_ATTENTION"}, {"Using XFormers backend", "XFORMERS"}, {"Using Triton MLA backend", "TRITON_MLA"},
                                                       {"Using FlashMLA backend", "FLASHMLA"}, {"Using FlashAttention MLA backend", "FLASH_ATTN_MLA"}, {"Using Cutlass MLA backend", "CUTLASS_MLA"}};

/// Experts and other layers have backends too ("[fp8.py:205] Using Triton backend for FP8 MoE"): the platform chooses that of attention.
bool is_of_attention(View line) {
  const auto end = line.find(".py:");
  if (end == View::npos) return true;
  const View file = line.substr(0, end);
  const View name = file.substr(file.find_last_of("[/ ") + 1);
  return std::ranges::any_of(std::initializer_list<View>{"cuda", "rocm", "xpu", "cpu", "tpu", "hpu", "interface", "selector", "layer"}, [&](View each) { return each == name; });
}

void read_attention(View line, VllmLog& log) {
  if (!is_of_attention(line)) return;
  for (const auto& [words, name] : kAttentionInWords)
    if (line.find(words) != View::npos) {
      log.attention = std::string(name);
      return;
    }
  for (const View tail : {" attention backend", " backend."}) {
    const auto rest = after(line, "Using ");
    const auto end = rest ? rest->find(tail) : View::npos;
    if (end == View::npos || rest->substr(0, end).find(' ') != View::npos) continue;
    const View name = rest->substr(0, end);
    log.attention = std::string(name.substr(name.rfind('.') + 1));   // "AttentionBackendEnum.FLASH_ATTN", where it was asked for
    return;
  }
}

/// "GPU KV cache size: 527,920 tokens"; releases before 0.8: "# GPU blocks: 28166, # CPU blocks: 2048", 16 tokens each.
void read_cache(View line, VllmLog& log) {
  constexpr double kOldBlock = 16;
  if (const auto rest = after(line, "KV cache size: "); rest && leading_number(*rest)) log.kv_tokens = std::llround(*leading_number(*rest));
  for (const View mark : {"# GPU blocks: ", "# cuda blocks: "})
    if (const auto rest = after(line, mark); rest && leading_number(*rest)) log.kv_tokens = std::llround(*leading_number(*rest) * kOldBlock);
  if (const auto bytes = gib_after(line, "Available KV cache memory: ")) log.kv_bytes = bytes;
  for (const View mark : {"reserved for KV Cache is ", " kv_cache_size="})   // "kv_cache_size=3.54GiB" of 0.6
    if (const auto bytes = gib_after(line, mark)) log.kv_bytes = bytes;
  if (const auto rest = after(line, "Explicitly set (")) log.kv_bytes = gib_after(*rest, "");   // the CPU: "(1.0/16.96) GiB for KV cache"
}

/// "1.44 GiB for peak activation": the number before the words.
std::optional<std::int64_t> gib_before(View line, View words) {
  const auto end = line.find(words);
  if (end == View::npos) return std::nullopt;
  const View before = line.substr(0, end);
  const auto start = before.find_last_not_of("0123456789.");
  const auto number = leading_number(before.substr(start == View::npos ? 0 : start + 1));
  return number ? std::optional<std::int64_t>(std::llround(*number * kGiB)) : std::nullopt;
}

void read_memory(View line, VllmLog& log) {
  for (const View mark : {"Model loading took ", "Loading model weights took "})
    if (const auto bytes = gib_after(line, mark)) log.weights_bytes = bytes;
  if (const auto bytes = gib_after(line, "model weights take ")) log.weights_bytes = bytes;
  if (const auto bytes = gib_after(line, "activation peak memory takes ")) log.activation_bytes = bytes;
  if (const auto bytes = gib_before(line, " GiB for peak activation")) log.activation_bytes = bytes;
  if (const auto bytes = gib_before(line, " GiB for CUDAGraph memory"); bytes && !log.graph_bytes) log.graph_bytes = bytes;
  if (const auto rest = after(line, "'cpu_offload_gb': "); rest && leading_number(*rest).value_or(0) > 0) log.offloads = true;
  if (const auto rest = after(line, " cpu_offload_gb="); rest && leading_number(*rest).value_or(0) > 0) log.offloads = true;
  if (line.find("Graph capturing finished") != View::npos)
    if (const auto bytes = gib_after(line, "took ")) log.graph_bytes = bytes;
}

void read_line(View line, VllmLog& log) {
  if (line.find(" LLM engine (v") != View::npos && line.find("with config") != View::npos) read_config(line, log);
  if (const auto rest = after(line, "vLLM API server version "); rest && log.version.empty()) log.version = std::string(rest->substr(0, rest->find_first_of(" ,")));
  if (line.find("quantcase random weights: ") != View::npos) log.weights_filled = true;
  read_kernel(line, log), read_attention(line, log), read_cache(line, log), read_memory(line, log);
  if (const auto rest = after(line, " sampling params from model: ")) log.sampling_override = std::string(trim(*rest));   // 0.8 on, the line after the sentence
  if (const auto rest = after(line, "overridden by the model's `generation_config.json`: `")) log.sampling_override = std::string(rest->substr(0, rest->find('`')));
  else if (const auto old = after(line, "overridden by the model's Hugging Face generation config recommended from the model creator"); old && log.sampling_override.empty()) log.sampling_override = "as the model's generation_config.json has it";
}

}  // namespace

VllmLog read_vllm_log(View text) {
  VllmLog log;
  for_each_line(text, [&](View line) { read_line(trim(line), log); });
  return log;
}

bool is_vllm_log(View text) {
  // A mistyped argument is answered with the usage alone, and `python -m` calls the program main.py in it.
  return std::ranges::any_of(std::initializer_list<View>{"(APIServer pid=", "(EngineCore", "vLLM API server version", "vllm.", "usage: vllm", "{chat,complete,serve,"},
                             [&](View mark) { return text.find(mark) != View::npos; });
}

}  // namespace qc
