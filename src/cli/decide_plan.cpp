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

namespace {

/// "Q4_K_M" names a mix; the file's dominant type is "Q4_K".
std::string without_mix(const std::string& type) {
  for (const std::string_view mix : {"_S", "_M", "_L", "_XL"})
    if (type.size() > mix.size() + 3 && type.ends_with(mix)) return type.substr(0, type.size() - mix.size());
  return type;
}

std::string gguf_type_of(const std::string& expect) {
  if (expect == "bf16") return "BF16";
  if (expect == "fp16") return "F16";
  return expect.starts_with("gguf:") ? without_mix(expect.substr(5)) : "";
}

Status check_gguf(const Study& study, const Variant& v) {
  const auto model = read_gguf_model(v.model);
  if (!model) return fail(Fault::usage, fmt::format("{}: variant.{}.model: {}", study.file, v.name, model.error().message));
  const std::string wanted = v.expect ? gguf_type_of(*v.expect) : "", found = model->header.dominant();
  if (wanted.empty() || lower(wanted) == lower(found)) return ok();
  return fail(Fault::refused, fmt::format("{}: variant.{}.expect = \"{}\", but most weights of {} are {}: correct `expect` or `model`", study.file, v.name, *v.expect, v.model, found));
}

}  // namespace

Status check_inputs(const Study& study) {
  for (const auto& w : study.workloads)
    if (const auto set = load_prompts(w.prompts, study.seed); !set)
      return fail(set.error().fault, fmt::format("{}: workload.{}.prompts = \"{}\": {}", study.file, w.name, w.prompts, set.error().message));
  for (const auto& v : study.variants) {
    if (study.engine.kind == EngineKind::sglang && !v.url && !study.engine.url)
      return fail(Fault::usage, fmt::format("{}: engine.kind = \"sglang\" without a url: this version attaches to SGLang servers that run already; give the address as `url` in [[variant]] {}",
                                            study.file, v.name));
    if (study.engine.kind == EngineKind::llama && v.local && runs_here(study.engine, v))
      if (auto s = check_gguf(study, v); !s) return s;
  }
  return ok();
}

std::string minutes_words(const Study& study, double minutes) {
  const double whole = std::max(1.0, std::round(minutes));
  if (study.max_minutes && whole > *study.max_minutes) return fmt::format("at most {:g} minutes (study.max_minutes takes blocks away)", *study.max_minutes);
  return fmt::format("{:.0f} minute{}", whole, whole == 1 ? "" : "s");
}


}  // namespace qc
