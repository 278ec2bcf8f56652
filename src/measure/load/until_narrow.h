#pragma once
// Stop when the answer is known well enough: a sequential interval of a fixed relative width.
#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include "record/record.h"
#include "stats/sequence.h"

namespace qc {

/// Takes measured requests as they are done, and is enough once the 95 % interval of their mean e2e (of a closed loop with answers of one length that of its throughput, too) is narrow.
/// The rule is Chow and Robbins' (Annals of Mathematical Statistics 36, 1965: stop at the first sample whose own interval is narrow enough; its coverage tends to the nominal one), which
/// Glynn and Whitt (Annals of Applied Probability 2, 1992) carry over to sequences that are correlated. Who looks after every request stops too often by luck, as
/// the sample's own variance says when; so here: looks lie a factor apart, none before `kFirstLook` requests; the variance is that of the means of pieces that are many
/// correlation times long (where they are not, the interval is taken eight times as wide); and a look that is narrow must be followed by another one. tests/statistical/load has the coverage: 93 to 97 %.
/// Requests before the oldest open one only, less the first tenth or the first of each slot. One thread.
class UntilNarrow {
 public:
  static constexpr std::size_t kFirstLook = 300;
  /// `half_width`: of the interval, as a fraction of the mean. `slots`: of a closed loop; 0: open.
  UntilNarrow(double half_width, std::size_t slots) : wanted_(half_width), slots_(slots), look_(std::max(kFirstLook, 4 * slots)) {}
  /// `request`: its id is its place in the order of sending, each once. True once the interval is narrow.
  bool add(const RequestRecord& request);
  /// The same of a sequence of values, for which no order has to be found.
  bool add(std::size_t place, std::optional<double> value);
  /// As of the last look; empty: there was none, or nothing was answered.
  [[nodiscard]] const std::optional<MeanInterval>& interval() const { return interval_; }
  [[nodiscard]] bool narrow() const { return narrow_; }

 private:
  void look();

  double wanted_;
  std::size_t slots_, look_;
  std::vector<std::optional<double>> values_;   ///< of failed requests: none
  std::vector<char> done_;
  std::size_t next_ = 0;                        ///< the first that is not done
  bool narrow_ = false, narrow_before_ = false;
  std::optional<MeanInterval> interval_;
};

}  // namespace qc
