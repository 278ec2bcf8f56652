#pragma once
// How large a variant's model is, known before any server loads it: from its folder or the hub's cache, else from data/models.json.
#include <cstdint>
#include <optional>
#include <string>

#include "study/study.h"

namespace qc {

struct ModelSize {
  std::int64_t weights_bytes = 0;                     ///< as served: `--quantization fp8` among the args counts
  std::optional<std::int64_t> kv_bytes_per_token{};   ///< of a 16-bit cache
};

/// Empty for models that are neither here nor in the table, and for formats whose bytes can't be told.
std::optional<ModelSize> model_size(const Study& study, const Variant& variant);

}  // namespace qc
