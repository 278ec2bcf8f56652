// Paired right and wrong: what two variants answer to the same items.
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/normal.hpp>

#include <algorithm>
#include <cassert>
#include <cmath>

#include "stats/stats.h"

namespace qc {
namespace {

/// Tango (1998): the score test of a true difference, its variance from the likelihood under that difference.
struct TangoScore {
  double n, lost, gained, z;

  /// The likelihood's best share of lost items if the true difference is `diff`.
  [[nodiscard]] double lost_share(double diff) const {
    const double a = 2 * n;
    const double b = (2 * n - gained + lost) * diff - gained - lost;
    const double c = -lost * diff * (1 - diff);
    return (std::sqrt(std::max(0.0, b * b - 4 * a * c)) - b) / (2 * a);
  }
  [[nodiscard]] bool rejects(double diff) const {
    const double residual = gained - lost - n * diff;
    const double variance = n * (2 * lost_share(diff) + diff * (1 - diff));
    return residual * residual > z * z * variance;
  }
  /// The border of the accepted differences between one that is accepted and one end of the range.
  [[nodiscard]] double border(double accepted, double end) const {
    if (!rejects(end)) return end;
    for (int i = 0; i < 100; ++i) {
      const double middle = (accepted + end) / 2;
      (rejects(middle) ? end : accepted) = middle;
    }
    return accepted;
  }
};

}  // namespace

std::optional<Interval> tango_interval(int n, int lost, int gained, double confidence) {
  assert(lost >= 0 && gained >= 0 && lost + gained <= n);
  if (n == 0) return std::nullopt;
  const double z = quantile(complement(boost::math::normal(), (1 - confidence) / 2));
  const TangoScore score{double(n), double(lost), double(gained), z};
  const double observed = (score.gained - score.lost) / score.n;
  return Interval{score.border(observed, -1), score.border(observed, 1)};
}

double mcnemar_exact(int lost, int gained) {
  assert(lost >= 0 && gained >= 0);
  if (lost + gained == 0) return 1;
  const boost::math::binomial coin(lost + gained, 0.5);
  return std::min(1.0, 2 * cdf(coin, std::min(lost, gained)));
}

int non_inferiority_items(double flip_rate, double margin) {
  assert(flip_rate >= 0 && margin > 0);
  constexpr double kPower = 7.85;  // (1.960 + 0.842)^2: the lower end of a two-sided 95 % interval, power 80 %
  constexpr double kRounding = 1e-9;  // 619.0000000001 items are 619
  return static_cast<int>(std::ceil(kPower * flip_rate / (margin * margin) - kRounding));
}

}  // namespace qc
