#pragma once
// Runs of other tools' files -> a study as if it had been stored here: its text, trials, requests, and what is told without them.
#include <string>
#include <vector>

#include "exchange/read/read.h"
#include "study/plan.h"

namespace qc {

struct ImportSpec {
  std::string name;                        ///< of the study
  std::string baseline;                    ///< a variant; empty: as before, else the first
  const Study* before = nullptr;           ///< the study that these runs are added to: its price, title and budgets stay
};

struct AssembledTrial { TrialRecord trial; std::vector<RequestRecord> requests; };

struct ImportedStudy {
  std::string text;                        ///< the study file it amounts to
  std::vector<AssembledTrial> trials;
  std::vector<ImportedRun> imported;       ///< a row for each trial
  std::vector<VariantFacts> facts;         ///< of variants whose files say anything of the model
  std::vector<PlannedTrial> plan;
  std::vector<std::string> left_out;       ///< runs that have no place in the comparison, with the reason
};

/// Every run has its variant and workload by now. Runs of an open loop are left out: operating points are concurrencies. Blocks are
/// those that the files tell; where they do not, runs of a cell are numbered and never paired. Fails as usage: a run without a
/// concurrency, two of one cell in one block, a baseline that is none of the variants.
Result<ImportedStudy> assemble(std::vector<ReadRun> runs, const ImportSpec& spec);

/// The runs that an imported study was made of, to be assembled once more with others.
std::vector<ReadRun> runs_of(const StudyData& data);

}  // namespace qc
