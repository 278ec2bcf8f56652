#pragma once
// The file format of Hugging Face weights: 8 bytes of length, a JSON header, the tensors without gaps.
#include <filesystem>
#include <string>
#include <vector>

#include "checkpoint_writer/tensors.h"
#include "core/result.h"
#include "gguf/layout.h"

namespace qc {

/// Length and JSON, filled up with spaces to a multiple of 8 bytes.
std::string safetensors_header(const std::vector<PlannedTensor>& tensors);

/// Writes the header, and each tensor row by row out of the GGUF at `from`, whose layout this is. Fails as damaged where a row can't be read or
/// holds what is no finite number, as usage where writing fails; what was written by then stays.
Status write_safetensors(const std::filesystem::path& from, const GgufLayout& layout, const std::vector<PlannedTensor>& tensors, const std::filesystem::path& to);

}  // namespace qc
