// Divergence of a run: KLD and top-1 agreement of every candidate, in process, after the servers are gone.
#include <algorithm>

#include <fmt/format.h>

#include "measure/quality/divergence.h"
#include "measure/quality/held_out.h"
#include "run/runner.h"

namespace qc {
namespace {

/// Why it can't be had, or empty.
std::string obstacle(const Study& study, const std::string& program) {
  if (study.engine.kind != EngineKind::llama || study.engine.url) return "it is measured in process, from local GGUF files";
  if (!study.engine.command.empty()) return "the server is started by a command of the study's own";
  if (std::ranges::any_of(study.variants, [](const Variant& v) { return !v.local || v.url.has_value(); })) return "it is measured in process, from local GGUF files";
  if (program.find('/') == std::string::npos) return "the server's folder with its libraries is not known";
  return {};
}

}  // namespace

Status Runner::measure_divergences() {
  const Study& study = plan_.study;
  if (stopping() || study.quality.divergence_chunks == 0) return ok();
  const auto command = llama_server_command(study.engine);
  const std::string program = command ? command->front() : "";
  if (const auto why = obstacle(study, program); !why.empty()) {
    note("note", fmt::format("Divergence (KLD) was not measured: {}.", why));
    return ok();
  }
  DivergenceSpec spec;
  spec.library_dir = std::filesystem::path(program).parent_path(), spec.baseline = study.baseline().model;
  for (const auto& v : study.variants)
    if (!v.baseline && !dropped_.contains(v.name)) spec.candidates.emplace_back(v.name, v.model);
  const HeldOut held = held_out();
  spec.text = held.text, spec.text_name = held.name, spec.chunks = study.quality.divergence_chunks;
  const Instant begun = monotonic_clock().now();
  const auto measured = measure_divergence(spec, stop_, [&](int done, int of) {
    activity("divergence, chunks", begun, done, of);
  });
  info_.engine_busy_s += seconds(monotonic_clock().now() - begun);
  if (!measured) {
    if (!stopping()) note("note", "Divergence (KLD) was not measured: " + measured.error().message);
    return ok();
  }
  info_.engine_cpu_s += measured->model_cpu_s, model_cpu_s_ += measured->model_cpu_s;
  for (const auto& d : measured->candidates) {
    if (auto s = store_.put_divergence(d); !s) return s;
    watcher_.say(fmt::format("divergence: {} KLD {:.4f}, same most likely token in {:.1f} % of {} positions", d.variant, d.kld_mean, d.top1_agreement * 100, d.tokens_scored));
  }
  return ok();
}

}  // namespace qc
