// The order of a run: prepare, serve and visit, ask for quality, finish.
#include "run/runner.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "core/host.h"
#include "core/random.h"
#include "run/describe.h"
#include "run/same_inputs.h"

namespace qc {
namespace {

/// Visits that one start of a server serves: same variant, block and A/A role, side by side in the plan.
bool same_visit_group(const PlannedTrial& a, const PlannedTrial& b) {
  return a.variant == b.variant && a.block == b.block && a.repeat == b.repeat;
}

}  // namespace

Runner::Runner(const Plan& plan, Store& store, const RunOptions& options, const StopFlag& stop, const Watcher& watcher)
    : plan_(plan), store_(store), options_(options), stop_(stop), watcher_(watcher), eta_({}, SpeedGuess{}) {
  if (is_adaptive(plan.study)) {
    std::erase_if(plan_.trials, [&](const PlannedTrial& t) { return !options.decided.contains(t.id); });
    const int last = last_block_of(plan_.trials);   // what an earlier look left out of a pair of blocks stays out
    std::ranges::copy_if(plan.trials, std::back_inserter(later_), [&](const PlannedTrial& t) { return t.block > last; });
  }
  eta_ = Eta(still_to_do(), SpeedGuess{});
}

std::vector<PlannedTrial> Runner::still_to_do() const {
  std::vector<PlannedTrial> trials;
  for (const auto& t : plan_.trials)
    if (!options_.skip.contains(t.id) && !visited_.contains(t.id)) trials.push_back(t);
  return trials;
}

Result<RunOutcome> Runner::run() {
  if (auto s = prepare(); !s) return fail(s.error());
  Status measured = plan_.switching == Switch::restart ? run_with_restarts() : run_resident();
  if (measured && gave_up_sleep_ && !stopping()) measured = run_with_restarts();
  if (!measured) note("engine_failed", measured.error().message);
  const Status finished = finish();
  if (!measured) return fail(measured.error());
  if (!finished) return fail(finished.error());
  return outcome_;
}

Status Runner::prepare() {
  began_ = monotonic_clock().now();
  cpu_at_start_ = own_cpu_seconds();
  info_ = describe_run(plan_.study, options_.command_line);
  info_.switching = to_string(plan_.switching), info_.switching_because = plan_.switching_because, info_.gpu_share = plan_.share;
  auto answers = store_.answers();
  if (!answers) return fail(answers.error());
  answers_ = std::move(*answers);
  forget_unanswered();
  const auto old = store_.load(plan_.study);
  const bool again = old && std::ranges::find(old->events, "started", &StudyEvent::kind) != old->events.end();   // killed before its first visit was stored, too
  if (old && (!options_.skip.empty() || !answers_.empty())) {
    earlier_ = old->run;
    std::ranges::copy_if(old->variants, std::back_inserter(described_), [&](const VariantFacts& f) { return has_figures(f.variant); });
    count_earlier(*old);
  }
  if (!earlier_.started_utc.empty()) info_.started_utc = earlier_.started_utc;
  info_.client_scheduling = earlier_.client_scheduling;   // until a visit tells anew
  if (auto s = load_inputs(); !s) return s;
  if (auto s = store_.put_run(info_); !s) return s;
  note(again ? "resumed" : "started",
       !again ? fmt::format("Started with {} trials planned{}.", plan_.trials.size(), plan_.study.max_minutes ? ", as far as max_minutes allows" : "")
                             : fmt::format("Resumed: {} of {} trials were stored already.", options_.skip.size(), plan_.trials.size()));
  return ok();
}

Status Runner::load_inputs() {
  for (const auto& w : plan_.study.workloads) {
    auto set = load_prompts(w.prompts, derive_seed(plan_.study.seed, w.name));
    if (!set) return fail(set.error());
    prompts_.emplace(w.name, std::move(*set));
  }
  auto spot = load_spot(plan_.study.quality.spot);
  if (!spot) return fail(spot.error());
  spot_ = std::move(*spot);
  info_.prompts_sha256 = prompt_hashes(prompts_, spot_);
  return same_prompts(earlier_.prompts_sha256, info_.prompts_sha256);
}

Status Runner::run_resident() {
  if (plan_.switching == Switch::sleep) {
    if (auto s = start_sleepers(); !s || gave_up_sleep_) return s;
  } else {
    for (const auto& v : plan_.study.variants) {
      if (stopping()) return ok();
      if (auto s = start(v.name); !s) return s;
    }
    if (auto s = settle_flags(); !s) return s;
  }
  for (bool more = true; more;) {
    if (auto s = visit_points(); !s || gave_up_sleep_) return s;
    if (auto s = ask_for_more(more); !s) return s;
  }
  if (auto s = quality_of_all(); !s || gave_up_sleep_) return s;
  for (const auto& v : plan_.study.variants)
    if (auto s = stop_server(v.name); !s) return s;
  return measure_divergences();
}

Status Runner::visit_points() {
  const auto trials = still_to_do();
  block_began_ = monotonic_clock().now();
  for (std::size_t i = 0; i < trials.size() && !stopping() && !last_block_; ++i) {
    if (auto s = end_without_candidates(trials[i].block); !s) return s;
    if (usable(trials[i].variant))
      if (auto s = visit(trials[i], i); !s || gave_up_sleep_) return s;
    if (i + 1 == trials.size() || trials[i + 1].block != trials[i].block)
      if (auto s = end_of_block(trials[i].block); !s || gave_up_sleep_) return s;
  }
  return ok();
}

Status Runner::run_with_restarts() {
  for (bool more = true; more;) {
    if (auto s = visit_turns(); !s) return s;
    if (auto s = ask_for_more(more); !s) return s;
  }
  for (const auto& v : plan_.study.variants)
    if (auto s = stop_server(v.name); !s) return s;
  return measure_divergences();
}

Status Runner::visit_turns() {
  const auto trials = still_to_do();
  block_began_ = monotonic_clock().now();
  for (std::size_t i = 0; i < trials.size() && !stopping() && !last_block_;) {
    std::size_t end = i;
    while (end < trials.size() && same_visit_group(trials[i], trials[end])) ++end;
    if (auto s = end_without_candidates(trials[i].block); !s) return s;
    const std::string variant = trials[i].variant;
    if (!dropped_.contains(variant)) {
      if (!servers_.contains(variant))
        if (auto s = start(variant); !s) return s;
      if (auto s = settle_flags(); !s) return s;
      for (; i < end && !stopping() && usable(variant); ++i)
        if (auto s = visit(trials[i], i); !s) return s;
      if (auto s = quality_of_all(); !s) return s;
      const auto& next = end < trials.size() ? trials : later_;                   // another pair of blocks may come
      const auto at = end < trials.size() ? end : 0;
      const bool stays = at < next.size() && next[at].variant == variant;         // its turn follows its own
      if (!stays || last_block_ || stopping())
        if (auto s = stop_server(variant); !s) return s;
    }
    i = end;
    if (i == trials.size() || trials[i].block != trials[i - 1].block)
      if (auto s = end_of_block(trials[i - 1].block); !s) return s;
  }
  return ok();
}

Status Runner::end_of_block(int block) {
  if (auto s = check_block(block); !s) return s;
  const Instant now = monotonic_clock().now();
  latest_block_s_ = seconds(now - block_began_);
  longest_block_s_ = std::max(longest_block_s_, latest_block_s_);
  if (plan_.switching != Switch::restart)
    if (auto s = quality_of_all(); !s) return s;
  block_began_ = monotonic_clock().now();
  const Study& study = plan_.study;
  if (!study.max_minutes || block < 1 || block + 1 >= most_blocks(study) || stopping()) return ok();
  // What is left after the blocks (divergence, stopping) is a small share of one: a tenth of a block is kept for it.
  const double end_of_next = earlier_.study_wall_s + seconds(block_began_ - began_) + 1.1 * longest_block_s_;
  return end_of_next > 60 * *study.max_minutes ? shorten(block) : ok();
}

Status Runner::shorten(int last_block) {
  last_block_ = last_block;
  later_.clear();
  std::vector<PlannedTrial> kept;
  for (const auto& t : plan_.trials)
    if (t.block <= last_block) kept.push_back(t);
  const std::string text = fmt::format("{} of {} blocks were run: another would not have fitted into the {:g} minutes that the study allows. More blocks give narrower intervals.",
                                       last_block + 1, most_blocks(plan_.study), *plan_.study.max_minutes);
  note("shortened", text);
  watcher_.say(text);
  return store_.put_plan(kept);
}

Status Runner::finish() {
  for (const auto& v : plan_.study.variants)
    if (auto s = stop_server(v.name); !s) return s;
  while (!counted_.empty())                                  // a block that did not come to its end
    if (auto s = check_block(counted_.begin()->first); !s) return s;
  outcome_.interrupted = stopping();
  if (stopping()) note("interrupted", fmt::format("Interrupted by the user after {} of {} trials.", done_ + static_cast<int>(options_.skip.size()), plan_.trials.size()));
  else if (const int done = done_ + static_cast<int>(options_.skip.size()), planned = planned_trials(); done < planned)
    note("finished", fmt::format("The run ended with {} of {} planned trials done.", done, planned));
  else note("finished", planned < static_cast<int>(plan_.trials.size()) ? "All that was left in the plan is done." : "All planned work is done.");
  info_.ended_utc = utc_now();
  return keep_totals();
}

Status Runner::keep_totals() {
  RunInfo so_far = info_;
  so_far.study_wall_s = earlier_.study_wall_s + seconds(monotonic_clock().now() - began_);
  so_far.own_cpu_s = earlier_.own_cpu_s + own_cpu_seconds() - cpu_at_start_ - model_cpu_s_;
  so_far.engine_busy_s += earlier_.engine_busy_s;
  so_far.engine_cpu_s += earlier_.engine_cpu_s;
  for (const auto& [variant, server] : servers_)
    if (const auto pid = server.engine->pid()) so_far.engine_cpu_s += tree_cpu_seconds(*pid);
  return store_.put_run(so_far);
}

int Runner::planned_trials() const {
  return static_cast<int>(std::ranges::count_if(plan_.trials, [&](const PlannedTrial& t) { return !last_block_ || t.block <= *last_block_; }));
}

void Runner::activity(const std::string& what, Instant begun, int done, int of) const {
  if (!watcher_.progress || of <= 0) return;
  const double spent = seconds(monotonic_clock().now() - begun);
  watcher_.progress(static_cast<double>(done) / of, Seconds(done > 0 ? spent / done * (of - done) : 0), fmt::format("{}: {} of {}", what, done, of));
}

void Runner::note(const std::string& kind, const std::string& text) { (void)store_.put_event({utc_now(), kind, text}); }

}  // namespace qc
