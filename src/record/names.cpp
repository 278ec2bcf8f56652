#include "record/record.h"

#include <algorithm>

namespace qc {

std::optional<Failure> failure_from(std::string_view name) {
  const auto at = std::ranges::find(kFailureNames, name);
  if (at == kFailureNames.end()) return std::nullopt;
  return static_cast<Failure>(at - kFailureNames.begin());
}

}  // namespace qc
