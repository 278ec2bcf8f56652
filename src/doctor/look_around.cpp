#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "core/files.h"
#include "core/host.h"
#include "core/version.h"
#include "doctor/probes.h"
#include "measure/engines/engine.h"
#include "measure/telemetry/gpu_watch.h"

namespace qc {
namespace {
namespace fs = std::filesystem;

EngineProgram program_of(const std::string& name, const Result<std::vector<std::string>>& words) {
  if (!words) return {name, std::nullopt, words.error().message};
  return {name, words->front(), ""};
}

std::vector<GpuState> gpus() {
  std::vector<GpuState> out;
  for (const GpuInfo& each : list_gpus()) out.push_back({each, {}, gpu_processes(each.index)});
  GpuWatch watch;
  watch.begin();
  for (const GpuSample& sample : watch.end())
    if (const auto at = std::ranges::find_if(out, [&](const GpuState& gpu) { return gpu.card.index == static_cast<unsigned>(sample.device); }); at != out.end()) at->now = sample;
  return out;
}

}  // namespace

FolderRoom probe_folder(std::string what, const std::string& path) {
  std::error_code error;
  fs::path there = fs::absolute(path, error);
  while (there.has_relative_path() && !fs::exists(there, error)) there = there.parent_path();
  FolderRoom out{std::move(what), path, std::nullopt, access(there.c_str(), W_OK) == 0};
  const fs::space_info space = fs::space(there, error);
  if (!error) out.free_bytes = static_cast<std::int64_t>(space.available);
  return out;
}

MachineFacts look_around() {
  MachineFacts out;
  const HostInfo host = host_info();
  out.os = host.os, out.kernel = host.kernel, out.cpu_model = host.cpu_model;
  out.build_type = program_version().build_type;
  out.memory_bytes = host.memory_bytes, out.available_bytes = available_memory_bytes();
  out.engines = {program_of("llama", llama_server_command(EngineSpec{})), program_of("vllm", vllm_command(EngineSpec{}))};
  out.gpus = gpus();
  out.clock = probe_clock();
  out.cpu = probe_cpu();
  out.on_battery = probe_battery();
  out.ports = probe_ports();
  out.files = open_file_limit();
  out.folders = {probe_folder("working folder", "."), probe_folder("cache", cache_dir().string())};
  out.stamps = probe_stamps();
  out.ring = probe_ring();
  return out;
}

}  // namespace qc
