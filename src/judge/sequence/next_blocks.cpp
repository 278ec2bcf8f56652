// The policy: which points the next pair of blocks visits.
#include <algorithm>
#include <cmath>

#include "judge/sequence/sequence.h"
#include "stats/stats.h"

namespace qc {
namespace {

/// Half-width of a t interval over n blocks of spread 1.
double width(int n) { return n < 2 ? 2 * width(2) : student_t(n - 1) / std::sqrt(n); }

/// A point that may get further blocks, as the giving away goes on.
struct Bidder {
  const PointState* state;
  double spread = 0;
  int blocks = 0, pairs = 0;   ///< with what it was given so far; given pairs

  [[nodiscard]] double gain() const { return spread * (width(blocks) - width(blocks + kBlocksOfALook)) / std::max(state->block_s, 1e-9); }
};

/// Each spread leans on that of all points: as many degrees of freedom as five blocks have.
void lean_on_one_another(std::vector<Bidder>& bidders) {
  constexpr double kLean = 4;
  double squares = 0;
  int known = 0;
  for (const Bidder& b : bidders)
    if (b.state->spread) squares += *b.state->spread * *b.state->spread, ++known;
  const double common = known > 0 ? squares / known : 1;
  for (Bidder& b : bidders) {
    const double own = b.state->spread ? *b.state->spread * *b.state->spread : common;
    const double freedom = std::max(b.blocks - 1, 0);
    b.spread = std::sqrt((kLean * common + freedom * own) / (kLean + freedom));
  }
}

/// Seconds of one more pair of this point: what lies between visits is paid once for all points of a pair.
double cost(const Bidder& b, int most_pairs, double between_s) {
  return kBlocksOfALook * (b.state->block_s + (b.pairs == most_pairs ? between_s : 0));
}

void give_away(std::vector<Bidder>& bidders, TimeLeft left, int most) {
  for (int pairs = 0;;) {
    Bidder* best = nullptr;
    for (Bidder& b : bidders) {
      if (b.blocks + kBlocksOfALook > most || cost(b, pairs, left.between_s) > left.seconds) continue;
      if (!best || b.gain() > best->gain()) best = &b;
    }
    if (!best) return;
    left.seconds -= cost(*best, pairs, left.between_s);
    best->blocks += kBlocksOfALook;
    pairs = std::max(pairs, ++best->pairs);
  }
}

}  // namespace

NextBlocks next_blocks(const std::vector<PointState>& states, const Study& study, std::optional<TimeLeft> left) {
  NextBlocks next;
  std::vector<Bidder> bidders;
  for (const PointState& s : states) {
    if (study.sequential && s.settled) next.settled.push_back(s.point);
    else if (s.blocks < most_blocks(study)) bidders.push_back({&s, 0, s.blocks, 0});
  }
  if (left) lean_on_one_another(bidders), give_away(bidders, *left, most_blocks(study));
  for (const Bidder& b : bidders)
    if (!left || b.pairs > 0) next.points.push_back(b.state->point);
  return next;
}

}  // namespace qc
