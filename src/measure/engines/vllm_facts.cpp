#include "measure/engines/vllm_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "checkpoint/expected.h"
#include "core/bytes.h"
#include "core/text.h"
#include "measure/engines/kernel_speed.h"
#include "measure/engines/metrics.h"
#include "measure/engines/vllm_log.h"
#include "measure/engines/variant_proof.h"
#include "measure/engines/vllm_proof.h"

namespace qc {
namespace {

void add_switch(VariantFacts& facts, const std::string& name, const std::optional<bool>& on) {
  if (on) facts.settings.emplace_back(name, *on ? "on" : "off");
}

std::string gib_text(std::int64_t bytes) { return fmt::format("{:.2f} GiB", static_cast<double>(bytes) / kGiB); }

/// "BF16" or "AWQ 4-bit..." is more than the log can prove: what it claims, and the kernel behind it.
std::string method_of(const VllmLog& log) {
  if (log.quantization.empty()) return log.dtype == "bfloat16" ? "BF16" : log.dtype == "float16" ? "FP16" : log.dtype.empty() ? "unknown" : log.dtype;
  return log.quantization;
}

void add_log(const VllmLog& log, VariantFacts& facts) {
  facts.method = method_of(log);
  facts.weights_bytes = log.weights_bytes;
  facts.kv_bytes = log.kv_bytes, facts.kv_tokens = log.kv_tokens;
  if (log.graph_bytes || log.activation_bytes) facts.other_bytes = log.graph_bytes.value_or(0) + log.activation_bytes.value_or(0);
  facts.activation_bytes = log.activation_bytes, facts.graph_bytes = log.graph_bytes;
  facts.add_setting("dtype", log.dtype);
  facts.add_setting("kernel", fmt::format("{}", fmt::join(log.kernels, "; ")));
  facts.add_setting("attention backend", log.attention);
  facts.add_setting("KV cache type", log.kv_dtype);
  if (log.eager) facts.settings.emplace_back("execution", *log.eager ? "eager" : log.graphs ? "compiled, with graphs" : "without graphs");
  add_switch(facts, "prefix caching", log.prefix_caching);
  add_switch(facts, "chunked prefill", log.chunked_prefill);
  facts.settings.emplace_back("speculative decoding", log.speculative.empty() ? "off" : log.speculative);
  facts.add_setting("sampling defaults", log.sampling_override);
  if (log.graph_bytes) facts.add_setting("memory of graphs", gib_text(*log.graph_bytes));
  if (!log.weights_bytes) facts.unknown.push_back("size of the weights in memory: the server's log has no line on it");
  if (!log.kv_tokens) facts.unknown.push_back("size of the KV cache: the server's log has no line on it");
}

/// "gptq 4-bit, groups of 128"
std::string method_words(const Checkpoint& c) {
  std::string text = c.format;
  if (!c.config.quantization) return text;
  if (const auto bits = c.config.quantization->weight_bits()) text += fmt::format(" {}-bit", *bits);
  const auto& groups = c.config.quantization->groups;
  if (!groups.empty() && groups.front().weights.group_size) text += fmt::format(", groups of {}", *groups.front().weights.group_size);
  return text;
}

/// What is served is the engine's to name, and its size the log's.
void add_loading(const Checkpoint& c, const VllmLog& log, VariantFacts& facts) {
  if (!is_quantized_while_loading(c, log)) return;
  facts.method = fmt::format("{} while loading a {} checkpoint", log.quantization, c.format);
  if (!facts.tensor_mix.empty()) facts.tensor_mix += " in the file";
  if (facts.weights_bytes && facts.parameters) facts.bits_per_weight = static_cast<double>(*facts.weights_bytes) * log.workers * 8 / *facts.parameters;
}

std::optional<std::int64_t> whole(const std::optional<std::string>& text) {
  if (!text || text->empty() || text->find_first_not_of("0123456789") != std::string::npos || text->size() > 18) return std::nullopt;
  return std::stoll(*text);
}

}  // namespace

void add_checkpoint(const Checkpoint& c, const VllmLog& log, VariantFacts& facts) {
  if (c.format != "unknown") facts.method = method_words(c);
  if (c.config.max_positions && !facts.model_context) facts.model_context = static_cast<int>(*c.config.max_positions);
  if (c.facts) {
    facts.file_bytes = static_cast<std::int64_t>(c.facts->bytes);
    facts.parameters = c.facts->parameters, facts.bits_per_weight = c.facts->bits_per_weight, facts.tensor_mix = c.facts->mix;
  } else if (const auto parameters = expected_parameters(c.config)) {   // random weights: the config has their shapes
    facts.parameters = *parameters;
    if (facts.weights_bytes) facts.bits_per_weight = static_cast<double>(*facts.weights_bytes) * log.workers * 8 / *parameters;
  }
  if (c.template_sha256) facts.template_sha256 = *c.template_sha256;
  if (c.tokenizer_sha256) facts.add_setting("tokenizer (SHA-256)", c.tokenizer_sha256->substr(0, 12));
  add_loading(c, log, facts);
}

void add_vllm_cache(const std::string& metrics, VariantFacts& facts) {
  const auto label = [&](const char* name) { return whole(metric_label(metrics, "vllm:cache_config_info", name)); };
  if (const auto tokens = label("kv_cache_size_tokens")) facts.kv_tokens = tokens;
  if (const auto bytes = label("kv_cache_memory_bytes")) facts.kv_bytes = bytes;
  const auto blocks = label("num_gpu_blocks"), size = label("block_size");
  if (!facts.kv_tokens && blocks && size) facts.kv_tokens = *blocks * *size;
  const bool told = std::ranges::any_of(facts.settings, [](const auto& s) { return s.first == "prefix caching"; });
  if (const auto prefix = metric_label(metrics, "vllm:cache_config_info", "enable_prefix_caching"); prefix && !told)
    facts.settings.emplace_back("prefix caching", *prefix == "True" ? "on" : "off");
}

void choose_endpoint(EngineParts& parts) {
  const auto chat = answers_chat(parts.endpoint, parts.model);
  parts.default_endpoint = chat.value_or(true) ? EndpointKind::chat : EndpointKind::completions;
  parts.facts.unknown.push_back(chat ? "chat template: this server does not show it" : "whether it has a chat template: it gave no answer to a chat request");
}

/// A variable that takes kernels away, of those that a server gets: ours and the study's.
static std::string forcing_variable(const EngineSpec& engine) {
  for (const auto& [name, value] : engine.env)
    if (takes_kernels_away(name, value)) return name;
  for (const char* name : kTakeKernelsAway)
    if (const char* value = std::getenv(name); value != nullptr && !engine.env.contains(name) && !engine.connect && takes_kernels_away(name, value)) return name;
  return {};
}

/// The checkpoint's own files beside what the server says.
static void add_files(const Variant& variant, const VllmLog& log, VariantFacts& facts) {
  const auto folder = checkpoint_folder(variant);
  if (!folder) {
    facts.unknown.push_back(fmt::format("tensor types of {}: its files are not on this machine", variant.model));
    return;
  }
  const auto checkpoint = read_checkpoint(*folder);
  if (checkpoint) add_checkpoint(*checkpoint, log, facts);
  else facts.unknown.push_back("tensor types: " + checkpoint.error().message);
}

Status describe_vllm(EngineParts& parts, const Variant& variant, const LaunchContext& context, const std::string& log) {
  const Study& study = *context.study;
  auto& facts = parts.facts;
  facts.server = "vLLM";
  const VllmLog said = read_vllm_log(log);
  const auto version = ask_vllm_version(parts.endpoint);
  facts.server_version = version ? *version : said.version;
  facts.slots = study.engine.max_num_seqs;
  add_log(said, facts);
  if (const auto models = ask_models(parts.endpoint))
    for (const auto& model : *models)
      if (model.goes_by(parts.model)) facts.context_per_request = model.context;
  if (const auto metrics = ask_metrics(parts.endpoint)) add_vllm_cache(*metrics, facts);
  if (study.engine.gpu_memory_utilization) facts.add_setting("gpu_memory_utilization", fmt::format("{:g}", *study.engine.gpu_memory_utilization));
  choose_endpoint(parts);
  add_files(variant, said, facts);
  prove_vllm(facts, variant, parts.endpoint, {.log = log, .capability = context.capability, .forced_by = forcing_variable(study.engine)});
  if (parts.started && parts.started->may_outlive_us())
    facts.unknown.push_back("whether the server ends with us: it is started elsewhere, and there is no `stop` command under [engine]");
  if (facts.context_per_request && study.engine.max_model_len && *facts.context_per_request < *study.engine.max_model_len)
    return fail(Fault::engine, fmt::format("the server of {} gives a request {} tokens, not the {} it was asked for: no --max-model-len in `args`", facts.variant,
                                           *facts.context_per_request, *study.engine.max_model_len));
  return ok();
}

}  // namespace qc
