#pragma once
// One load while it lasts: looks at what has been answered, and says when that is enough.
#include <cstddef>
#include <optional>
#include <vector>

#include "judge/capacity/standing.h"

namespace qc {

/// How a whole level stands: met where every limit is, missed where one is.
struct LevelStanding {
  Standing standing = Standing::undecided;
  std::vector<LimitStanding> limits;      ///< as those given
  std::optional<std::size_t> limited_by;  ///< which limit has the least room
  std::size_t counted = 0;                ///< requests that were judged
  [[nodiscard]] double room() const { return limited_by ? limits[*limited_by].room : 0; }
};

/// Takes requests as they are done and looks at fixed numbers of them, each twice the one before: what may go wrong at a level is shared out over
/// its looks, so that looking often is paid for. Only requests before the oldest that is still open count (those that take long must not be left out), and the first
/// tenth, or the first of each slot, does not: the server was still filling up. One thread.
class LevelWatch {
 public:
  /// `slots`: of a closed loop; 0: open. `miss`: the chance that this level may be called wrongly. At least one limit that is not of_each_request.
  LevelWatch(std::vector<ServiceLimit> limits, std::size_t slots, double miss);
  /// `request`: measured, its id its place in the order of sending, each once. True once the level is decided or its last look is over.
  bool add(const RequestRecord& request);
  /// How many requests the last look needs.
  [[nodiscard]] std::size_t most_requests() const;
  [[nodiscard]] const LevelStanding& standing() const { return standing_; }
  /// Those of the limits that are not of_each_request: the order of LevelStanding::limits.
  [[nodiscard]] const std::vector<ServiceLimit>& judged() const { return judged_; }

 private:
  struct Facts { std::vector<std::optional<double>> own; std::vector<std::vector<double>> gaps; };
  [[nodiscard]] Facts facts_of(const RequestRecord& request) const;
  [[nodiscard]] LimitSamples samples(std::size_t limit, std::size_t from, std::size_t to) const;
  [[nodiscard]] std::size_t look_at(int look) const;
  void judge(std::size_t count);

  std::vector<ServiceLimit> limits_, judged_;    ///< as given; without those of each request
  std::size_t slots_, first_look_;
  double miss_;
  std::vector<std::optional<Facts>> facts_;
  std::size_t next_ = 0;                  ///< the first that is not done
  int look_ = 0;
  LevelStanding standing_;
};

}  // namespace qc
