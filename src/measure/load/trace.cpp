#include <algorithm>
#include <charconv>
#include <cmath>
#include <ctime>

#include <fmt/format.h>

#include "core/json.h"
#include "core/text.h"
#include "measure/load/arrivals.h"

namespace qc {
namespace {

using Entry = Result<TraceEntry>;

// Mooncake's own name of an input's length: its times are milliseconds. All others count seconds, or give dates.
constexpr std::string_view kInMilliseconds = "input_length";

constexpr std::string_view kTimeNames[] = {"timestamp", "arrived_at", "arrival_time", "time"};
constexpr std::string_view kInputNames[] = {"input_length", "contexttokens", "num_prefill_tokens", "input_tokens", "prompt_tokens", "request tokens"};
constexpr std::string_view kOutputNames[] = {"output_length", "generatedtokens", "num_decode_tokens", "output_tokens", "completion_tokens", "response tokens"};

std::optional<double> number(std::string_view text) {
  double value = 0;
  text = trim(text);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

/// "2023-11-16 18:17:03.9799600" as seconds since 1970.
std::optional<double> date(std::string_view text) {
  std::string whole(trim(text));
  if (whole.size() < 19) return std::nullopt;
  std::tm parts{};
  whole[10] = ' ';
  if (!strptime(whole.substr(0, 19).c_str(), "%Y-%m-%d %H:%M:%S", &parts)) return std::nullopt;
  std::string_view rest = std::string_view(whole).substr(19);
  const auto digits = rest.starts_with('.') ? std::min(rest.find_first_not_of("0123456789", 1), rest.size()) : 0;
  const double fraction = digits > 1 ? number("0" + std::string(rest.substr(0, digits))).value_or(0) : 0;
  return static_cast<double>(timegm(&parts)) + fraction;
}

Entry entry_of(std::optional<double> seconds, std::optional<double> input, std::optional<double> output) {
  constexpr double kMost = 1e8;
  const auto length = [](std::optional<double> n) { return n && *n >= 0 && *n <= kMost && *n == std::floor(*n); };
  if (!seconds || std::abs(*seconds) > 1e11) return fail(Fault::usage, "no time");
  if (!length(input)) return fail(Fault::usage, "no input length");
  if (!length(output)) return fail(Fault::usage, "no output length");
  return TraceEntry{Nanos(static_cast<std::int64_t>(std::llround(*seconds * 1e9))), static_cast<int>(*input), static_cast<int>(*output)};
}

/// A number, or a date as a text.
std::optional<double> seconds_of(std::string_view text, bool milliseconds) {
  const auto plain = number(text);
  return plain ? std::optional(milliseconds ? *plain / 1000 : *plain) : date(text);
}

template <class Names>
const Json* first_of(const Json& object, const Names& names) {
  for (const auto& [key, value] : object.items())
    if (std::ranges::find(names, lower(key)) != std::end(names) && (value.is_number() || value.is_string())) return &value;
  return nullptr;
}

std::string text_of(const Json* value) { return !value ? "" : value->is_string() ? value->get<std::string>() : value->dump(); }

Entry json_line(std::string_view line) {
  const auto json = parse_json(line, "line");
  if (!json || !json->is_object()) return fail(Fault::usage, "not a JSON object");
  const bool milliseconds = std::ranges::any_of(json->items(), [](const auto& item) { return lower(item.key()) == kInMilliseconds; });
  return entry_of(seconds_of(text_of(first_of(*json, kTimeNames)), milliseconds), number(text_of(first_of(*json, kInputNames))), number(text_of(first_of(*json, kOutputNames))));
}

/// The cells of a line, without quotes: dates and numbers hold no comma.
std::vector<std::string> cells_of(std::string_view line) {
  auto cells = split(line, ',');
  for (std::string& cell : cells) {
    std::string_view bare = trim(cell);
    if (bare.size() >= 2 && bare.front() == '"' && bare.back() == '"') bare = trim(bare.substr(1, bare.size() - 2));
    cell = std::string(bare);
  }
  return cells;
}

/// Where a CSV file has its columns.
struct Columns {
  std::size_t time, input, output;
  bool milliseconds = false;
  static std::optional<Columns> in(const std::vector<std::string>& header) {
    const auto place = [&](const auto& names) {
      return static_cast<std::size_t>(std::ranges::find_if(header, [&](const std::string& name) { return std::ranges::find(names, lower(name)) != std::end(names); }) - header.begin());
    };
    Columns found{place(kTimeNames), place(kInputNames), place(kOutputNames)};
    found.milliseconds = found.input < header.size() && lower(header[found.input]) == kInMilliseconds;
    return std::max({found.time, found.input, found.output}) < header.size() ? std::optional(found) : std::nullopt;
  }
};

Entry csv_line(std::string_view line, const Columns& at) {
  const auto fields = cells_of(line);
  if (std::max({at.time, at.input, at.output}) >= fields.size()) return fail(Fault::usage, fmt::format("{} fields", fields.size()));
  return entry_of(seconds_of(fields[at.time], at.milliseconds), number(fields[at.input]), number(fields[at.output]));
}

}  // namespace

Result<std::vector<TraceEntry>> read_trace(std::string_view text, const std::string& name) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (text.starts_with(kMark)) text.remove_prefix(kMark.size());
  const auto lines = split(text, '\n');
  const auto first = std::ranges::find_if(lines, [](const std::string& line) { return !trim(line).empty(); });
  if (first == lines.end()) return fail(Fault::usage, fmt::format("{}: an empty trace", name));
  const bool json = trim(*first).starts_with('{');
  const auto columns = json ? std::nullopt : Columns::in(cells_of(trim(*first)));
  if (!json && !columns)
    return fail(Fault::usage, fmt::format("{}:1: found neither JSON lines with timestamp, input_length and output_length nor a CSV header with TIMESTAMP, ContextTokens and GeneratedTokens", name));
  std::vector<TraceEntry> entries;
  for (auto line = json ? first : first + 1; line != lines.end(); ++line) {
    if (trim(*line).empty()) continue;
    const Entry entry = json ? json_line(trim(*line)) : csv_line(trim(*line), *columns);
    if (!entry) return fail(Fault::usage, fmt::format("{}:{}: found {}", name, line - lines.begin() + 1, entry.error().message));
    entries.push_back(*entry);
  }
  if (entries.empty()) return fail(Fault::usage, fmt::format("{}: an empty trace", name));
  std::ranges::stable_sort(entries, {}, &TraceEntry::at);
  const Nanos start = entries.front().at;
  for (TraceEntry& each : entries) each.at -= start;
  return entries;
}

}  // namespace qc
