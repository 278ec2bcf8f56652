// What there is to measure with.
#include <algorithm>

#include <fmt/format.h>

#include "core/bytes.h"
#include "doctor/rules.h"
#include "measure/client/stream_limit.h"

namespace qc {
namespace {

constexpr std::uint64_t kUsualStreams = 256, kManyStreams = 10'000;
constexpr int kFewPorts = 10'000;

std::string gib(std::int64_t bytes) { return fmt::format("{:.1f} GiB", static_cast<double>(bytes) / kGiB); }

Judgement engine(const Diagnosis& d, std::string_view name) {
  const auto at = std::ranges::find(d.machine.engines, name, &EngineProgram::name);
  if (at == d.machine.engines.end()) return {Severity::note, "not looked for", "let doctor run to its end"};
  if (at->program) return {Severity::fine, "started by quantcase: " + *at->program};
  return {Severity::note, "not found; needed only for studies that start it", at->missing};
}

/// "python3, process 4643, 16.1 GiB"
std::string describe(const GpuProcess& process) {
  return fmt::format("{}process {}{}", process.name.empty() ? "" : process.name + ", ", process.pid, process.used_bytes ? ", " + gib(*process.used_bytes) : "");
}

/// " by python3, process 4643, 16.1 GiB; process 1649, 1.4 GiB": empty where the driver names nobody.
std::string by_whom(const GpuState& gpu) {
  std::vector<std::string> each;
  for (const GpuProcess& process : gpu.processes) each.push_back(describe(process));
  return each.empty() ? "" : fmt::format(" (by {})", fmt::join(each, "; "));
}

std::string describe(const GpuState& gpu) {
  const auto shown = [](const auto& value, std::string_view unit) { return value ? fmt::format("{:.0f} {}", static_cast<double>(*value), unit) : fmt::format("n/a {}", unit); };
  return fmt::format("{} (driver {}), {} of {} in use{}, {}, {}, {}", gpu.card.name, gpu.card.driver, gib(gpu.card.used_bytes), gib(gpu.card.memory_bytes), by_whom(gpu), shown(gpu.now.power_w, "W"), shown(gpu.now.sm_mhz, "MHz"),
                     shown(gpu.now.temp_c, "degrees C"));
}

bool slowed(const GpuState& gpu) { return (gpu.now.event_reasons.value_or(0) & event_reason::kHeatOrHardware) != 0; }
bool is_used(const GpuState& gpu) { return gpu.card.used_bytes > gpu.card.memory_bytes / 20; }

Judgement folder(const Diagnosis& d, std::string_view what) {
  const auto at = std::ranges::find(d.machine.folders, what, &FolderRoom::what);
  if (at == d.machine.folders.end()) return {Severity::note, "not looked at", "let doctor run to its end"};
  std::string found = fmt::format("{}: {} free{}", at->path, at->free_bytes ? gib(*at->free_bytes) : "n/a", at->writable ? "" : ", not writable");
  if (!at->writable) return {Severity::warning, std::move(found), "stores, logs and reports can't be written there: choose another (--out, QUANTCASE_CACHE), or change its owner"};
  if (at->free_bytes && static_cast<double>(*at->free_bytes) < kGiB) return {Severity::warning, std::move(found), "a full disk ends a study: make room"};
  return {Severity::fine, std::move(found)};
}

}  // namespace

Judgement rule_llama(const Diagnosis& d) { return engine(d, "llama"); }
Judgement rule_vllm(const Diagnosis& d) { return engine(d, "vllm"); }

Judgement rule_gpus(const Diagnosis& d) {
  const auto& gpus = d.machine.gpus;
  if (gpus.empty())
    return {Severity::note, "none that NVML shows: engines started here run on the CPU, and say nothing of a GPU's speed",
            "on a GPU machine: install NVIDIA's driver, or start the container with it (docker run --gpus all); a server elsewhere is measured by its url"};
  std::vector<std::string> each;
  each.reserve(gpus.size());
  for (const GpuState& gpu : gpus) each.push_back(describe(gpu));
  std::string found = fmt::format("{}", fmt::join(each, "; "));
  if (std::ranges::any_of(gpus, slowed)) return {Severity::invalid, found + "; slowed down for heat or hardware", "no trial counts while it is: cool the card, check its power cable and supply, or lower its limit (nvidia-smi -pl)"};
  if (std::ranges::any_of(gpus, is_used)) return {Severity::note, std::move(found), "someone uses a card's memory already (nvidia-smi names who, where this does not): a server that runs already, or a neighbour who disturbs"};
  return {Severity::fine, std::move(found)};
}

Judgement rule_files(const Diagnosis& d) {
  const OpenFileLimit& limit = d.machine.files;
  const std::uint64_t streams = streams_allowed(limit);
  std::string found = fmt::format("{} open files, which we may raise to {}: {} streams at once", limit.soft, limit.hard, streams);
  if (streams >= kManyStreams) return {Severity::fine, std::move(found)};
  return {streams >= kUsualStreams ? Severity::note : Severity::warning, std::move(found), more_files_remedy(limit, kManyStreams)};
}

Judgement rule_ports(const Diagnosis& d) {
  const PortFacts& p = d.machine.ports;
  if (!p.none_free.empty()) return {Severity::invalid, p.none_free, "no server can listen: end what holds the ports (`ss -ltn` shows them)"};
  const bool told = p.first && p.last;
  std::string found = told ? fmt::format("{} to {} for connections", *p.first, *p.last) : std::string("their range is not told");
  found += p.taken.empty() ? "; 8000, 8080 and 30000 are free" : fmt::format("; in use: {}", fmt::join(p.taken, ", "));
  if (told && *p.last - *p.first < kFewPorts) return {Severity::note, std::move(found), "fewer ports than streams end in failed connections: sysctl net.ipv4.ip_local_port_range=\"32768 60999\""};
  return {Severity::fine, std::move(found)};
}

Judgement rule_working_folder(const Diagnosis& d) { return folder(d, "working folder"); }
Judgement rule_cache(const Diagnosis& d) { return folder(d, "cache"); }

Judgement rule_memory(const Diagnosis& d) {
  std::string found = fmt::format("{} of {} are free for a server", gib(d.machine.available_bytes), gib(d.machine.memory_bytes));
  if (static_cast<double>(d.machine.available_bytes) >= 2 * kGiB) return {Severity::fine, std::move(found)};
  return {Severity::warning, std::move(found), "a server that swaps measures the disk: end what holds memory"};
}

Judgement rule_ring(const Diagnosis& d) {
  const RingFacts& ring = d.machine.ring;
  if (ring.available) return {Severity::fine, "io_uring can be had"};
  return {Severity::note, fmt::format("io_uring can't be had: {}", ring.why_not), "not needed: the client waits with epoll; a kernel from 6.0 on, without kernel.io_uring_disabled and outside a sandbox, has it"};
}

}  // namespace qc
