#pragma once
// Are the variants comparable? Each is what it says it is, and all that differs follows from how its weights are stored. Values in, values out.
#include <string>
#include <vector>

#include "judge/fairness/rules.h"
#include "record/record.h"

namespace qc {

struct VariantValue { std::string variant, value, source; };

/// One setting that is not the same for all variants.
struct Difference {
  std::string setting;
  DifferenceKind kind = DifferenceKind::unknown;
  bool allowed = false;                   ///< unfair, and named by study.allow or --allow
  std::vector<VariantValue> values;       ///< the baseline's first; variants that do not tell it are left out
  std::string why, remedy;
};

struct Fairness {
  std::vector<Difference> differences;    ///< unfair ones first, then unknown, then explained; those of kind `own` are left out
  std::vector<std::string> slow_kernels;  ///< a sentence for each variant that runs one
  std::vector<std::string> not_told;      ///< a sentence for each unfair setting that only some variants tell
  /// Unfair and not allowed: what stops a study.
  [[nodiscard]] std::vector<const Difference*> refused() const;
  [[nodiscard]] std::vector<const Difference*> allowed() const;
  [[nodiscard]] bool comparable() const { return refused().empty(); }
};

/// The baseline's facts come first. Facts without `proof` (of older stores, of servers that never answered) are passed over.
Fairness find_differences(const std::vector<VariantFacts>& variants, const std::vector<std::string>& allow);

/// "max_num_seqs: bf16 128 (log), awq 16 (log)".
std::string in_words(const Difference& difference);

/// Why the study is refused: every refused difference with its values, their sources and the remedy, a line each. Empty: it is not.
std::string refusal(const Fairness& fairness);

}  // namespace qc
