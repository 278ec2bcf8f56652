#include "cli/decide_plan.h"
#include "cli/this_machine.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/text.h"
#include "measure/engines/engine.h"

namespace qc {

DecidedPlan decide_plan(const Study& study, For what) {
  SwitchChoice choice = choose_switch(study, machine_for(study, what));
  Study as_run = study;
  if (choice.share) as_run.engine.gpu_memory_utilization = choice.share;
  Plan plan = make_plan(std::move(as_run), choice.choice, choice.because);
  plan.share = choice.share;
  for (const Way& way : choice.ways)
    if (way.way == choice.choice && way.way == Switch::sleep && !way.possible)
      plan.warnings.push_back(fmt::format("engine.switch: sleep may not work here ({}); where it frees no memory, the run goes on with restarts", way.because));
  if (const auto fit = fit_here(plan.study))
    for (std::string& text : misfits(*fit)) plan.warnings.push_back(std::move(text));
  return {std::move(plan), std::move(choice)};
}

std::optional<Fit> fit_here(const Study& study) {
  if (study.engine.kind != EngineKind::vllm || study.engine.connect) return std::nullopt;   // a card elsewhere is not known
  const auto card = machine_for(study, For::plan).card;
  return card ? std::optional(fit_of(study, card->name, card->total)) : std::nullopt;
}

std::string minutes_words(const Study& study, double minutes) {
  const double whole = std::max(1.0, std::round(minutes));
  if (study.max_minutes && whole > *study.max_minutes) return fmt::format("at most {:g} minutes (study.max_minutes takes blocks away)", *study.max_minutes);
  return fmt::format("{:.0f} minute{}", whole, whole == 1 ? "" : "s");
}

}  // namespace qc
