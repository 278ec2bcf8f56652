#pragma once
// One trial's telemetry, put together by trial; holds pointers into the study's data.
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "record/record.h"

namespace qc {

/// Of the server: what it counted between the edges of the load, and its gauges.
class TrialWords {
 public:
  void add(const ServerSample& sample);
  void add(const HistogramGrowth& growth) { histograms_[growth.grown.name] = &growth.grown; }
  /// Both edges were read.
  [[nodiscard]] bool whole() const { return before_ && after_; }
  /// What a counter rose by; empty where it is not told, an edge is missing, or it fell: the server began anew.
  [[nodiscard]] std::optional<double> rise(const std::string& counter) const;
  /// Readings from edge to edge.
  [[nodiscard]] std::vector<double> gauge(const std::string& name) const;
  [[nodiscard]] const ServerHistogram* histogram(const std::string& name) const;

 private:
  std::map<std::string, std::map<std::int64_t, double>> samples_;   ///< by name and instant
  std::map<std::string, const ServerHistogram*> histograms_;
  std::optional<std::int64_t> before_, after_;
};

std::map<int, TrialWords> words_by_trial(const StudyData& data);

/// Valid, no A/A visit, in the order of the study: one cell's trials.
using CellTrials = std::vector<const TrialRecord*>;
/// Calls `visit` for each cell: workloads, then concurrencies, then variants in the study's order.
void for_each_cell(const StudyData& data, const std::function<void(const Workload&, int concurrency, const Variant&, const CellTrials&)>& visit);

/// Bounds of the bucket in which quantile q lies, and the value between them by interpolation. Empty for no observations.
struct Between { double lo = 0, hi = 0, value = 0; };
std::optional<Between> quantile_between(const ServerHistogram& histogram, double q);

}  // namespace qc
