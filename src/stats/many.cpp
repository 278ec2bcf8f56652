// Many comparisons, and many looks at one: the chance that any of them errs.
#include <algorithm>
#include <cassert>
#include <numeric>

#include "stats/stats.h"

namespace qc {

std::vector<bool> holm_rejects(std::span<const double> p_values, double alpha) {
  std::vector<std::size_t> by_size(p_values.size());
  std::iota(by_size.begin(), by_size.end(), std::size_t{0});
  std::ranges::sort(by_size, {}, [&](std::size_t i) { return p_values[i]; });
  std::vector<bool> rejected(p_values.size(), false);
  for (std::size_t k = 0; k < by_size.size(); ++k) {
    if (p_values[by_size[k]] > alpha / static_cast<double>(by_size.size() - k)) break;
    rejected[by_size[k]] = true;
  }
  return rejected;
}

double look_share(int look, int looks) {
  assert(1 <= look && look <= looks);
  return look / (looks * (looks + 1) / 2.0);
}

}  // namespace qc
