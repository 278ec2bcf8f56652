#include "cli/decide_plan.h"

#include <filesystem>

#include <fmt/format.h>

#include "core/host.h"
#include "measure/engines/engine.h"

namespace qc {

Plan plan_for_this_machine(const Study& study) {
  const SwitchChoice choice = choose_switch(study, host_info().memory_bytes);
  return make_plan(study, choice.choice, choice.because);
}

SpeedGuess guess_speed(const Study& study) {
  const bool cpu = study.engine.kind == EngineKind::llama && study.engine.args.empty();
  const double bandwidth = cpu ? 12e9 : 250e9;
  std::error_code error;
  double bytes = study.baseline().local ? static_cast<double>(std::filesystem::file_size(study.baseline().model, error)) : 6e9;
  if (error || bytes <= 0) bytes = 6e9;
  SpeedGuess guess;
  guess.output_tok_s_alone = bandwidth / bytes;
  guess.batch_gain = cpu ? 2.5 : 8;
  guess.start_s = study.engine.kind == EngineKind::llama ? 2 : 150;
  guess.because = fmt::format("guessed from {:.1f} GB of weights at {:.0f} GB/s; the run replaces it with its own figures", bytes / 1e9, bandwidth / 1e9);
  return guess;
}

}  // namespace qc
