// How variants take turns on one machine: all resident, asleep and awake in turn, or each started anew.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <initializer_list>

#include "core/bytes.h"
#include "core/host.h"
#include "core/text.h"
#include "measure/engines/engine.h"
#include "measure/engines/gguf_facts.h"
#include "measure/engines/http_engine.h"
#include "measure/engines/llama_command.h"
#include "measure/engines/turns.h"

namespace qc {
namespace {

/// llama-server's context of a slot: a multiple of 256 tokens.
double rounded_up(int context) { return std::ceil(context / 256.0) * 256; }

// What is left over pays for the system, for us, and for what the estimate does not know.
constexpr double kUsableShare = 0.7, kUsableShareOfCard = 0.9;
// Buffers of a llama-server beyond weights and KV cache: 0.2 GiB seen at 135M parameters and 32 slots; repacked weights come twice.
constexpr double kBuffers = 0.25 * kGiB, kRepackedShare = 1.0;
// What a llama-server takes of a card beside that: its context and scratch memory.
constexpr double kCardContext = 0.5 * kGiB;

struct Need { double files = 0, kv = 0, buffers = 0; [[nodiscard]] double total() const { return files + kv + buffers; } };

bool has_argument(const Study& study, const Variant& variant, std::initializer_list<std::string_view> names) {
  for (const auto* args : {&study.engine.args, &variant.args})
    for (const std::string& word : *args)
      if (std::ranges::any_of(names, [&](std::string_view name) { return word == name || word.starts_with(std::string(name) + "="); })) return true;
  return false;
}

/// Empty when a model's files are not here to be weighed.
std::optional<Need> need_of(const Study& study, const std::vector<const Variant*>& started, const LlamaSettings& settings) {
  Need need;
  for (const auto* variant : started) {
    const auto model = variant->local ? read_gguf_model(variant->model) : Result<GgufModel>(fail(Fault::usage, ""));
    const auto kv = model ? kv_bytes_per_token(model->header) : std::nullopt;
    if (!kv || study.engine.connect) return std::nullopt;
    const double file = static_cast<double>(model->file_bytes);
    const bool repacked = !offloads(study, *variant) && (model->header.dominant().starts_with("Q4") || model->header.dominant().starts_with("IQ4"));
    need.files += file;
    need.kv += static_cast<double>(*kv) * rounded_up(settings.context) * settings.slots;
    need.buffers += kBuffers + (repacked ? kRepackedShare * file : 0) + (offloads(study, *variant) ? kCardContext : 0);
  }
  return need;
}

std::vector<const Variant*> started_ones(const Study& study) {
  std::vector<const Variant*> started;
  for (const auto& variant : study.variants)
    if (!url_of(variant, study.engine)) started.push_back(&variant);
  return started;
}

struct Room { std::string_view name; double bytes = 0, usable = 0; };

/// The memory that the servers will take: the card's where all of them offload to one, else the host's.
Room room_of(const Study& study, const std::vector<const Variant*>& started, const Machine& machine) {
  const bool on_card = machine.card && std::ranges::all_of(started, [&](const Variant* v) { return offloads(study, *v); });
  if (!on_card) return {"this machine", static_cast<double>(machine.memory_bytes), kUsableShare};
  return {"the card", static_cast<double>(machine.card->total - machine.card->used), kUsableShareOfCard};
}

Way resident_by_memory(const Need& need, std::size_t servers, const Room& room) {
  const bool fits = need.total() <= room.usable * room.bytes;
  return {Switch::resident, fits,
          fmt::format("the {} at most about {:.1f} GiB, as reckoned before they start (files {:.1f}, KV cache {:.1f}, buffers {:.1f}), and {} has {:.1f} GiB, of which {:.0f} % may be used", servers == 1 ? "one server needs" : fmt::format("{} servers together need", servers),
                      need.total() / kGiB, need.files / kGiB, need.kv / kGiB, need.buffers / kGiB, room.name, room.bytes / kGiB, room.usable * 100)};
}

Way resident_way(const Study& study, const std::vector<const Variant*>& started, const Machine& machine) {
  if (started.empty()) return {Switch::resident, true, "the servers run already and stay up (`url`)"};
  if (study.engine.connect && started.size() > 1) return {Switch::resident, false, fmt::format("all servers are reached at {} (engine.connect)", *study.engine.connect)};
  if (study.engine.kind == EngineKind::vllm) {
    if (started.size() == 1) return {Switch::resident, true, "there is one server to start, and it stays up"};
    return {Switch::resident, false, "a vLLM takes its whole share of the GPU"};
  }
  auto host = host_info();
  host.memory_bytes = machine.memory_bytes;
  const auto need = need_of(study, started, llama_settings(study, host));
  if (!need) return {Switch::resident, false, "how much memory the models take is not known before they are loaded"};
  return resident_by_memory(*need, started.size(), room_of(study, started, machine));
}

/// llama-servers that need more than all of the memory on their own: a start would end as it allocates.
std::vector<std::string> too_large(const Study& study, const std::vector<const Variant*>& started, const Machine& machine) {
  std::vector<std::string> out;
  if (study.engine.kind != EngineKind::llama) return out;
  auto host = host_info();
  host.memory_bytes = machine.memory_bytes;
  for (const Variant* each : started) {
    const auto need = need_of(study, {each}, llama_settings(study, host));
    const Room room = room_of(study, {each}, machine);
    if (need && need->total() > room.bytes)
      out.push_back(fmt::format("variant.{}: does not fit: it alone needs about {:.1f} GiB (file {:.1f}, KV cache {:.1f}, buffers {:.1f}) and {} has {:.1f} GiB; lower engine.max_num_seqs or engine.max_model_len",
                                each->name, need->total() / kGiB, need->files / kGiB, need->kv / kGiB, need->buffers / kGiB, room.name, room.bytes / kGiB));
  }
  return out;
}

/// Programs that start a command where our environment does not reach.
constexpr std::string_view kElsewhere[] = {"docker", "podman", "nerdctl", "kubectl", "ssh", "sudo", "srun", "singularity", "apptainer"};

/// The development endpoints come from our environment: a container or another machine must be given them by the command.
bool reaches_environment(const EngineSpec& engine) {
  if (engine.command.empty()) return true;
  const std::string program = std::filesystem::path(engine.command.front()).filename();
  if (std::ranges::find(kElsewhere, program) == std::end(kElsewhere)) return true;
  return std::ranges::any_of(engine.command, [](const std::string& word) { return word.find("VLLM_SERVER_DEV_MODE") != std::string::npos; });
}

SleepQuestion sleep_question(const Study& study, const std::vector<const Variant*>& started, const Machine& machine) {
  SleepQuestion q;
  q.servers = static_cast<int>(started.size());
  q.card_total = machine.card->total, q.card_used = machine.card->used, q.share = study.engine.gpu_memory_utilization, q.host_free = machine.free_bytes;
  q.eager = std::ranges::all_of(started, [&](const Variant* v) { return has_argument(study, *v, {"--enforce-eager"}); });
  std::int64_t together = 0, largest = 0;
  for (const auto& bytes : machine.weights_bytes) {
    if (!bytes) return q;
    together += *bytes, largest = std::max(largest, *bytes);
  }
  if (machine.weights_bytes.size() == started.size()) q.weights_together = together, q.largest_weights = largest;
  return q;
}

SleepAnswer sleep_answer(const Study& study, const std::vector<const Variant*>& started, const Machine& machine) {
  const auto no = [](std::string because) { return SleepAnswer{false, 0, false, std::move(because)}; };
  if (study.engine.kind != EngineKind::vllm) return no(fmt::format("{} servers can't sleep", to_string(study.engine.kind)));
  if (started.size() < study.variants.size()) return no("one of the servers runs already and is not ours to put to sleep");
  if (started.size() < 2) return no("there are no two servers that take turns");
  if (study.engine.connect) return no(fmt::format("all servers are reached at {} (engine.connect), so there is one at a time", *study.engine.connect));
  if (!machine.card) return no("there is no GPU here that NVML shows, and vLLM on the CPU does not give memory back");
  if (!reaches_environment(study.engine)) return no("`command` starts the server elsewhere: without -e VLLM_SERVER_DEV_MODE=1 in it there is no /sleep");
  return can_sleep_in_turn(sleep_question(study, started, machine));
}

std::string way_sentence(Switch way, std::size_t servers, const std::string& why) {
  if (servers == 0) return why;
  switch (way) {
    case Switch::resident: return servers == 1 ? why : why + ": all stay up and take turns at each point";
    case Switch::sleep: return why + ": each is started once, and one at a time is awake";
    default: return why + ", so each server is started anew for its turn";
  }
}

void as_asked(Switch asked, SwitchChoice& choice) {
  choice.choice = asked;
  if (asked == Switch::resident) choice.because = "all servers stay up, as the study file asks";
  else if (asked == Switch::restart) choice.because = "each server is started anew for its turn, as the study file asks";
  else choice.because = "each is started once, and one at a time is awake, as the study file asks";
}

}  // namespace

bool offloads(const Study& study, const Variant& variant) {
  for (const auto* args : {&variant.args, &study.engine.args})
    for (std::size_t i = 0; i + 1 < args->size(); ++i)
      if ((*args)[i] == "-ngl" || (*args)[i] == "--gpu-layers" || (*args)[i] == "--n-gpu-layers") return (*args)[i + 1] != "0";
  return false;
}

SwitchChoice choose_switch(const Study& study, const Machine& machine) {
  const auto started = started_ones(study);
  const Way resident = resident_way(study, started, machine);
  const SleepAnswer sleep = sleep_answer(study, started, machine);
  SwitchChoice choice;
  choice.ways = {resident, {Switch::sleep, sleep.possible, sleep.because}, {Switch::restart, !started.empty(), started.empty() ? "the servers are not ours to stop" : ""}};
  if (study.engine.switching != Switch::automatic) as_asked(study.engine.switching, choice);
  else if (resident.possible) choice.choice = Switch::resident, choice.because = way_sentence(Switch::resident, started.size(), resident.because);
  else if (sleep.possible) choice.choice = Switch::sleep, choice.because = way_sentence(Switch::sleep, started.size(), sleep.because);
  else choice.choice = Switch::restart, choice.because = way_sentence(Switch::restart, started.size(), study.engine.kind == EngineKind::vllm ? sleep.because : resident.because);
  choice.misfits = too_large(study, started, machine);
  if (!choice.misfits.empty())   // a server that can't be held alone can take no turns
    for (Way& way : choice.ways) way.possible = false, way.because = fmt::format("{}", fmt::join(choice.misfits, " "));
  if (choice.choice == Switch::sleep && sleep.share > 0 && !study.engine.gpu_memory_utilization) choice.share = sleep.share;
  return choice;
}

SwitchChoice choose_switch(const Study& study, std::int64_t memory_bytes) {
  Machine machine;
  machine.memory_bytes = memory_bytes;
  return choose_switch(study, machine);
}

}  // namespace qc
