#pragma once
// Cards that we know without seeing them: data/gpus.json.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace qc {

struct KnownCard {
  std::string name;                       ///< "RTX2000Ada-16GB"
  std::vector<std::string> aliases;
  std::int64_t memory_bytes = 0;          ///< as NVML shows it
  double bandwidth_gb_s = 0;
};

/// Smallest memory first; of one size in the table's order.
const std::vector<KnownCard>& known_cards();

/// By name or alias, also as NVML has it ("NVIDIA GeForce RTX 4090"); case and punctuation do not matter.
std::optional<KnownCard> find_card(const std::string& name);

}  // namespace qc
