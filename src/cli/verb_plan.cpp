#include <algorithm>

#include <fmt/format.h>

#include "cli/decide_plan.h"
#include "cli/exit_code.h"
#include "cli/verbs.h"
#include "core/json.h"
#include "study/read.h"

namespace qc {
namespace {

std::string plan_json(const Plan& plan, const PlanEstimate& estimate) {
  Json out = {{"study", plan.study.name}, {"switch", to_string(plan.switching)}, {"switch_because", plan.switching_because},
              {"minutes", estimate.minutes}, {"guess", estimate.guess.because}, {"warnings", plan.warnings}};
  out["dollars"] = estimate.has_price ? Json(estimate.dollars) : Json(nullptr);
  out["trials"] = Json::array();
  for (const auto& t : plan.trials)
    out["trials"].push_back({{"id", t.id}, {"variant", t.variant}, {"workload", t.workload}, {"concurrency", t.concurrency}, {"max_tokens", t.max_tokens}, {"requests", t.requests},
                             {"warmup", t.warmup}, {"block", t.block + 1}, {"position", t.position}, {"repeat", t.repeat}, {"seconds", trial_seconds(t, estimate.guess)}});
  return out.dump(1);
}

void print_plan(const Plan& plan, const PlanEstimate& estimate) {
  const Study& s = plan.study;
  fmt::print("{}: {}\n{} variants, {} blocks, {} trials; variants take turns by {}: {}\n\n", s.name, s.title, s.variants.size(), s.blocks, plan.trials.size(),
             to_string(plan.switching), plan.switching_because);
  fmt::print("{:>4} {:>5}  {:<16} {:>5}  {:<20} {:>8} {:>7} {:>8}\n", "id", "block", "workload", "conc", "variant", "requests", "tokens", "about s");
  for (const auto& t : plan.trials)
    fmt::print("{:>4} {:>5}  {:<16} {:>5}  {:<20} {:>8} {:>7} {:>8.1f}\n", t.id, t.block + 1, t.workload, t.concurrency, t.variant + (t.repeat ? " (A/A)" : ""), t.requests, t.max_tokens,
               trial_seconds(t, estimate.guess));
  if (!s.quality.spot.empty()) fmt::print("then the quality prompts of each variant, and the baseline's once more\n");
  fmt::print("\nabout {}", minutes_words(plan.study, estimate.minutes));
  if (estimate.has_price) fmt::print(", ${:.2f}", estimate.dollars);
  fmt::print(" ({})\n", estimate.guess.because);
  for (const auto& w : plan.warnings) fmt::print("note: {}\n", w);
}

}  // namespace

int verb_plan(const PlanFlags& flags, const CommonFlags& common) {
  const auto study = read_study(flags.study, {.set = flags.set, .only = flags.only});
  if (!study) return complain(study.error());
  if (auto usable = check_inputs(*study); !usable) return complain(usable.error());
  const Plan plan = plan_for_this_machine(*study);
  const PlanEstimate guess = estimate(plan, guess_speed(*study));
  if (common.json) return print_json(plan_json(plan, guess), common);
  print_plan(plan, guess);
  return kDone;
}

}  // namespace qc
