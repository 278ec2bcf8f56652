#include "judge/capacity/search.h"

#include <algorithm>
#include <cmath>

namespace qc {
namespace {

constexpr std::size_t kMostUndecided = 5;
constexpr double kMostRoom = 100;         // nothing over a limit of failures is no infinity to draw a line to

std::optional<double> higher(std::optional<double> a, double b) { return a ? std::max(*a, b) : b; }
std::optional<double> lower_of(std::optional<double> a, double b) { return a ? std::min(*a, b) : b; }

}  // namespace

CapacitySearch::Known CapacitySearch::known() const {
  Known out;
  for (const LevelOutcome& each : outcomes_)
    if (each.standing == Standing::missed) out.missed = lower_of(out.missed, each.load);
  for (const LevelOutcome& each : outcomes_)
    if (each.standing == Standing::met && (!out.missed || each.load < *out.missed)) out.met = higher(out.met, each.load);
  for (const LevelOutcome& each : outcomes_)
    if (each.standing == Standing::undecided && (!out.met || each.load > *out.met) && (!out.missed || each.load < *out.missed)) out.between.push_back(each.load);
  std::ranges::sort(out.between);
  return out;
}

/// A load well between two; empty where they are near enough.
std::optional<double> CapacitySearch::middle(double below, double above) const {
  const double least = std::max(space_.resolution * above, space_.whole ? 1.0 : 0.0);
  if (above - below <= least * (1 + 1e-9)) return std::nullopt;
  const double half = (below + above) / 2;
  return space_.whole ? std::floor(half) : half;
}

/// Twice the highest load so far, while nothing was missed.
std::optional<double> CapacitySearch::grown(const Known& known) const {
  if (outcomes_.empty()) return space_.lo;
  if (known.missed) return std::nullopt;
  const double highest = std::ranges::max(outcomes_, {}, &LevelOutcome::load).load;
  return highest < space_.hi ? std::optional(std::min(2 * highest, space_.hi)) : std::nullopt;
}

std::optional<double> CapacitySearch::halved(const Known& known) const {
  if (known.between.size() >= kMostUndecided) return std::nullopt;
  std::vector<double> places;
  if (known.met) places.push_back(*known.met);
  places.insert(places.end(), known.between.begin(), known.between.end());
  if (known.missed) places.push_back(*known.missed);
  // Between two undecided levels nothing would be decided either: only the gap next to a level that is met, and the one next to a level that is missed.
  std::optional<double> next;
  double widest = 0;
  for (std::size_t i = 0; i + 1 < places.size(); ++i) {
    const bool below = known.met && i == 0, above = known.missed && i + 2 == places.size();
    const auto at = below || above ? middle(places[i], places[i + 1]) : std::nullopt;
    if (!at || places[i + 1] - places[i] <= widest) continue;
    widest = places[i + 1] - places[i];
    next = at;
  }
  return next;
}

std::optional<double> CapacitySearch::wanted(const Known& known) const {
  const auto up = grown(known);
  return up ? up : halved(known);
}

std::optional<double> CapacitySearch::next() const { return outcomes_.size() < kMostLevels ? wanted(known()) : std::nullopt; }

int CapacitySearch::levels_left() const {
  const Known now = known();
  if (!next()) return 0;
  const double top = now.missed.value_or(space_.hi), bottom = now.met.value_or(space_.lo);
  const double least = std::max(space_.resolution * top, space_.whole ? 1.0 : 0.0);
  const double doublings = now.missed ? 0 : std::log2(top / bottom);
  const double halvings = std::log2(std::max(2.0, (now.missed ? top - bottom : top / 2) / least));
  return std::min(kMostLevels - static_cast<int>(outcomes_.size()), static_cast<int>(std::ceil(doublings) + std::ceil(halvings)));
}

/// Where the line of room between the two neighbours that stand on both sides of 1 comes to 1, within met and missed.
std::optional<double> CapacitySearch::best(const Known& known) const {
  if (!known.met || !known.missed) return std::nullopt;
  std::vector<LevelOutcome> path;
  for (const LevelOutcome& each : outcomes_)
    if (each.load >= *known.met && each.load <= *known.missed) path.push_back(each);
  std::ranges::sort(path, {}, &LevelOutcome::load);
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    const double a = std::min(path[i].room, kMostRoom), b = std::min(path[i + 1].room, kMostRoom);
    if (a < 1 || b >= 1) continue;
    const double at = std::lerp(path[i].load, path[i + 1].load, (a - 1) / (a - b));
    return space_.whole ? std::floor(at) : at;
  }
  return known.met;
}

CapacityAnswer CapacitySearch::answer() const {
  const Known now = known();
  CapacityAnswer out{SearchEnd::searching, now.met, now.missed, best(now)};
  if (wanted(now)) out.end = next() ? SearchEnd::searching : SearchEnd::most_levels;
  else if (now.missed && *now.missed <= space_.lo) out.end = SearchEnd::lowest_misses;
  else if (now.met && *now.met >= space_.hi) out.end = SearchEnd::highest_meets;
  else out.end = now.between.empty() ? SearchEnd::found : SearchEnd::undecided;
  return out;
}

}  // namespace qc
