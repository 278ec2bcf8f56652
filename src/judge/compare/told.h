#pragma once
// Runs that were measured elsewhere: their files' own figures, where no requests are behind them.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "judge/compare/compare.h"
#include "judge/compare/samples.h"

namespace qc {

/// What another tool's file says of this trial; null for one that was measured here.
const ImportedRun* imported_of(const StudyData& data, int trial_id);

/// output_tok_s of a trial: of its steady window where its events tell it, else what its file says.
std::optional<double> rate_of(const TrialRecord& trial, const std::vector<const RequestRecord*>& requests, const ImportedRun* told);

/// Takes the valid visits of one cell, one after the other, and fills what their requests left open.
class ToldCell {
 public:
  void add(const ImportedRun& run, const Samples& own);
  /// A figure is the mean of the runs' own, without an interval: percentiles can't be pooled without their samples.
  void fill(CellFigures& cell) const;
  [[nodiscard]] bool empty() const { return runs_ == 0; }

 private:
  [[nodiscard]] Measured mean_of(const std::string& name) const;
  int runs_ = 0, ok_ = 0, failed_ = 0;
  bool counted_ = true;                    ///< every run tells how many requests it had
  std::map<std::string, std::vector<double>> figures_;
};

/// The same for a trial's row of the CSVs.
void fill_told(TrialSummary& summary, const ImportedRun& run);

}  // namespace qc
