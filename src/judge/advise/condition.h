#pragma once
// A condition of a table of rules: a figure, named by an enumerator, beside a bound in the figure's own unit.

namespace qc {

enum class Is { at_least, below };

template <typename Figure>
struct Condition {
  Figure figure;
  Is is;
  double bound;

  /// Whether it holds of the figure's value.
  [[nodiscard]] bool holds(double value) const { return is == Is::at_least ? value >= bound : value < bound; }
};

}  // namespace qc
