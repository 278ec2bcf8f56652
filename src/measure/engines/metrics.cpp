#include "measure/engines/metrics.h"

#include <cmath>

#include "measure/engines/metric_text.h"
#include "measure/engines/server_reading.h"

namespace qc {

std::optional<double> metric_sum(std::string_view text, std::string_view name) {
  std::optional<double> sum;
  for_each_metric(text, [&](const MetricLine& line) {
    if (line.name != name) return;
    if (const auto number = metric_number(line)) sum = sum.value_or(0) + *number;
  });
  return sum;
}

std::optional<std::string> metric_label(std::string_view text, std::string_view name, std::string_view label) {
  std::optional<std::string> found;
  for_each_metric(text, [&](const MetricLine& line) {
    if (found || line.name != name) return;
    if (const auto value = label_of(line.labels, label)) found = std::string(*value);
  });
  return found;
}

std::optional<PromptCounters> prompt_counters(const ServerReading& reading) {
  const auto prompt = reading.value("prompt_tokens"), cached = reading.value("prompt_tokens_cached");
  if (!prompt || !cached) return std::nullopt;
  return PromptCounters{std::llround(*prompt), std::llround(*cached)};
}

std::optional<PromptCounters> prompt_counters(std::string_view text) { return prompt_counters(read_metrics(text)); }

}  // namespace qc
