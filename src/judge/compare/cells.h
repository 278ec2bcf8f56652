#pragma once
// One variant at one point: its figures, and beside them what each of its blocks gave, which is what intervals are made from.
#include <map>
#include <optional>
#include <string>

#include "judge/compare/compare.h"
#include "judge/compare/samples.h"

namespace qc {

/// One valid visit of a point, by its block. Its percentiles are median-unbiased, since blocks of few requests are set against one another;
/// the pooled ones that the report prints are not these; of a run that was measured elsewhere without samples they are its file's own. Empty: the
/// block has too few requests for it.
struct BlockSample {
  int requests = 0;
  std::optional<double> tok_s, p50_ms, p95_ms, ttft_p50_ms, ttft_mean_ms, ttft_p95_ms, tpot_p50_ms;
  std::optional<double> characters_s{};    ///< over the whole visit
  std::optional<double> requests_s{};      ///< tok_s over the mean length of its answers
};

struct CellData {
  CellFigures figures;
  bool unpaired = false;                   ///< measured elsewhere, and nobody says in which block
  std::map<int, BlockSample> blocks;
};

struct CellKey {
  std::string variant, workload;
  int concurrency = 0;
  bool repeat = false;
  [[nodiscard]] bool holds(const TrialRecord& t) const {
    return t.variant == variant && t.workload == workload && t.concurrency == concurrency && t.repeat == repeat;
  }
};

/// `confidence` of its intervals.
CellData make_cell(const StudyData& data, const RequestIndex& index, const CellKey& key, double confidence);

}  // namespace qc
