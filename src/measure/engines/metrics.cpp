#include "measure/engines/metrics.h"

#include <cmath>
#include <cstdlib>

#include "core/text.h"

namespace qc {
namespace {

using View = std::string_view;

/// One sample line: name, what stands between the braces, and the rest (value, perhaps a timestamp).
struct Sample { View name, labels, value; };

/// The closing brace of a label set; braces inside quoted values do not count.
std::size_t labels_end(View line, std::size_t open) {
  bool quoted = false;
  for (std::size_t i = open + 1; i < line.size(); ++i) {
    if (quoted && line[i] == '\\') ++i;
    else if (line[i] == '"') quoted = !quoted;
    else if (line[i] == '}' && !quoted) return i;
  }
  return View::npos;
}

std::optional<Sample> parse(View line) {
  line = trim(line);
  if (line.empty() || line.front() == '#') return std::nullopt;
  const auto name_end = line.find_first_of("{ \t");
  if (name_end == View::npos) return std::nullopt;
  if (line[name_end] != '{') return Sample{line.substr(0, name_end), {}, trim(line.substr(name_end))};
  const auto close = labels_end(line, name_end);
  if (close == View::npos) return std::nullopt;
  return Sample{line.substr(0, name_end), line.substr(name_end + 1, close - name_end - 1), trim(line.substr(close + 1))};
}

template <class Visit>
void for_each_sample(View text, View name, Visit visit) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    if (const auto sample = parse(text.substr(0, end)); sample && sample->name == name) visit(*sample);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

/// Names by server. llama-server counts cached tokens apart, vLLM and SGLang within the prompt's.
struct CounterNames { View prompt, cached; bool cached_apart; };
constexpr CounterNames kCounters[] = {
    {"llamacpp:prompt_tokens_total", "llamacpp:prompt_tokens_cached_total", true},
    {"vllm:prompt_tokens_total", "vllm:prefix_cache_hits_total", false},
    {"vllm:prompt_tokens_total", "vllm:gpu_prefix_cache_hits_total", false},
    {"sglang:prompt_tokens_total", "sglang:cached_tokens_total", false},
};

}  // namespace

std::optional<double> metric_sum(View text, View name) {
  std::optional<double> sum;
  for_each_sample(text, name, [&](const Sample& sample) {
    const std::string value(sample.value);
    char* end = nullptr;
    const double number = std::strtod(value.c_str(), &end);
    if (end != value.c_str() && std::isfinite(number)) sum = sum.value_or(0) + number;
  });
  return sum;
}

std::optional<std::string> metric_label(View text, View name, View label) {
  std::optional<std::string> found;
  for_each_sample(text, name, [&](const Sample& sample) {
    const std::string key = std::string(label) + "=\"";
    auto at = sample.labels.find(key);
    while (at != View::npos && at > 0 && sample.labels[at - 1] != ',') at = sample.labels.find(key, at + 1);
    if (found || at == View::npos) return;
    const auto rest = sample.labels.substr(at + key.size());
    found = std::string(rest.substr(0, rest.find('"')));
  });
  return found;
}

std::optional<PromptCounters> prompt_counters(View text) {
  for (const auto& names : kCounters) {
    const auto prompt = metric_sum(text, names.prompt), cached = metric_sum(text, names.cached);
    if (!prompt || !cached) continue;
    return PromptCounters{std::llround(*prompt + (names.cached_apart ? *cached : 0)), std::llround(*cached)};
  }
  return std::nullopt;
}

}  // namespace qc
