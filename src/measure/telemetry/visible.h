#pragma once
// Which of a machine's GPUs are meant: CUDA_VISIBLE_DEVICES, as CUDA's programming guide has it.
#include <string>
#include <string_view>
#include <vector>

namespace qc {

/// The indices that `spec` names among the cards with these UUIDs, in its order: numbers, or beginnings of UUIDs ("GPU-8932f937"); what follows
/// one that is not there counts no more. Parts of a card ("MIG-...") can't be told apart here: all cards then.
std::vector<unsigned> visible_devices(std::string_view spec, const std::vector<std::string>& uuids);

}  // namespace qc
