#include "cli/decide_plan.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <fmt/format.h>

#include "core/host.h"
#include "core/text.h"
#include "measure/engines/engine.h"
#include "measure/engines/gguf_facts.h"
#include "measure/load/prompts.h"
#include "study/model_path.h"

namespace qc {

Plan plan_for_this_machine(const Study& study) {
  const SwitchChoice choice = choose_switch(study, host_info().memory_bytes);
  return make_plan(study, choice.choice, choice.because);
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

SpeedGuess guess_speed(const Study& study) {
  const bool cpu = study.engine.kind == EngineKind::llama && study.engine.args.empty();
  const double bandwidth = cpu ? 20e9 : 250e9;
  std::error_code error;
  double bytes = study.baseline().local ? static_cast<double>(std::filesystem::file_size(study.baseline().model, error)) : 6e9;
  if (error || bytes <= 0) bytes = 6e9;
  SpeedGuess guess;
  guess.output_tok_s_alone = bandwidth / bytes;
  guess.batch_gain = cpu ? 3 : 8;
  guess.start_s = study.engine.kind == EngineKind::llama ? 2 : 150;
  guess.because = fmt::format("guessed from {:.1f} GB of weights at {:.0f} GB/s; the run replaces it with its own figures", bytes / 1e9, bandwidth / 1e9);
  return guess;
}

}  // namespace qc
