#pragma once
// Throughput counted in other ways: over the whole run, in characters, and by a second tokenizer.
#include <cstdint>
#include <optional>
#include <vector>

#include "judge/compare/compare.h"

namespace qc {

/// Takes the valid visits of one cell, one after the other.
class OtherCounter {
 public:
  /// Returns its characters a second, where all its answers have their length in characters.
  std::optional<double> add(const std::vector<const RequestRecord*>& visit);
  /// Rates are means over the visits, as the cell's own tok/s is; shares are of all its answers together.
  [[nodiscard]] OtherCounts result() const;

 private:
  std::vector<double> tok_s_, characters_s_;
  std::int64_t tokens_of_characters_ = 0, characters_ = 0, tokens_of_second_ = 0, second_ = 0;
};

}  // namespace qc
