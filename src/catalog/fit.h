#pragma once
// Does a study fit on a card? From sizes that are known before anything is loaded. Says no only where it is certain.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "study/study.h"

namespace qc {

struct VariantNeed {
  std::string variant;
  bool baseline = false;
  std::optional<std::int64_t> bytes{};    ///< weights and the KV cache of one request of max_model_len: less never serves; empty: unknown
};

struct Fit {
  std::string card;
  std::int64_t card_bytes = 0;
  double share = 0.9;                     ///< gpu_memory_utilization
  std::vector<VariantNeed> needs;         ///< the study's variants, in order
  [[nodiscard]] bool fits(const VariantNeed& need) const { return !need.bytes || static_cast<double>(*need.bytes) <= share * static_cast<double>(card_bytes); }
  [[nodiscard]] bool baseline_fits() const { return needs.empty() || fits(needs.front()); }
};

/// vLLM studies of servers that are started by us on one card.
Fit fit_of(const Study& study, const std::string& card, std::int64_t card_bytes);

/// One sentence for each variant that does not fit; empty: all do, or nothing is known against it.
std::vector<std::string> misfits(const Fit& fit);

/// For a baseline that does not fit: by how much, which variants would, and the smallest card that would hold it.
std::string infeasible_text(const Fit& fit);

}  // namespace qc
