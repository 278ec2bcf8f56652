#pragma once
// Prometheus' text format (0.0.4), line by line. Any text will do: what is no sample is passed over.
#include <cstddef>
#include <optional>
#include <string_view>

namespace qc {

/// One sample line: name, what stands between the braces, and the rest (value, perhaps a timestamp).
struct MetricLine { std::string_view name, labels, value; };

/// Empty for comments, blank lines and broken ones.
std::optional<MetricLine> parse_metric_line(std::string_view line);

/// Its number; empty where it is none, or NaN or infinite.
std::optional<double> metric_number(const MetricLine& line);

/// A label's value as it stands between its quotes, escapes as they are.
std::optional<std::string_view> label_of(std::string_view labels, std::string_view label);

template <class Visit>
void for_each_metric(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n') == std::string_view::npos ? text.size() : text.find('\n');
    if (const auto line = parse_metric_line(text.substr(0, end))) visit(*line);
    text.remove_prefix(end < text.size() ? end + 1 : end);
  }
}

}  // namespace qc
