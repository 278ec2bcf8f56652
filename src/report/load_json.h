#pragma once
// What `bench` writes. Keys: docs/interface.md.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "judge/compare/limits.h"
#include "judge/compare/load_figures.h"
#include "record/record.h"
#include "stats/sequence.h"

namespace qc {

/// Of `bench --slo`: the limits, and how many requests kept them.
struct GoodputReport { std::vector<ServiceLimit> limits; Goodput goodput; };
/// Of `bench --until-ci`: what was wanted, what came, and whether that ended the run.
struct NarrowReport { double wanted = 0; std::optional<MeanInterval> e2e_ms; bool narrow = false; };

/// Answers' texts, cut again by the server's own tokenizer: METRICS.md's second count over usage.
struct SecondCount { int answers = 0; double share = 1; };

/// All that is told of one load. Times as in the names; what is unknown is null.
struct LoadReport {
  const TrialRecord* trial;
  const std::vector<RequestRecord>* requests;
  LoadFigures figures;
  Distribution read_lag_us;
  std::map<std::string, int> warnings;
  std::string url, model, endpoint, prompts, arrival;
  double client_cpu_s = 0, client_peak_rss_mib = 0;
  std::string prompts_source = {};        ///< what they are, and how long
  std::optional<GoodputReport> goodput = {};
  std::optional<NarrowReport> narrow = {};
  std::optional<SecondCount> second_count = {};  ///< empty: the server counts no texts, or none was answered
  bool of_trace = false;                  ///< its answers have the trace's lengths, and no max_tokens of all
  int threads = 1;
  bool by_io_uring = false;               ///< how plain connections were read
};
std::string load_json(const LoadReport& report);
/// A few lines for a person.
std::string load_text(const LoadReport& report);

/// One request as a JSON line, its end in it.
std::string load_record(const RequestRecord& request);
/// A JSON line a measured request, in order of sending. Fails as usage where the file can't be written.
Status write_load_records(const std::string& path, const std::vector<RequestRecord>& requests);

}  // namespace qc
