#include <algorithm>

#include <fmt/format.h>

#include "cli/check_inputs.h"
#include "cli/decide_plan.h"
#include "cli/exit_code.h"
#include "cli/verbs.h"
#include "core/json.h"
#include "study/read.h"

namespace qc {
namespace {

/// Minutes of all the study's blocks by one way of taking turns.
PlanEstimate by_way(const DecidedPlan& decided, Switch way, const SpeedGuess& guess) {
  Study study = decided.plan.study;
  study.max_minutes.reset(), study.time_budget_minutes.reset();
  return estimate(make_plan(std::move(study), way, ""), guess);
}

Json ways_json(const DecidedPlan& decided, const SpeedGuess& guess) {
  Json ways = Json::array();
  for (const Way& w : decided.choice.ways) {
    const PlanEstimate time = by_way(decided, w.way, guess);
    ways.push_back({{"switch", to_string(w.way)}, {"possible", w.possible}, {"because", w.because}, {"minutes", time.minutes}, {"switching_minutes", time.switching_s / 60}});
  }
  return ways;
}

std::string plan_json(const DecidedPlan& decided, const PlanEstimate& estimate, const std::optional<Fit>& fit) {
  const Plan& plan = decided.plan;
  Json out = {{"study", plan.study.name}, {"switch", to_string(plan.switching)}, {"switch_because", plan.switching_because},
              {"minutes", estimate.minutes}, {"blocks", estimate.blocks}, {"guess", estimate.guess.because}, {"warnings", plan.warnings}};
  out["dollars"] = estimate.has_price ? Json(estimate.dollars) : Json(nullptr);
  out["gpu_memory_utilization"] = plan.share ? Json(*plan.share) : Json(nullptr);
  out["feasible"] = (!fit || fit->baseline_fits()) && decided.choice.misfits.empty();
  if (fit && !fit->baseline_fits()) out["infeasible_because"] = infeasible_text(*fit);
  else if (!decided.choice.misfits.empty()) out["infeasible_because"] = fmt::format("{}", fmt::join(decided.choice.misfits, " "));
  out["ways"] = ways_json(decided, estimate.guess);
  out["trials"] = Json::array();
  for (const auto& t : plan.trials)
    out["trials"].push_back({{"id", t.id}, {"variant", t.variant}, {"workload", t.workload}, {"concurrency", t.concurrency}, {"max_tokens", t.max_tokens}, {"requests", t.requests},
                             {"warmup", t.warmup}, {"block", t.block + 1}, {"position", t.position}, {"repeat", t.repeat}, {"seconds", trial_seconds(t, estimate.guess)}});
  return out.dump(1);
}

void print_ways(const DecidedPlan& decided, const SpeedGuess& guess) {
  fmt::print("\nways of taking turns{}:\n", decided.plan.study.max_minutes ? ", with all blocks" : "");
  for (const Way& w : decided.choice.ways) {
    const PlanEstimate time = by_way(decided, w.way, guess);
    const std::string minutes = time.minutes < 1 ? "< 1" : fmt::format("{:.0f}", time.minutes);
    fmt::print("{} {:<9} {:>6} min, of which {:.0f} switching{}\n", w.way == decided.plan.switching && w.possible ? "*" : " ", to_string(w.way), minutes, time.switching_s / 60,
               w.because.empty() ? "" : fmt::format("; {}{}", w.possible ? "" : "no: ", w.because));
  }
}

void print_plan(const DecidedPlan& decided, const PlanEstimate& estimate) {
  const Plan& plan = decided.plan;
  const Study& s = plan.study;
  fmt::print("{}: {}\n{} variants, {} block{}, {} trials; variants take turns by {}: {}\n\n", s.name, s.title, s.variants.size(), s.blocks, s.blocks == 1 ? "" : "s", plan.trials.size(),
             to_string(plan.switching), plan.switching_because);
  fmt::print("{:>4} {:>5}  {:<16} {:>5}  {:<20} {:>8} {:>7} {:>8}\n", "id", "block", "workload", "conc", "variant", "requests", "tokens", "about s");
  for (const auto& t : plan.trials)
    fmt::print("{:>4} {:>5}  {:<16} {:>5}  {:<20} {:>8} {:>7} {:>8.1f}\n", t.id, t.block + 1, t.workload, t.concurrency, t.variant + (t.repeat ? " (A/A)" : ""), t.requests, t.max_tokens,
               trial_seconds(t, estimate.guess));
  if (!s.quality.spot.empty()) fmt::print("after the first block, or in its first turn where each turn starts a server: the quality prompts of each variant, and the baseline's once more\n");
  if (measures_divergence(s)) fmt::print("then the divergence of each variant from the baseline, over {} chunk{} of 512 tokens\n", s.quality.divergence_chunks, s.quality.divergence_chunks == 1 ? "" : "s");
  print_ways(decided, estimate.guess);
  fmt::print("\nabout {}", minutes_words(plan.study, estimate));
  constexpr double kCent = 0.01;
  if (estimate.has_price) fmt::print("{}", estimate.dollars >= kCent || estimate.dollars == 0 ? fmt::format(", ${:.2f}", estimate.dollars) : ", less than $0.01");
  fmt::print(" ({})\n", estimate.guess.because);
  for (const auto& w : plan.warnings) fmt::print("note: {}\n", w);
}

}  // namespace

int verb_plan(const PlanFlags& flags, const CommonFlags& common) {
  const auto study = read_study(flags.study, {.set = flags.set, .only = flags.only});
  if (!study) return complain(study.error());
  if (auto usable = check_inputs(*study, Programs::may_be_elsewhere); !usable) return complain(usable.error());
  DecidedPlan decided = decide_plan(*study, For::plan);
  if (const std::string absent = absent_server(*study); !absent.empty()) decided.plan.warnings.push_back("`run` can't start a server on this machine: " + absent);
  const PlanEstimate guess = estimate(decided.plan, guess_speed(*study));
  const auto fit = fit_here(decided.plan.study);
  if (common.json) return print_json(plan_json(decided, guess, fit), common);
  if (fit && !fit->baseline_fits()) fmt::print("{}: {}\n{}\n", study->name, study->title, infeasible_text(*fit));
  else print_plan(decided, guess);
  return kDone;
}

}  // namespace qc
