#pragma once
// What `capacity` writes. Keys: docs/interface.md.
#include <string>

#include "judge/capacity/capacity.h"

namespace qc {

/// Where it was measured, as typed or found.
struct CapacityOf { std::string url, model, endpoint, prompts, prompts_source; int max_tokens = 0; std::uint64_t seed = 0; };

std::string capacity_json(const Capacity& capacity, const CapacityOf& of);
/// The table and the answer, for a person.
std::string capacity_text(const Capacity& capacity);
/// One level in a line, as it is done: "concurrency 16: met; p95_e2e 2310 ms (<= 3000 ms) ...".
std::string level_line(const Capacity& capacity, const CapacityLevel& level);
/// The answer in a sentence or two.
std::string answer_text(const Capacity& capacity);

}  // namespace qc
