// Visits of a run: send, look at the server's own counters, keep, repeat once what may not count.
#include <algorithm>

#include <fmt/format.h>

#include "core/host.h"
#include "core/priority.h"
#include "record/attempt.h"
#include "record/rates.h"
#include "run/runner.h"
#include "run/watch.h"
#include "stats/stats.h"

namespace qc {
namespace {

int failed_requests(const Visit& v) {
  return static_cast<int>(std::ranges::count_if(v.requests, [](const RequestRecord& r) { return !r.warmup && r.failure.has_value(); }));
}

std::string requests_failed(int n) { return fmt::format("{} request{} failed", n, n == 1 ? "" : "s"); }

/// From the first request sent to the last that was done, warm-up included: before and after it nothing asks the engine for anything.
double busy_seconds(const Visit& visit) {
  std::optional<Instant> first, last;
  for (const RequestRecord& r : visit.requests) {
    first = std::min(first.value_or(r.sent), r.sent);
    if (r.done) last = std::max(last.value_or(*r.done), *r.done);
  }
  return last ? seconds(*last - *first) : 0;
}

}  // namespace

Result<Visit> Runner::visit_once(const PlannedTrial& trial, int attempt, std::size_t index) {
  Engine& engine = *servers_.at(trial.variant).engine;
  const auto& workload = *std::ranges::find(plan_.study.workloads, trial.workload, &Workload::name);
  VisitSpec spec;
  spec.trial = trial, spec.attempt = attempt, spec.client = client_for(engine), spec.client.keep_text = true, spec.endpoint = endpoint_of(workload), spec.model = engine.served_model();
  spec.seed = plan_.study.seed, spec.ignore_eos = flags_->ignore_eos, spec.cache_prompt_off = flags_->cache_prompt_off, spec.continuous_usage = flags_->continuous_usage;
  sampler(trial.variant).take();
  ServerWatch& server = *servers_.at(trial.variant).watch;
  const auto cpu_before = engine.pid() ? std::optional(tree_cpu_seconds(*engine.pid())) : std::nullopt;
  const Instant begun = monotonic_clock().now();
  std::optional<QuickWakeups> quick(std::in_place);
  info_.client_scheduling = quick->granted();
  Visit visit = make_visit(spec, prompts_.at(trial.workload), stop_, [&](int done, int of) {
    if (done == 0) begin_watch(server, gpu_, engine);        // warm-up is over
    const Instant at = monotonic_clock().now();
    const auto most = plan_.study.max_minutes ? std::optional(60 * *plan_.study.max_minutes - earlier_.study_wall_s - seconds(begun - began_)) : std::nullopt;
    const double left = eta_.remaining(index, 0, most) - seconds(at - begun);
    const double total = static_cast<double>(plan_.trials.size());
    if (watcher_.progress)
      watcher_.progress(std::min(1.0, (static_cast<double>(done_) + static_cast<double>(options_.skip.size()) + static_cast<double>(done) / of) / total), Seconds(std::max(left, 0.0)),
                        fmt::format("{} conc={} {} block {}", trial.workload, trial.concurrency, trial.variant, trial.block + 1));
  });
  const Telemetry telemetry = end_watch(server, gpu_, visit, flags_->ignore_eos);
  quick.reset();
  const double took = seconds(monotonic_clock().now() - begun);
  info_.engine_busy_s += busy_seconds(visit);
  visit.trial.attempt = attempt;
  if (cpu_before) visit.trial.engine_cpu_s = tree_cpu_seconds(*engine.pid()) - *cpu_before;
  count_again(visit);
  auto died = engine.died();
  if (!died && visit.in_vain > 0 && !visit.cut_short) {
    std::string hangs = hang_of(engine, visit.in_vain, spec.client.byte_timeout);
    visit.cut_short = !hangs.empty() && stopping();
    if (!hangs.empty() && !visit.cut_short) died = std::move(hangs);
  }
  if (died || visit.cut_short) visit.trial.valid = false, visit.trial.invalid_because = died ? "the server died" : "interrupted";   // all else that was seen follows from it
  if (auto s = store_.put_trial(visit.trial, visit.requests, sampler(trial.variant).take(), telemetry); !s) return fail(s.error());
  if (auto s = keep_totals(); !s) return fail(s.error());
  tell(trial, visit, took);
  if (!visit.cut_short) eta_.done(trial, took);
  if (died)
    if (auto s = server_died(trial.variant, *died); !s) return fail(s.error());
  return visit;
}

Status Runner::visit(const PlannedTrial& trial, std::size_t index) {
  // An A/A across a sleep: what sleeping and waking does to the server is part of the baseline's difference from itself.
  const bool again = last_visit_ && last_visit_->variant == trial.variant && last_visit_->repeat != trial.repeat && last_visit_->block == trial.block;
  if (auto s = turn_to(trial.variant, again ? Nap::first : Nap::no); !s) return s;
  if (!usable(trial.variant)) return ok();
  last_visit_ = trial;
  const auto first = store_.next_attempt(trial.id);   // visits that did not count are kept: a resumed run goes on behind them
  if (!first) return fail(first.error());
  auto visit = visit_once(trial, *first, index);
  if (!visit) return fail(visit.error());
  const std::string again_because = why_again(trial, *visit);
  const bool repeats = !again_because.empty() && usable(trial.variant) && !stopping();
  if (repeats) visit = visit_again(trial, *first, index, again_because);
  if (!visit) return fail(visit.error());
  if (!visit->cut_short) ++done_, visited_.insert(trial.id);
  outcome_.invalid_trials += !visit->trial.valid;
  if (visit->trial.valid) counted_[trial.block][{trial.workload, trial.concurrency}].push_back({trial, index, visit->trial.attempt, failed_requests(*visit), repeats});
  return ok();
}

std::string Runner::why_again(const PlannedTrial& trial, const Visit& visit) const {
  if (!visit.trial.valid) return visit.trial.invalid_because;
  const int failed = failed_requests(visit);
  if (failed == 0) return {};
  bool others_fail = false;
  if (const auto block = counted_.find(trial.block); block != counted_.end())
    if (const auto point = block->second.find({trial.workload, trial.concurrency}); point != block->second.end())
      for (const Counted& other : point->second) {
        if (other.failed == 0) return requests_failed(failed) + " here and none in another visit of this point";
        others_fail |= other.trial.variant != trial.variant;
      }
  // Nobody else has been seen here yet: check_block compares, but by then a server that is started for its turn is gone.
  const bool goes = plan_.switching == Switch::restart && !others_fail && !fails_for_all_.contains({trial.workload, trial.concurrency});
  return goes ? requests_failed(failed) + ", and its server ends before another model is seen" : "";
}

Result<Visit> Runner::visit_again(const PlannedTrial& trial, int earlier_attempt, std::size_t index, const std::string& why) {
  note("trial_repeated", fmt::format("{} at concurrency {} with {} in block {} was repeated: {}.", trial.workload, trial.concurrency, trial.variant, trial.block + 1, why));
  if (auto s = store_.mark_invalid(stored_trial_id(trial.id, earlier_attempt), why); !s) return fail(s.error());
  return visit_once(trial, earlier_attempt + 1, index);
}

void Runner::count_earlier(const StudyData& old) {
  std::map<int, int> failed;
  for (const RequestRecord& r : old.requests) failed[r.trial_id] += !r.warmup && r.failure.has_value();
  for (const TrialRecord& t : old.trials) {
    const auto planned = std::ranges::find(plan_.trials, planned_trial_id(t.id), &PlannedTrial::id);
    if (t.valid && planned != plan_.trials.end()) counted_[t.block][{t.workload, t.concurrency}].push_back({*planned, 0, t.attempt, failed[t.id], t.attempt > 0});
  }
}

Status Runner::check_block(int block) {
  for (const auto& [point, visits] : counted_[block]) {
    const auto clean = [](const Counted& v) { return v.failed == 0; };
    if (!visits.empty() && std::ranges::none_of(visits, clean)) fails_for_all_.insert(point);
    if (std::ranges::all_of(visits, clean) || std::ranges::none_of(visits, clean)) continue;
    for (const Counted& v : visits) {
      if (clean(v)) continue;
      const std::string why = requests_failed(v.failed) + " here and none in another visit of this point";
      const bool repeats = !v.repeated && usable(v.trial.variant) && !stopping();
      if (repeats)
        if (auto s = turn_to(v.trial.variant); !s || gave_up_sleep_) return s;
      if (!repeats || !usable(v.trial.variant)) {
        ++outcome_.invalid_trials;
        if (auto s = store_.mark_invalid(stored_trial_id(v.trial.id, v.attempt), why); !s) return s;
        continue;
      }
      last_visit_ = v.trial;
      const auto visit = visit_again(v.trial, v.attempt, v.index, why);
      if (!visit) return fail(visit.error());
      const int failed = failed_requests(*visit);
      outcome_.invalid_trials += !visit->trial.valid || failed > 0;
      if (visit->trial.valid && failed > 0)
        if (auto s = store_.mark_invalid(stored_trial_id(v.trial.id, visit->trial.attempt), requests_failed(failed) + " again"); !s) return s;
    }
  }
  counted_.erase(block);
  return ok();
}

void Runner::tell(const PlannedTrial& trial, const Visit& visit, double took) {
  std::vector<const RequestRecord*> requests;
  std::vector<double> e2e;
  for (const auto& r : visit.requests) {
    requests.push_back(&r);
    if (!r.warmup && r.ok() && r.last) e2e.push_back(seconds(*r.last - r.sent));
  }
  const auto rate = window_rate(visit.trial, requests);
  const auto p95 = quantile(e2e, 0.95);
  const int failed = failed_requests(visit);
  watcher_.say(fmt::format("[{}/{}] {} conc={} {}{} block {}: {}{}{} ({:.1f} s)", std::min<std::size_t>(static_cast<std::size_t>(done_) + 1 + options_.skip.size(), plan_.trials.size()), plan_.trials.size(), trial.workload, trial.concurrency,
                           trial.variant, trial.repeat ? " again (A/A)" : "", trial.block + 1, rate ? fmt::format("{:.1f} tok/s, p95 {:.2f} s", *rate, p95.value_or(0)) : "no answer",
                           failed ? fmt::format(", {} failed", failed) : "", visit.trial.valid ? "" : ", invalid: " + visit.trial.invalid_because, took));
}

}  // namespace qc
