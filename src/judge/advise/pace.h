#pragma once
// What a decode step reads from memory beside what the card can read: why a format gains what it gains.
#include <string>
#include <vector>

#include "judge/compare/compare.h"

namespace qc {

/// One variant at one operating point. A step gives each request that runs its next token.
struct PaceRow {
  std::string workload, variant;
  int concurrency = 0;
  std::string kernel;                      ///< that multiplies quantized weights, as the server's log names it; empty: it names none
  Measured step_ms;                        ///< the median TPOT; what other requests' prompts take in between is in it
  Measured step_bytes;                     ///< at most: the weights in the card's memory, once, and the keys and values of all requests at their mean length
  Measured traffic;                        ///< bytes a second
  Measured of_card;                        ///< traffic over the data sheet's memory bandwidth of the card, a fraction
  Measured first_token_share;              ///< the median time to first token over the median request, as we saw them; a fraction
};

/// Workloads, then concurrencies, then variants in the study's order; only of variants that answered.
std::vector<PaceRow> pace_rows(const StudyData& data, const std::vector<WorkloadComparison>& workloads);

/// Bytes a second of the study's first GPU by its data sheet; empty on a CPU, elsewhere, and for a card that data/gpus.json does not have.
std::optional<double> card_bandwidth(const StudyData& data);

}  // namespace qc
