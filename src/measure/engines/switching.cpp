// How variants take turns on one machine: all resident, or each started anew.
#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "measure/engines/engine.h"
#include "measure/engines/gguf_facts.h"
#include "measure/engines/http_engine.h"
#include "measure/engines/llama_command.h"

namespace qc {
namespace {

constexpr double kGiB = 1024.0 * 1024 * 1024;
// What is left over pays for the system, for us, and for what the estimate does not know.
constexpr double kUsableShare = 0.7;
// Buffers of a llama-server beyond weights and KV cache: 0.2 GiB seen at 135M parameters and 32 slots; repacked weights come twice.
constexpr double kBuffers = 0.25 * kGiB, kRepackedShare = 1.0;

struct Need { double files = 0, kv = 0, buffers = 0; double total() const { return files + kv + buffers; } };

/// Empty when a model's files are not here to be weighed.
std::optional<Need> need_of(const Study& study, const std::vector<const Variant*>& started, const LlamaSettings& settings) {
  Need need;
  for (const auto* variant : started) {
    const auto model = variant->local ? read_gguf_model(variant->model) : Result<GgufModel>(fail(Fault::usage, ""));
    const auto kv = model ? kv_bytes_per_token(model->header) : std::nullopt;
    if (!kv || study.engine.connect) return std::nullopt;
    const double file = static_cast<double>(model->file_bytes);
    const bool repacked = model->header.dominant().starts_with("Q4") || model->header.dominant().starts_with("IQ4");
    need.files += file;
    need.kv += static_cast<double>(*kv) * settings.context * settings.slots;
    need.buffers += kBuffers + (repacked ? kRepackedShare * file : 0);
  }
  return need;
}

std::vector<const Variant*> started_ones(const Study& study) {
  std::vector<const Variant*> started;
  for (const auto& variant : study.variants)
    if (!url_of(variant, study.engine)) started.push_back(&variant);
  return started;
}

SwitchChoice as_asked(Switch asked) {
  if (asked == Switch::sleep)
    return {Switch::restart, "each server is started anew for its turn: this version has no `switch = \"sleep\"` yet"};
  return {asked, asked == Switch::resident ? "all servers stay up, as the study file asks" : "each server is started anew for its turn, as the study file asks"};
}

SwitchChoice by_memory(const Need& need, std::size_t servers, double memory) {
  const bool fits = need.total() <= kUsableShare * memory;
  return {fits ? Switch::resident : Switch::restart,
          fmt::format("the {} servers together need about {:.1f} GiB (files {:.1f}, KV cache {:.1f}, buffers {:.1f}) and this machine has {:.1f} GiB, of which {:.0f} % may be "
                      "used: {}", servers, need.total() / kGiB, need.files / kGiB, need.kv / kGiB, need.buffers / kGiB, memory / kGiB, kUsableShare * 100,
                      fits ? "all stay up and take turns at each point" : "each is started anew for its turn")};
}

}  // namespace

SwitchChoice choose_switch(const Study& study, std::int64_t memory_bytes) {
  if (study.engine.switching != Switch::automatic) return as_asked(study.engine.switching);
  const auto started = started_ones(study);
  if (started.empty()) return {Switch::resident, "the servers run already and stay up (`url`)"};
  if (study.engine.connect && started.size() > 1)
    return {Switch::restart, fmt::format("all servers are reached at {} (engine.connect), so each is started for its turn", *study.engine.connect)};
  if (study.engine.kind == EngineKind::vllm && started.size() > 1)
    return {Switch::restart, "a vLLM takes its whole share of the GPU, so each server is started anew for its turn (one whose turn follows its own stays up)"};
  auto host = host_info();
  host.memory_bytes = memory_bytes;
  const auto need = need_of(study, started, llama_settings(study, host));
  if (!need) return {Switch::restart, "how much memory the models take is not known before they are loaded, so each server is started anew for its turn"};
  return by_memory(*need, started.size(), static_cast<double>(memory_bytes));
}

}  // namespace qc
