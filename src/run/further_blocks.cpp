// Studies that decide on their blocks while they run: what comes after a pair of blocks.
#include <algorithm>

#include <fmt/format.h>

#include "core/text.h"
#include "run/runner.h"

namespace qc {
namespace {

bool holds(const std::vector<PointName>& points, const PlannedTrial& t) {
  return std::ranges::find(points, PointName{t.workload, t.concurrency}) != points.end();
}

std::string named(const std::vector<PointName>& points) {
  std::vector<std::string> words;
  words.reserve(points.size());
  for (const auto& [workload, concurrency] : points) words.push_back(fmt::format("{} at concurrency {}", workload, concurrency));
  return join_and(words);
}

std::string in_words(const NextBlocks& next, int first_block) {
  const std::string settled = next.settled.empty() ? "" : fmt::format(" Every verdict is settled for {}.", named(next.settled));
  if (next.points.empty()) return fmt::format("No further blocks after block {}.{}", first_block, settled);
  return fmt::format("Blocks {} and {} visit {}.{}", first_block + 1, first_block + kBlocksOfALook, named(next.points), settled);
}

}  // namespace

std::optional<TimeLeft> Runner::time_left(const StudyData& so_far) const {
  const Study& study = plan_.study;
  if (!study.time_budget_minutes) return std::nullopt;
  double visits_s = 0;
  const int last = last_block_of(plan_.trials);
  for (const auto& t : so_far.trials)
    if (t.block == last) visits_s += seconds(t.ended - t.started);
  // What is left after the blocks (divergence, stopping) is a small share of one: a tenth of a block is kept for it.
  const double spent = earlier_.study_wall_s + seconds(monotonic_clock().now() - began_) + 0.1 * longest_block_s_;
  return TimeLeft{60 * *study.time_budget_minutes - spent, std::max(0.0, latest_block_s_ - visits_s)};
}

Status Runner::ask_for_more(bool& more) {
  more = false;
  if (later_.empty() || stopping() || !options_.look || no_candidate_left()) return ok();
  const auto so_far = store_.load(plan_.study);
  if (!so_far) return fail(so_far.error());
  const int first_block = last_block_of(plan_.trials) + 1;
  const NextBlocks next = options_.look(*so_far, time_left(*so_far));
  if (auto s = take_in(next, first_block); !s) return s;
  const std::string text = in_words(next, first_block);
  note("decided", text);
  watcher_.say(text);
  more = !next.points.empty() && !still_to_do().empty();
  return ok();
}

Status Runner::take_in(const NextBlocks& next, int first_block) {
  for (const auto& t : later_)
    if (t.block < first_block + kBlocksOfALook && holds(next.points, t)) plan_.trials.push_back(t);
  if (next.points.empty()) later_.clear();
  else std::erase_if(later_, [&](const PlannedTrial& t) { return t.block < first_block + kBlocksOfALook; });
  eta_.plan(still_to_do());
  return store_.put_plan(plan_.trials);
}

}  // namespace qc
