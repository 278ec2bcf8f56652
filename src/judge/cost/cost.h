#pragma once
// Dollars out of throughput. Formula: docs/metrics.md, Money.
#include "judge/compare/compare.h"

namespace qc {

struct CostRow {
  std::string workload, variant;
  int concurrency = 0;
  bool baseline = false;
  Measured usd_per_1m_output, usd_per_1m_total, usd_per_1k_requests;
  Measured saving;                         ///< 1 - candidate / baseline of $/1M output, a fraction; n/a for the baseline
  Verdict verdict = Verdict::unknown;      ///< of the throughput Delta behind the saving
  std::string no_verdict{};                ///< that Delta's
};

/// A row for each variant at every operating point. Without a price every figure is n/a with that reason.
std::vector<CostRow> cost_rows(const StudyData& data, const std::vector<WorkloadComparison>& workloads);

}  // namespace qc
