#include "study/plan.h"

#include <algorithm>

#include "study/looks.h"
#include "study/warnings.h"
#include "study/words.h"

namespace qc {
namespace {

/// One variant's place in the order of a block; the A/A visit is the baseline's second place.
struct Turn {
  const Variant* variant;
  bool repeat = false;
};

struct Point {
  const Workload* workload;
  int concurrency;
  bool repeated;  ///< gets an A/A visit
};

std::vector<Point> points_of(const Study& study) {
  const auto repeated = aa_points(study);
  std::vector<Point> points;
  for (const Workload& workload : study.workloads)
    for (const int concurrency : workload.concurrency)
      points.push_back({&workload, concurrency, std::ranges::find(repeated, std::pair(workload.name, concurrency)) != repeated.end()});
  return points;
}

/// A B C A' in even blocks, A' C B A in odd ones: what drifts with time meets every variant early and late.
std::vector<Turn> turns_of(const Study& study, bool repeated, int block) {
  std::vector<Turn> turns;
  for (const Variant& variant : study.variants) turns.push_back({&variant});
  if (repeated) turns.push_back({&study.baseline(), true});
  if (block % 2 == 1) std::ranges::reverse(turns);
  return turns;
}

class Trials {
 public:
  void add(const Turn& turn, const Point& point, int block, int position) {
    const Workload& load = *point.workload;
    trials_.push_back({static_cast<int>(trials_.size()) + 1, turn.variant->name, load.name, point.concurrency, load.max_tokens,
                       load.requests_at(point.concurrency), load.warmup, block, position, turn.repeat, usual_prompt_tokens(load.prompts)});
  }
  std::vector<PlannedTrial> take() { return std::move(trials_); }

 private:
  std::vector<PlannedTrial> trials_;
};

/// All variants visit a point before the next point comes.
void visit_points_in_turn(Trials& trials, const Study& study, int block) {
  for (const Point& point : points_of(study)) {
    int position = 0;
    for (const Turn& turn : turns_of(study, point.repeated, block)) trials.add(turn, point, block, position++);
  }
}

/// A variant runs all points before the next variant starts; its A/A visit runs only the points that have one.
void visit_variants_in_turn(Trials& trials, const Study& study, int block) {
  const std::vector<Point> points = points_of(study);
  const bool repeated = std::ranges::any_of(points, &Point::repeated);
  int position = 0;
  for (const Turn& turn : turns_of(study, repeated, block)) {
    for (const Point& point : points)
      if (!turn.repeat || point.repeated) trials.add(turn, point, block, position);
    ++position;
  }
}

}  // namespace

std::vector<std::pair<std::string, int>> aa_points(const Study& study) {
  std::vector<std::pair<std::string, int>> points;
  for (const Workload& workload : study.workloads) {
    std::vector<int> sorted = workload.concurrency;
    std::ranges::sort(sorted);
    const int middle = sorted[(sorted.size() - 1) / 2];
    for (const int concurrency : workload.concurrency)
      if (study.aa == AaControl::all || (study.aa == AaControl::middle && concurrency == middle)) points.emplace_back(workload.name, concurrency);
  }
  return points;
}

Plan make_plan(Study study, Switch decided, std::string because) {
  Plan plan{std::move(study), decided, std::move(because), {}, {}, {}};
  Trials trials;
  for (int block = 0; block < most_blocks(plan.study); ++block)
    decided == Switch::restart ? visit_variants_in_turn(trials, plan.study, block) : visit_points_in_turn(trials, plan.study, block);
  plan.trials = trials.take();
  plan.warnings = warnings_of(plan.study);
  return plan;
}

std::vector<PlannedTrial> certain_trials(const Plan& plan) {
  std::vector<PlannedTrial> trials = plan.trials;
  if (is_adaptive(plan.study)) std::erase_if(trials, [](const PlannedTrial& t) { return t.block >= kBlocksOfALook; });
  return trials;
}

int last_block_of(const std::vector<PlannedTrial>& trials) { return trials.empty() ? -1 : std::ranges::max(trials, {}, &PlannedTrial::block).block; }

}  // namespace qc
