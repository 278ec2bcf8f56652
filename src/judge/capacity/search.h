#pragma once
// Which load to try next, and what the tries add up to. No clock, no server: outcomes in, loads and an answer out.
#include <optional>
#include <vector>

#include "judge/capacity/standing.h"

namespace qc {

/// Loads from `lo` to `hi`, in whole numbers or not. `resolution`: how close, as a fraction, the two ends of the answer need to come.
struct SearchSpace {
  double lo = 1, hi = 256;
  bool whole = true;
  double resolution = 0.05;
};

/// What came of one load. `room` as LimitStanding's, of the limit that has the least.
struct LevelOutcome { double load = 0; Standing standing = Standing::undecided; double room = 0; };

enum class SearchEnd { searching, found, lowest_misses, highest_meets, undecided, most_levels };

/// Where the limit lies: from the highest load that surely meets all limits to the lowest that surely misses one.
struct CapacityAnswer {
  SearchEnd end = SearchEnd::searching;
  std::optional<double> meets, misses;    ///< empty: none was found
  std::optional<double> best;             ///< the point between at which the least room is 1: along a straight line between the loads around it
};

/// Doubles the load from `lo` until a level is missed or `hi` is reached, then halves what lies between the highest met and the lowest missed level. A level that stays undecided is
/// passed by: the gaps below and above it are halved in its place. Needs limits that, once missed, are missed at every higher load.
class CapacitySearch {
 public:
  explicit CapacitySearch(SearchSpace space) : space_(space) {}
  /// The most levels a search visits: the chance of an error is shared out over so many.
  static constexpr int kMostLevels = 16;
  /// The next load; empty: the answer is there.
  [[nodiscard]] std::optional<double> next() const;
  void add(const LevelOutcome& outcome) { outcomes_.push_back(outcome); }
  /// A guess of how many more levels there will be.
  [[nodiscard]] int levels_left() const;
  /// At any time, also before the search is over.
  [[nodiscard]] CapacityAnswer answer() const;

 private:
  struct Known { std::optional<double> met, missed; std::vector<double> between; };   ///< between: undecided levels above `met` and below `missed`, ascending
  [[nodiscard]] Known known() const;
  [[nodiscard]] std::optional<double> wanted(const Known& known) const;
  [[nodiscard]] std::optional<double> middle(double below, double above) const;
  [[nodiscard]] std::optional<double> halved(const Known& known) const;
  [[nodiscard]] std::optional<double> grown(const Known& known) const;
  [[nodiscard]] std::optional<double> best(const Known& known) const;

  SearchSpace space_;
  std::vector<LevelOutcome> outcomes_;
};

}  // namespace qc
