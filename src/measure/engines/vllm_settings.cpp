#include "measure/engines/vllm_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "core/bytes.h"
#include "core/files.h"
#include "core/text.h"
#include "measure/engines/kernel_speed.h"
#include "measure/engines/metrics.h"
#include "measure/engines/server_info.h"

namespace qc {
namespace {

using View = std::string_view;

/// One setting and what each source calls it; empty: that source does not tell it. `line`: the engine's own line in the log, and the text
/// form of /server_info. `argument`: a word of the command line, for what only the line of non-default arguments tells.
struct Names { View setting, line, config, metric, argument; };
constexpr Names kNames[] = {
    {"quantization", "quantization", "model_config.quantization", "", ""},
    {"dtype", "dtype", "model_config.dtype", "", ""},
    {"max_model_len", "max_seq_len", "model_config.max_model_len", "", ""},
    {"max_num_seqs", "", "scheduler_config.max_num_seqs", "", "max_num_seqs"},
    {"max_num_batched_tokens", "", "scheduler_config.max_num_batched_tokens", "", "max_num_batched_tokens"},
    {"gpu_memory_utilization", "", "cache_config.gpu_memory_utilization", "gpu_memory_utilization", "gpu_memory_utilization"},
    {"prefix_caching", "enable_prefix_caching", "cache_config.enable_prefix_caching", "enable_prefix_caching", "enable_prefix_caching"},
    {"chunked_prefill", "enable_chunked_prefill|chunked_prefill_enabled", "scheduler_config.enable_chunked_prefill", "", "enable_chunked_prefill"},
    {"kv_cache_dtype", "kv_cache_dtype", "cache_config.cache_dtype", "cache_dtype", "kv_cache_dtype"},
    {"speculative", "speculative_config", "speculative_config", "", "speculative_config"},
    {"enforce_eager", "enforce_eager", "model_config.enforce_eager", "", "enforce_eager"},
    {"load_format", "load_format", "load_config.load_format", "", ""},
    {"tensor_parallel_size", "tensor_parallel_size", "parallel_config.tensor_parallel_size", "", "tensor_parallel_size"},
    {"pipeline_parallel_size", "pipeline_parallel_size", "parallel_config.pipeline_parallel_size", "", "pipeline_parallel_size"},
    {"data_parallel_size", "data_parallel_size", "parallel_config.data_parallel_size", "", "data_parallel_size"},
    {"device", "device_config", "device_config.device", "", ""},
    {"cpu_offload_gb", "", "offload_config.uva.cpu_offload_gb", "", "cpu_offload_gb"},
    {"linear_backend", "kernel_config.linear_backend", "kernel_config.linear_backend", "", "linear_backend"},
    {"generation_config_from", "", "model_config.generation_config", "", "generation_config"},
    {"generation_config_override", "", "model_config.override_generation_config", "", "override_generation_config"},
    {"kv_cache_memory_bytes", "", "cache_config.kv_cache_memory_bytes", "kv_cache_memory_bytes", "kv_cache_memory_bytes"},
    {"kv_cache_tokens", "", "cache_config.kv_cache_size_tokens", "kv_cache_size_tokens", ""},
};

/// Only the log tells these of a running server.
constexpr View kOnlyLog[] = {"quantized_kernel", "slow_kernel", "attention_backend", "weights_gib", "sampling_defaults"};

constexpr View kSecrets[] = {"KEY", "TOKEN", "SECRET", "PASSWORD", "CREDENTIAL"};
constexpr std::size_t kLongestValue = 300;

/// The value of a name, or of the other one that releases have for it ("this|that"); of one that holds more names ("speculative_config.method") all of them.
std::string find(const NamedTexts& leaves, View name) {
  if (const auto other = name.find('|'); other != View::npos) {
    auto value = find(leaves, name.substr(0, other));
    return value.empty() ? find(leaves, name.substr(other + 1)) : value;
  }
  if (name.empty()) return {};
  const auto at = std::ranges::find(leaves, name, &NamedTexts::value_type::first);
  if (at != leaves.end()) return plain_value(at->second);
  std::string inner;
  for (const auto& [key, value] : leaves)
    if (key.starts_with(std::string(name) + ".")) inner += fmt::format("{}{} {}", inner.empty() ? "" : ", ", key.substr(name.size() + 1), plain_value(value));
  return inner;
}

/// Has a name of its own already.
bool is_named(View key) {
  return std::ranges::any_of(kNames, [&](const Names& n) {
    return std::ranges::any_of(std::initializer_list<View>{n.line, n.config, n.argument}, [&](View own) {
      return !own.empty() && std::ranges::any_of(split(own, '|'), [&](const std::string& each) { return key == each || key.starts_with(each + "."); });
    });
  });
}

/// A template that was given by hand: its hash where the file is here, else what was given.
std::string print_of_file(const std::string& path) {
  const auto hash = sha256_file(path);
  return hash ? hash->substr(0, 12) : path;
}

/// What stands after a mark up to the end of its line.
std::string rest_of_line(View text, View mark) {
  const auto at = text.find(mark);
  if (at == View::npos) return {};
  const View rest = text.substr(at + mark.size());
  return std::string(trim(rest.substr(0, rest.find('\n'))));
}

/// Keys and tokens are nobody's business ("max_tokens" and "tokenizer" are no secrets); env_vars repeats the environment unsorted.
bool is_kept(View name, View value) {
  std::string letters(name);
  std::ranges::transform(letters, letters.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  if (value.size() > kLongestValue || name == "env_vars") return false;
  if (letters.find("TOKENS") != std::string::npos || letters.find("TOKENIZER") != std::string::npos) return true;
  return std::ranges::none_of(kSecrets, [&](View word) { return letters.find(word) != std::string::npos; });
}

void add_rest(const NamedTexts& leaves, const std::string& prefix, const std::string& source, SettingList& settings) {
  for (const auto& [name, value] : leaves)
    if (is_kept(name, value) && !is_named(name)) settings.add(prefix + name, plain_value(value), source);
}

std::string with_gib(std::optional<std::int64_t> bytes) { return bytes ? fmt::format("{:.2f}", static_cast<double>(*bytes) / kGiB) : ""; }

/// Which variable takes kernels away: of the environment that we gave it, else of what it shows.
std::string forcing_variable(const VllmTexts& texts, const ServerInfo& info) {
  const auto shown = std::ranges::find_if(info.environment, [](const auto& each) { return takes_kernels_away(each.first, plain_value(each.second)); });
  return !texts.forced_by.empty() ? texts.forced_by : shown == info.environment.end() ? "" : shown->first;
}

void add_from_log(const VllmTexts& texts, const VllmLog& said, const KernelPlace& place, SettingList& settings) {
  settings.add("weights_gib", with_gib(said.weights_bytes), "log");
  settings.add("kv_cache_gib", with_gib(said.kv_bytes), "log");
  settings.add("graph_gib", with_gib(said.graph_bytes), "log");
  settings.add("attention_backend", said.attention, "log");
  if (!said.has_config) return;                              // of what it does not name nothing follows then
  settings.add("quantized_kernel", said.kernels.empty() ? "none" : fmt::format("{}", fmt::join(said.kernels, "; ")), "log");
  const KernelSpeed speed = kernel_speed(said, texts.log, place);
  settings.add("slow_kernel", speed.slow.empty() ? "none" : speed.slow, "log");
  settings.add("fallback_kernel", speed.fallback.empty() ? "none" : speed.fallback, "log");
  if (value_of(settings.all(), "load_format") == "dummy") settings.add("random_weights", said.weights_filled ? "every tensor" : "as the loader leaves them", "log");
  settings.add("sampling_defaults", said.sampling_override.empty() ? "vLLM's own" : said.sampling_override, "log");
}

/// What one server's texts hold, read once.
struct Sources {
  VllmLog said;
  NamedTexts line, arguments;             ///< of the log: the engine's own line, the non-default arguments
  ServerInfo info;
};

/// A dict of those that were given, "{'model_tag': ..., 'max_num_seqs': 16}"; up to 0.8 all of them, "Namespace(subparser='serve', ..., max_num_seqs=16, ...)", where None was not given.
NamedTexts arguments_in(View log) {
  const auto inside = [](View shown, std::size_t front) { return shown.size() > front + 1 ? shown.substr(front, shown.size() - front - 1) : View{}; };
  if (const std::string given = rest_of_line(log, "non-default args: "); !given.empty()) return python_pairs(inside(given, 1), ':');
  constexpr View kAll = "args: Namespace(";
  const std::string all = rest_of_line(log, kAll);
  NamedTexts arguments = python_pairs(inside(all, 0), '=');
  std::erase_if(arguments, [](const auto& each) { return each.second == "None" || each.second.starts_with('<'); });   // a function has only an address
  return arguments;
}

Sources read_sources(const VllmTexts& texts) {
  return {read_vllm_log(texts.log), python_leaves(rest_of_line(texts.log, "with config: "), '='), arguments_in(texts.log), read_server_info(texts.server_info)};
}

void add_named(const VllmTexts& texts, const Sources& from, SettingList& settings) {
  for (const Names& n : kNames) {
    const std::string name(n.setting);
    settings.add(name, find(from.line, n.line), "log");
    settings.add(name, find(from.arguments, n.argument), std::string(kFromArguments));
    settings.add(name, find(from.info.config, from.info.form == ConfigForm::json ? n.config : n.line), "/server_info");
    if (!n.metric.empty()) settings.add(name, plain_value(metric_label(texts.metrics, "vllm:cache_config_info", n.metric).value_or("")), "/metrics");
  }
  const auto budget = rest_of_line(texts.log, "enabled with max_num_batched_tokens=");
  settings.add("max_num_batched_tokens", budget.substr(0, budget.find_first_not_of("0123456789")), "log");
}

/// What is not among the non-default arguments is as this release has it.
void add_defaults(const Sources& from, SettingList& settings) {
  for (const Names& n : kNames)
    if (!from.arguments.empty() && !n.argument.empty()) settings.add(std::string(n.setting), std::string(kByDefault), "log (not among the arguments)");
}

void add_unknown(const VllmTexts& texts, SettingList& settings) {
  const bool silent = texts.log.empty() && texts.server_info.empty();
  for (const Names& n : kNames) settings.add_unknown(std::string(n.setting), silent ? "needs the log, or /server_info (VLLM_SERVER_DEV_MODE=1)" : "no source tells it");
  for (const View name : kOnlyLog)
    settings.add_unknown(std::string(name), texts.log.empty() ? "only the log tells it, and this server was not started by us" : "the log has no line on it");
}

}  // namespace

void add_vllm_settings(const VllmTexts& texts, SettingList& settings) {
  const Sources from = read_sources(texts);
  // A template or tokenizer given by hand takes the place of the checkpoint's.
  for (const View file : {"chat_template", "tokenizer"})
    if (const auto path = find(from.arguments, file); !path.empty()) settings.add(std::string(file), print_of_file(path), std::string(kFromArguments));
  if (from.said.kv_tokens) settings.add("kv_cache_tokens", std::to_string(*from.said.kv_tokens), "log");
  add_named(texts, from, settings);
  if (!texts.log.empty()) add_from_log(texts, from.said, {value_of(settings.all(), "device") == "cuda", texts.capability, find(from.arguments, "quantization"), forcing_variable(texts, from.info)}, settings);
  add_defaults(from, settings);
  add_rest(from.line, "config.", "log", settings);
  add_rest(from.arguments, "argument.", std::string(kFromArguments), settings);
  add_rest(from.info.config, "config.", "/server_info", settings);
  add_rest(from.info.environment, "env.", "/server_info", settings);
  add_rest(from.info.system, "system.", "/server_info", settings);
  add_unknown(texts, settings);
}

}  // namespace qc
