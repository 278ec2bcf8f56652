#include "measure/engines/metric_text.h"

#include <cmath>
#include <cstdlib>
#include <string>

#include "core/text.h"

namespace qc {
namespace {

using View = std::string_view;

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

}  // namespace

std::optional<MetricLine> parse_metric_line(View line) {
  line = trim(line);
  if (line.empty() || line.front() == '#') return std::nullopt;
  const auto name_end = line.find_first_of("{ \t");
  if (name_end == View::npos) return std::nullopt;
  if (line[name_end] != '{') return MetricLine{line.substr(0, name_end), {}, trim(line.substr(name_end))};
  const auto close = labels_end(line, name_end);
  if (close == View::npos) return std::nullopt;
  return MetricLine{line.substr(0, name_end), line.substr(name_end + 1, close - name_end - 1), trim(line.substr(close + 1))};
}

std::optional<double> metric_number(const MetricLine& line) {
  const std::string value(line.value.substr(0, 64));
  char* end = nullptr;
  const double number = std::strtod(value.c_str(), &end);
  return end != value.c_str() && std::isfinite(number) ? std::optional(number) : std::nullopt;
}

std::optional<View> label_of(View labels, View label) {
  const std::string key = std::string(label) + "=\"";
  auto at = labels.find(key);
  while (at != View::npos && at > 0 && labels[at - 1] != ',') at = labels.find(key, at + 1);
  if (at == View::npos) return std::nullopt;
  const auto rest = labels.substr(at + key.size());
  return rest.substr(0, rest.find('"'));
}

}  // namespace qc
