#include "cli/decide_plan.h"
#include "cli/this_machine.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/text.h"
#include "measure/engines/engine.h"
#include "measure/engines/gguf_facts.h"
#include "measure/load/prompts.h"
#include "study/model_path.h"

namespace qc {

namespace {

/// Prompts of one's own that would not fit into the context, at four bytes a token; the built-in sets have warnings of their own.
std::vector<std::string> long_prompts(const Study& study) {
  constexpr std::size_t kBytesPerToken = 4;
  std::vector<std::string> notes;
  for (const Workload& workload : study.workloads) {
    const auto most = study.engine.max_model_len;
    const auto set = most && is_prompt_file(workload.prompts) ? load_prompts(workload.prompts, study.seed) : Result<PromptSet>(PromptSet{});
    if (!set) continue;
    const auto too_long = std::ranges::count_if(set->prompts, [&](const Prompt& each) {
      return each.text.size() / kBytesPerToken + static_cast<std::size_t>(workload.max_tokens) > static_cast<std::size_t>(*most);
    });
    if (too_long)
      notes.push_back(fmt::format("workload.{}: {} of {} prompts are, at about four bytes a token, too long to fit with max_tokens = {} into engine.max_model_len = {}: the server "
                                  "may refuse them", workload.name, too_long, set->prompts.size(), workload.max_tokens, *most));
  }
  return notes;
}

/// Contexts beyond what a local GGUF's model was trained for: llama-server serves them, and the answers lose their sense.
std::vector<std::string> beyond_training(const Study& study) {
  std::vector<std::string> notes;
  const auto asked = study.engine.max_model_len;
  if (study.engine.kind != EngineKind::llama || !asked) return notes;
  for (const Variant& each : study.variants) {
    if (!each.local || !runs_here(study.engine, each)) continue;
    const auto model = read_gguf_model(each.model);
    const auto trained = model ? trained_context(model->header) : std::nullopt;
    if (trained && *asked > *trained)
      notes.push_back(fmt::format("variant.{}: engine.max_model_len = {} is more than the {} tokens that its model was made for; what it answers beyond them is no measure of it", each.name, *asked, *trained));
  }
  return notes;
}

}  // namespace

DecidedPlan decide_plan(const Study& study, For what) {
  SwitchChoice choice = choose_switch(study, machine_for(study, what));
  Study as_run = study;
  if (choice.share) as_run.engine.gpu_memory_utilization = choice.share;
  Plan plan = make_plan(std::move(as_run), choice.choice, choice.because);
  plan.share = choice.share;
  plan.warnings.insert(plan.warnings.end(), choice.misfits.begin(), choice.misfits.end());
  for (const Way& way : choice.ways)
    if (way.way == choice.choice && way.way == Switch::sleep && !way.possible)
      plan.warnings.push_back(fmt::format("engine.switch: sleep may not work here ({}); where it frees no memory, the run goes on with restarts", way.because));
  for (std::string& text : long_prompts(study)) plan.warnings.push_back(std::move(text));
  for (std::string& text : beyond_training(study)) plan.warnings.push_back(std::move(text));
  if (const auto fit = fit_here(plan.study))
    for (std::string& text : misfits(*fit)) plan.warnings.push_back(std::move(text));
  return {std::move(plan), std::move(choice)};
}

std::optional<Fit> fit_here(const Study& study) {
  if (study.engine.kind != EngineKind::vllm || study.engine.connect) return std::nullopt;   // a card elsewhere is not known
  const auto card = machine_for(study, For::plan).card;
  return card ? std::optional(fit_of(study, card->name, card->total)) : std::nullopt;
}

std::string minutes_words(const Study& study, const PlanEstimate& estimate) {
  const double whole = std::max(1.0, std::round(estimate.minutes));
  std::string words = fmt::format("{:.0f} minute{}", whole, whole == 1 ? "" : "s");
  if (study.time_budget_minutes)
    return words + fmt::format(" with {} blocks everywhere; study.time_budget_minutes = {:g} may give more to some operating points and fewer to others", estimate.blocks, *study.time_budget_minutes);
  if (study.sequential) words = "at most " + words;
  if (estimate.blocks < study.blocks)
    words += fmt::format(" with {} of {} blocks ({} study.max_minutes = {:g})", estimate.blocks, study.blocks,
                         study.max_minutes && estimate.minutes > *study.max_minutes ? "two are always run, and take more than" : "more would not fit into", *study.max_minutes);
  return words;
}

}  // namespace qc
