#pragma once
// Result files of other tools -> runs: one variant at one operating point each, with requests where the file carries their instants.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "record/record.h"

namespace qc {

/// One run as its file tells it. What is empty, the file does not say.
struct ReadRun {
  std::string file, tool, variant, workload, model, utc;
  std::optional<int> concurrency, max_tokens, block;
  std::optional<double> rate;              ///< requests a second of an open loop
  bool repeat = false;                     ///< the A/A visit
  std::string invalid_because;             ///< empty: it counts
  std::map<std::string, double> figures;   ///< by kToldFigures
  std::vector<RequestRecord> requests;     ///< trial_id is not set
  std::optional<std::pair<Instant, Instant>> steady;   ///< the steady window, where our own export tells it; else it is found anew
  VariantFacts facts;                      ///< what the file says of the model; `variant` is not set
  std::vector<std::string> notes;          ///< by whose definitions, what can't be known
};

/// Our name of a value -> the file's own name of it (a column, a key of its top level), or the value itself.
/// A column may have its unit behind it: "p95 [s]".
struct ColumnMap {
  std::map<std::string, std::string> columns, constants;
};
/// Of a JSON object: {"output_tok_s": "TPS", "e2e_p95_ms": "p95 [s]", "concurrency": 8}. Fails as usage, naming what is no name of ours.
Result<ColumnMap> parse_map(std::string_view text, const std::string& file);

/// The formats' names, in the order in which help lists them.
std::vector<std::string> import_formats();

/// Every run of one file. Fails as usage: the file, what is missing in it, what to do. Files beside it that belong to it (aiperf's
/// pair) are read as well.
Result<std::vector<ReadRun>> read_runs(const std::string& format, const std::string& file, const ColumnMap& map);

}  // namespace qc
