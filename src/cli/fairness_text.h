#pragma once
// Proof and differences as people and programs read them.
#include <string>
#include <vector>

#include "core/result.h"
#include "judge/fairness/fairness.h"

namespace qc {

/// A table for each variant (setting, value, source), then the differences by kind and the warnings.
std::string fairness_text(const std::vector<VariantFacts>& variants, const Fairness& fairness);
std::string fairness_json(const std::vector<VariantFacts>& variants, const Fairness& fairness);

/// Fails as usage, naming the nearest, for a name in `allow` that nothing unfair goes by.
Status check_allowed(const std::vector<std::string>& allow);

}  // namespace qc
