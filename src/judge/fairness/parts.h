#pragma once
// What fairness.cpp is put together from; for this unit's .cpp files only.
#include <optional>
#include <string_view>
#include <vector>

#include "judge/fairness/fairness.h"

namespace qc {

/// The baseline first.
using Told = std::vector<const VariantFacts*>;

/// Null where the variant does not tell the setting.
const ProvenSetting* told(const VariantFacts& facts, std::string_view name);

/// What is no difference of one setting: a variant's files or memory contradict what it says, or it takes the baseline's memory.
std::optional<Difference> wrong_identity(const Told& variants);

}  // namespace qc
