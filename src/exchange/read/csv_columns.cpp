#include "exchange/read/csv_columns.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "core/text.h"

namespace qc {
namespace {

enum class Kind { label, count, time };

struct Known {
  std::string_view name;
  Kind kind;
  std::vector<std::string_view> also;      ///< other names in use, as `plain` leaves them; of times without their unit
  std::vector<std::string_view> per_second = {};   ///< names that mean it with a second behind them: "tok/s"
};

const std::vector<Known>& known() {
  static const std::vector<Known> all = {
      {"variant", Kind::label, {"model", "model_name", "model_id", "quant", "quantization", "quantisation", "precision", "format", "dtype", "weights"}},
      {"workload", Kind::label, {"scenario", "task", "profile", "benchmark", "use_case", "test", "test_name"}},
      {"concurrency", Kind::label, {"conc", "concurrent", "max_concurrency", "concurrent_requests", "concurrent_users", "num_concurrent", "users", "clients", "streams", "parallel", "config"}},
      {"max_tokens", Kind::count, {"output_len", "osl", "max_output_tokens", "random_output_len", "output_length"}},
      {"block", Kind::count, {}},
      {"repeat", Kind::count, {}},
      {"valid", Kind::label, {}},
      {"rate", Kind::count, {"request_rate"}},
      {"output_tok_s", Kind::count, {"tps", "throughput", "output_throughput", "output_tps", "output_token_throughput", "generation_throughput", "gen_tps", "tokens_per_second", "output_tokens_per_second", "tok_per_s",
                                     "tok_per_sec", "tokens_per_sec", "decode_tps"},
       {"tok", "toks", "tokens", "throughput_tok", "throughput_tokens", "output_tokens", "output_toks", "gen_tok", "generated_tokens", "output_throughput_tok"}},
      {"total_tok_s", Kind::count, {"total_throughput", "total_token_throughput", "total_tokens_per_second", "total_tps"}, {"total_tokens", "total_toks"}},
      {"requests_per_s", Kind::count, {"rps", "qps", "request_throughput", "requests_per_second", "req_per_s"}, {"req", "reqs", "requests", "throughput_req", "throughput_requests"}},
      {"requests_ok", Kind::count, {"completed", "ok", "successful", "successful_requests", "num_successful", "success", "request_count", "requests", "num_requests", "n"}},
      {"requests_failed", Kind::count, {"failed", "errors", "failures", "failed_requests", "num_failed", "error_count"}},
      {"output_tokens", Kind::count, {"total_output_tokens", "output_tokens_total", "total_generated_tokens"}},
      {"mean_prompt_tokens", Kind::count, {"prompt_tokens_mean", "avg_prompt_tokens", "input_len", "isl", "mean_input_tokens", "prompt_tokens", "input_tokens"}},
      {"mean_output_tokens", Kind::count, {"output_tokens_mean", "avg_output_tokens", "output_tokens_per_request"}},
      {"duration_s", Kind::time, {"duration", "benchmark_duration", "elapsed", "elapsed_time", "wall_time"}},
      {"e2e_p50_ms", Kind::time, {"p50", "median", "latency_p50", "p50_latency", "median_latency", "median_e2el", "p50_e2el", "median_e2e_latency", "e2e_p50", "p50_e2e", "latency_median", "request_latency_p50"}},
      {"e2e_p95_ms", Kind::time, {"p95", "latency_p95", "p95_latency", "p95_e2el", "p95_e2e_latency", "e2e_p95", "p95_e2e", "request_latency_p95"}},
      {"e2e_p99_ms", Kind::time, {"p99", "latency_p99", "p99_latency", "p99_e2el", "p99_e2e_latency", "e2e_p99", "p99_e2e", "request_latency_p99"}},
      {"ttft_p50_ms", Kind::time, {"ttft_p50", "p50_ttft", "median_ttft", "ttft_median", "time_to_first_token_p50"}},
      {"ttft_p95_ms", Kind::time, {"ttft_p95", "p95_ttft", "time_to_first_token_p95"}},
      {"tpot_p50_ms", Kind::time, {"tpot_p50", "p50_tpot", "median_tpot", "tpot_median"}},
      {"itl_p99_ms", Kind::time, {"itl_p99", "p99_itl"}}};
  return all;
}

struct Unit { std::string_view word; double to_ms; };
constexpr Unit kUnits[] = {{"ms", 1},  {"msec", 1}, {"millis", 1}, {"milliseconds", 1}, {"s", 1e3}, {"sec", 1e3}, {"secs", 1e3}, {"second", 1e3},
                           {"seconds", 1e3}, {"us", 1e-3}, {"microseconds", 1e-3}, {"ns", 1e-6}, {"nanoseconds", 1e-6}};

/// "P95 Latency [ms]" -> "p95_latency_ms"; "tok/s" -> "tok_s".
std::string plain(std::string_view name) {
  std::string out;
  for (const char c : lower(name)) {
    if (std::isalnum(static_cast<unsigned char>(c))) out += c;
    else if (!out.empty() && out.back() != '_') out += '_';
  }
  while (out.ends_with('_')) out.pop_back();
  return out;
}

/// A name without the unit at its end, and that unit; "" where it has none.
std::pair<std::string, std::string> split_unit(const std::string& name) {
  const auto at = name.rfind('_');
  if (at == std::string::npos) return {name, ""};
  const std::string last = name.substr(at + 1);
  const bool unit = std::ranges::any_of(kUnits, [&](const Unit& u) { return u.word == last; });
  return unit ? std::pair(name.substr(0, at), last) : std::pair(name, std::string());
}

std::optional<double> to_ms(const std::string& unit) {
  for (const Unit& u : kUnits)
    if (u.word == unit) return u.to_ms;
  return std::nullopt;
}

bool among(const std::vector<std::string_view>& names, const std::string& name) { return std::ranges::find(names, name) != names.end(); }

bool is_second(const std::string& unit) { return unit == "s" || unit == "sec" || unit == "second"; }

/// What a column is, and the unit at the end of its name. Whole names come first: "tokens_per_second" ends in no unit.
std::pair<const Known*, std::string> recognise(const std::string& header) {
  const std::string whole = plain(header);
  for (const Known& k : known())
    if (k.name == whole) return {&k, split_unit(whole).second};
  for (const Known& k : known())
    if (among(k.also, whole)) return {&k, ""};
  const auto [name, unit] = split_unit(whole);
  for (const Known& k : known())
    if ((k.kind == Kind::time && among(k.also, name)) || (is_second(unit) && among(k.per_second, name))) return {&k, unit};
  return {nullptr, ""};
}

Result<double> factor_of(const Known& k, const std::string& unit, const std::string& header) {
  if (k.kind != Kind::time) return 1.0;
  const auto ms = to_ms(unit);
  if (ms) return k.name.ends_with("_ms") ? *ms : *ms * 1e-3;
  if (k.name == "duration_s") return 1.0;
  return fail(Fault::usage, fmt::format("the column `{}` reads as {}, but has no unit: call it `{}_ms` or `{}_s`, or give --map a file with {{\"{}\": \"{} [ms]\"}}", header, k.name, plain(header),
                                        plain(header), k.name, header));
}

/// A mapped column, with its unit in brackets behind the name or as part of it.
Result<Column> mapped(const std::vector<std::string>& header, const std::string& ours, const std::string& theirs) {
  const auto bracket = theirs.rfind(" [");
  const bool has_unit = bracket != std::string::npos && theirs.ends_with(']');
  for (const std::string& name : {theirs, has_unit ? theirs.substr(0, bracket) : theirs}) {
    const auto at = std::ranges::find(header, name);
    if (at == header.end()) continue;
    const auto k = std::ranges::find(known(), ours, &Known::name);
    const std::string unit = has_unit ? plain(theirs.substr(bracket)) : split_unit(plain(name)).second;
    auto factor = factor_of(*k, unit, name);
    if (!factor) return fail(factor.error());
    return Column{static_cast<std::size_t>(at - header.begin()), *factor};
  }
  const auto meant = nearest(theirs, header);
  return fail(Fault::usage, fmt::format("--map: {} is to come from the column `{}`, which is not there{}; columns: {}", ours, theirs, meant ? fmt::format(" (did you mean `{}`?)", *meant) : "",
                                        fmt::join(header, ", ")));
}

}  // namespace

std::vector<std::string> column_names() {
  std::vector<std::string> names;
  for (const Known& k : known()) names.emplace_back(k.name);
  return names;
}

Result<std::map<std::string, Column>> find_columns(const std::vector<std::string>& header, const ColumnMap& map) {
  std::map<std::string, Column> columns;
  for (const auto& [ours, theirs] : map.columns) {
    auto column = mapped(header, ours, theirs);
    if (!column) return fail(column.error());
    columns[ours] = *column;
  }
  for (std::size_t i = 0; i < header.size(); ++i) {
    const bool taken = std::ranges::any_of(columns, [&](const auto& c) { return c.second.at == i; });
    const auto [k, unit] = recognise(header[i]);
    if (taken || !k || columns.contains(std::string(k->name)) || map.constants.contains(std::string(k->name))) continue;
    auto factor = factor_of(*k, unit, header[i]);
    if (!factor) return fail(factor.error());
    columns[std::string(k->name)] = {i, *factor};
  }
  return columns;
}

}  // namespace qc
