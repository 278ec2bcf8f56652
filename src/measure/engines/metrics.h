#pragma once
// The text that servers give at /metrics (Prometheus exposition format, version 0.0.4). Text in, numbers out; any text will do.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "record/telemetry.h"

namespace qc {

/// The sum over all label sets of the metric with exactly this name; empty when it is not there or is no number.
std::optional<double> metric_sum(std::string_view text, std::string_view name);

/// The value of a label of the first sample with this name.
std::optional<std::string> metric_label(std::string_view text, std::string_view name, std::string_view label);

/// Prompt tokens since the server began, those from a cache included, and how many were from a cache.
struct PromptCounters { std::int64_t prompt_tokens = 0; std::int64_t cached = 0; };

/// From llama-server's, vLLM's or SGLang's metrics; empty where the text is of none of them.
std::optional<PromptCounters> prompt_counters(std::string_view text);
std::optional<PromptCounters> prompt_counters(const ServerReading& reading);

}  // namespace qc
