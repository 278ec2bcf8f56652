// How fast a study's server may be, before it has said a word.
#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "catalog/cards.h"
#include "catalog/models.h"
#include "cli/decide_plan.h"
#include "cli/this_machine.h"
#include "core/host.h"
#include "measure/engines/turns.h"

namespace qc {
namespace {

// Of llama-server on two cores, BF16: with instructions for BF16 16 requests at once give about three times one's throughput, without them no more than one's.
constexpr double kCpuGain = 3, kCpuGainWithoutBf16 = 1, kCardGain = 8, kCardReadsFaster = 150;
constexpr double kCpuBytesPerSecond = 25e9, kUnknownCard = 250e9, kUnknownWeights = 6e9;

bool has_word(const Study& study, std::string_view word) { return std::ranges::find(study.engine.args, word) != study.engine.args.end(); }

bool on_cpu(const Study& study) {
  if (study.engine.kind == EngineKind::llama) return !study.engine.connect && !offloads(study, study.baseline());
  return study.engine.kind == EngineKind::vllm && !study.engine.connect && !machine_for(study, For::plan).card && study.engine.env.contains("VLLM_CPU_KVCACHE_SPACE");
}

double batch_gain_here(bool cpu) {
  if (!cpu) return kCardGain;
  return host_info().cpu_features.find("bf16") == std::string::npos ? kCpuGainWithoutBf16 : kCpuGain;
}

double card_bytes_per_second(const Study& study) {
  const auto card = machine_for(study, For::plan).card;
  const auto known = card ? find_card(card->name) : std::nullopt;
  return known ? known->bandwidth_gb_s * 1e9 : kUnknownCard;
}

double baseline_bytes(const Study& study) {
  const Variant& base = study.baseline();
  if (study.engine.kind == EngineKind::vllm)
    if (const auto size = model_size(study, base)) return static_cast<double>(size->weights_bytes);
  std::error_code error;
  const auto bytes = base.local && std::filesystem::is_regular_file(base.model, error) ? static_cast<double>(std::filesystem::file_size(base.model, error)) : 0;
  return error || bytes <= 0 ? kUnknownWeights : bytes;
}

/// Measured: vLLM on an H100 113 to 177 s, of which 29 to 50 compile and 20 warm kernels up, whose results are kept for the next start;
/// on two cores of a CPU about 20 s, eager.
void guess_starts(const Study& study, bool cpu, SpeedGuess& guess) {
  if (study.engine.kind == EngineKind::llama) guess.start_s = 2;
  else if (cpu) guess.start_s = has_word(study, "--enforce-eager") ? 20 : 90, guess.restart_s = 20;
  else guess.start_s = has_word(study, "--enforce-eager") ? 105 : 150, guess.restart_s = 105;
  // Pinning host memory of the weights' size: 5 to 16 s for 8.5 to 15 GiB.
  guess.first_sleep_s = 1 + baseline_bytes(study) / 1e9;
}

}  // namespace

SpeedGuess guess_speed(const Study& study) {
  const bool cpu = on_cpu(study);
  const double bandwidth = cpu ? kCpuBytesPerSecond : card_bytes_per_second(study), bytes = baseline_bytes(study);
  SpeedGuess guess;
  guess.output_tok_s_alone = bandwidth / bytes;
  guess.batch_gain = batch_gain_here(cpu);
  if (!cpu) guess.read_faster = kCardReadsFaster;
  guess_starts(study, cpu, guess);
  guess.because = fmt::format("guessed from {:.1f} GB of weights at {:.0f} GB/s; the run replaces it with its own figures", bytes / 1e9, bandwidth / 1e9);
  return guess;
}

}  // namespace qc
