#pragma once
// Which factors re-gauging applies to which tensor: gains that one tensor takes on and the tensors that read it give back.
#include <cstdint>
#include <string>
#include <vector>

#include "core/result.h"
#include "gguf/gguf.h"
#include "gguf/regauge.h"

namespace qc {

/// Applied to a matrix as w[r][c] * column_times[c] / column_over[c] * row_times[r]. Empty: all ones.
struct Factors { std::vector<float> column_times, column_over, row_times; };

/// The gauge of one llama-architecture model. Gains are computed from the seed and the tensor's name whenever they are needed,
/// so any tensor can be written without holding another one. Keeps a reference to the header.
class Gauge {
 public:
  /// Fails as usage where the model holds block tensors that the recipe does not know (experts, fused matrices), and as damaged
  /// where a block lacks one or shapes do not fit together.
  static Result<Gauge> of(const GgufHeader& header, const RegaugeOptions& options);

  [[nodiscard]] Factors factors(const TensorInfo& tensor) const;

 private:
  Gauge(const GgufHeader& header, const RegaugeOptions& options) : header_(&header), options_(options) {}
  [[nodiscard]] Status check_block(const std::string& block) const;
  [[nodiscard]] const TensorInfo* find(const std::string& name) const;
  [[nodiscard]] std::vector<float> gain(const std::string& block, const std::string& name) const;

  const GgufHeader* header_;
  RegaugeOptions options_;
  std::uint64_t heads_ = 0, kv_heads_ = 0;
};

/// 2^u by IEEE multiplications of exact constants only, so that it has the same bits on every machine (std::exp2 has not).
double exact_exp2(double u);

}  // namespace qc
