#pragma once
// For this unit's .cpp files only: it brings the JSON library along.
#include "checkpoint/config.h"
#include "checkpoint/fields.h"

namespace qc {

/// Reads the object under quantization_config; `method` counts where it names no quant_method itself.
Quantization read_quantization(const SortedJson& entry, const std::string& method);

}  // namespace qc
