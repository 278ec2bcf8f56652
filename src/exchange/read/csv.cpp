// Plain CSV: a row for each operating point, or for each operating point and block.
#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "core/text.h"
#include "exchange/read/csv_columns.h"
#include "exchange/read/csv_table.h"
#include "exchange/read/formats.h"

namespace qc {
namespace {

constexpr const char* kNote = "a table of figures: no samples, so no interval of a percentile's own; by whose definitions its figures were counted, it does not say";

/// Cells that stand for no value.
bool is_nothing(const std::string& cell) {
  const std::string word = lower(cell);
  return word.empty() || word == "na" || word == "n/a" || word == "nan" || word == "null" || word == "none" || word == "-";
}

std::optional<double> number_of(std::string cell, bool decimal_comma) {
  if (decimal_comma && cell.find('.') == std::string::npos) std::ranges::replace(cell, ',', '.');
  else std::erase(cell, ',');   // "1,234.5"
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  return error == std::errc() && end == cell.data() + cell.size() && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

/// One row's cells by our names.
class Cells {
 public:
  Cells(const CsvTable& table, const CsvTable::Row& row, const std::map<std::string, Column>& columns, const ColumnMap& map)
      : table_(table), row_(row), columns_(columns), map_(map) {}

  [[nodiscard]] std::string text(const std::string& name) const {
    if (const auto constant = map_.constants.find(name); constant != map_.constants.end()) return constant->second;
    const auto column = columns_.find(name);
    return column == columns_.end() || is_nothing(row_.cells[column->second.at]) ? std::string() : row_.cells[column->second.at];
  }

  /// Nothing where there is no such cell; fails where there is one that is no number.
  Result<std::optional<double>> number(const std::string& name) const {
    const std::string cell = text(name);
    if (cell.empty()) return std::optional<double>();
    const auto value = number_of(name == "concurrency" && cell.starts_with("conc=") ? cell.substr(5) : cell, table_.decimal_comma);
    if (!value) return fail(Fault::usage, fmt::format("line {}: {} is `{}`, which is no number", row_.line, name, cell));
    const auto column = columns_.find(name);
    return std::optional(*value * (column == columns_.end() || map_.constants.contains(name) ? 1 : column->second.factor));
  }

 private:
  const CsvTable& table_;
  const CsvTable::Row& row_;
  const std::map<std::string, Column>& columns_;
  const ColumnMap& map_;
};

Result<std::optional<int>> whole(const Cells& cells, const std::string& name, std::size_t line) {
  const auto value = cells.number(name);
  if (!value) return fail(value.error());
  if (!*value) return std::optional<int>();
  if (**value != std::floor(**value) || std::abs(**value) > 1e9) return fail(Fault::usage, fmt::format("line {}: {} is {}, which is no whole number", line, name, **value));
  return std::optional(static_cast<int>(**value));
}

Status figures(const Cells& cells, std::map<std::string, double>& out) {
  for (const std::string_view name : kToldFigures) {
    const auto value = cells.number(std::string(name));
    if (!value) return fail(value.error());
    if (*value) out[std::string(name)] = **value;
  }
  const auto has = [&](const char* name) { return out.contains(name); };
  if (!has("output_tok_s") && has("output_tokens") && has("duration_s") && out["duration_s"] > 0) out["output_tok_s"] = out["output_tokens"] / out["duration_s"];
  if (!has("mean_output_tokens") && has("output_tokens") && has("requests_ok") && out["requests_ok"] > 0) out["mean_output_tokens"] = out["output_tokens"] / out["requests_ok"];
  if (!has("mean_output_tokens") && has("output_tok_s") && has("requests_per_s") && out["requests_per_s"] > 0) out["mean_output_tokens"] = out["output_tok_s"] / out["requests_per_s"];
  return ok();
}

Result<ReadRun> run_of(const Cells& cells, std::size_t line) {
  ReadRun run;
  run.tool = "csv", run.notes = {kNote}, run.variant = cells.text("variant"), run.workload = cells.text("workload");
  const auto concurrency = whole(cells, "concurrency", line), max_tokens = whole(cells, "max_tokens", line), block = whole(cells, "block", line), repeat = whole(cells, "repeat", line);
  const auto rate = cells.number("rate");
  for (const auto* each : {&concurrency, &max_tokens, &block, &repeat})
    if (!*each) return fail(each->error());
  if (!rate) return fail(rate.error());
  run.concurrency = *concurrency, run.max_tokens = *max_tokens, run.block = *block, run.rate = *rate;
  run.repeat = run.block && *repeat == 1;   // the baseline's second visit, where blocks are told; else only a count of repeats
  if (const std::string valid = lower(cells.text("valid")); valid == "0" || valid == "false" || valid == "no") run.invalid_because = "its file says so (valid = " + valid + ")";
  if (auto s = figures(cells, run.figures); !s) return fail(s.error());
  if (!run.figures.contains("output_tok_s") && run.invalid_because.empty()) return fail(Fault::usage, fmt::format("line {}: no output tokens per second", line));
  if (!run.max_tokens && run.figures.contains("mean_output_tokens")) run.max_tokens = static_cast<int>(std::lround(run.figures["mean_output_tokens"]));
  return run;
}

/// The columns without which no row has a place or a figure.
Status need(const std::map<std::string, Column>& columns, const ColumnMap& map, const std::vector<std::string>& header) {
  const auto has = [&](const char* name) { return columns.contains(name) || map.constants.contains(name); };
  const auto missing = [&](const char* what, const char* example) {
    return fail(Fault::usage, fmt::format("no column tells {}; columns: {}. Rename one, or give --map a JSON file such as {}", what, fmt::join(header, ", "), example));
  };
  if (!has("concurrency")) return missing("the concurrency (concurrency, conc, users, max_concurrency ...)", R"({"concurrency": "my column"}, or {"concurrency": 8} for all rows)");
  if (!has("output_tok_s") && !(has("output_tokens") && has("duration_s")))
    return missing("output tokens per second (output_tok_s, tok/s, tps, throughput ...)", R"({"output_tok_s": "my column"})");
  return ok();
}

}  // namespace

Runs read_csv(const SourceFile& source, const ColumnMap& map) {
  const auto table = parse_csv(source.text);
  if (!table) return fail(table.error());
  const auto columns = find_columns(table->header, map);
  if (!columns) return fail(columns.error());
  if (auto s = need(*columns, map, table->header); !s) return fail(s.error());
  std::vector<ReadRun> runs;
  for (const CsvTable::Row& row : table->rows) {
    auto run = run_of(Cells(*table, row, *columns, map), row.line);
    if (!run) return fail(run.error());
    runs.push_back(std::move(*run));
  }
  return runs;
}

}  // namespace qc
