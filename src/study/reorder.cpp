// A plan whose way of taking turns changed after trials were stored: their ids stay.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <vector>

#include "study/plan.h"

namespace qc {
namespace {

using TurnKey = std::tuple<int, std::string, bool>;                          // block, variant, A/A visit
using VisitKey = std::tuple<int, std::string, bool, std::string, int>;       // the same, workload, concurrency

TurnKey turn_of(const PlannedTrial& t) { return {t.block, t.variant, t.repeat}; }
VisitKey visit_of(const PlannedTrial& t) { return {t.block, t.variant, t.repeat, t.workload, t.concurrency}; }

}  // namespace

void order_by_turns(std::vector<PlannedTrial>& trials) {
  // The longest row of turns at one point names them all, in order: points without an A/A visit lack one.
  std::map<TurnKey, int> position;
  for (const PlannedTrial& t : trials) {
    auto [at, fresh] = position.try_emplace(turn_of(t), t.position);
    if (!fresh) at->second = std::max(at->second, t.position);
  }
  for (PlannedTrial& t : trials) t.position = position[turn_of(t)];
  std::ranges::stable_sort(trials, {}, [](const PlannedTrial& t) { return std::pair(t.block, t.position); });
}

void keep_ids(std::vector<PlannedTrial>& trials, const std::vector<PlannedTrial>& stored) {
  std::map<VisitKey, int> ids;
  std::set<int> taken;
  for (const PlannedTrial& t : stored) ids[visit_of(t)] = t.id, taken.insert(t.id);
  std::vector<int> free;   // in the order of the plan: without another order each visit gets its own id back
  for (const PlannedTrial& t : trials)
    if (!taken.contains(t.id)) free.push_back(t.id);
  std::ranges::sort(free);
  std::size_t used = 0;
  for (PlannedTrial& t : trials) {
    const auto at = ids.find(visit_of(t));
    if (at != ids.end()) t.id = at->second;
    else if (used < free.size()) t.id = free[used++];
  }
}

}  // namespace qc
