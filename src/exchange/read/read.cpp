#include "exchange/read/read.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/files.h"
#include "core/json.h"
#include "core/text.h"
#include "exchange/read/csv_columns.h"
#include "exchange/read/formats.h"

namespace qc {
namespace {

struct Format { std::string_view name; Runs (*read)(const SourceFile&, const ColumnMap&); };

template <Runs (*read)(const SourceFile&)>
Runs unmapped(const SourceFile& source, const ColumnMap&) { return read(source); }

constexpr Format kFormats[] = {{"vllm", unmapped<read_vllm>},     {"guidellm", unmapped<read_guidellm>},       {"aiperf", unmapped<read_aiperf>},
                               {"sglang", unmapped<read_sglang>}, {"llama-bench", unmapped<read_llama_bench>}, {"csv", read_csv}};

/// What a map says of all runs of a file, over what the file says.
void apply_constants(const ColumnMap& map, ReadRun& run) {
  const auto text = [&](const char* name, std::string& to) {
    if (const auto at = map.constants.find(name); at != map.constants.end()) to = at->second;
  };
  const auto whole = [&](const char* name, std::optional<int>& to) {
    if (const auto at = map.constants.find(name); at != map.constants.end()) to = std::atoi(at->second.c_str());
  };
  text("variant", run.variant), text("workload", run.workload);
  whole("concurrency", run.concurrency), whole("max_tokens", run.max_tokens), whole("block", run.block);
  if (map.constants.contains("concurrency")) run.rate.reset();
}

}  // namespace

std::vector<std::string> import_formats() {
  std::vector<std::string> names;
  for (const Format& f : kFormats) names.emplace_back(f.name);
  return names;
}

Result<ColumnMap> parse_map(std::string_view text, const std::string& file) {
  const auto json = parse_json(text, file);
  if (!json || !json->is_object())
    return fail(Fault::usage, fmt::format("{}: no JSON object, such as {{\"output_tok_s\": \"TPS\", \"e2e_p95_ms\": \"p95 [s]\", \"concurrency\": 8}}", json ? file : json.error().message));
  const auto names = column_names();
  ColumnMap map;
  for (const auto& [key, value] : json->items()) {
    if (std::ranges::find(names, key) == names.end()) {
      const auto meant = nearest(key, names);
      return fail(Fault::usage, fmt::format("{}: `{}` is no name of a value{}; accepted: {}", file, key, meant ? fmt::format(", did you mean `{}`?", *meant) : "", fmt::join(names, ", ")));
    }
    if (value.is_string()) map.columns[key] = value.get<std::string>();
    else if (value.is_number()) map.constants[key] = value.dump();
    else return fail(Fault::usage, fmt::format("{}: `{}` is neither a column's name nor a number", file, key));
  }
  return map;
}

Result<std::vector<ReadRun>> read_runs(const std::string& format, const std::string& file, const ColumnMap& map) {
  const auto f = std::ranges::find(kFormats, format, &Format::name);
  if (f == std::end(kFormats)) return fail(Fault::usage, fmt::format("--from {}: accepted are {}", format, join_and(import_formats())));
  if (format != "csv" && !map.columns.empty()) return fail(Fault::usage, fmt::format("--map: columns can be named for csv only; of {} numbers such as {{\"concurrency\": 8}} are taken", format));
  auto text = read_file(file);
  if (!text) return fail(text.error());
  auto runs = f->read({file, std::move(*text)}, map);
  if (!runs) return fail(Fault::usage, fmt::format("{}: {}", file, runs.error().message));
  for (ReadRun& run : *runs) run.file = file, apply_constants(map, run);
  return runs;
}

}  // namespace qc
