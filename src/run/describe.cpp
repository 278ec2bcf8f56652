#include "run/describe.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "core/bytes.h"
#include "core/environment.h"
#include "core/host.h"
#include "core/secrets.h"
#include "core/text.h"
#include "core/time.h"
#include "core/version.h"
#include "measure/telemetry/telemetry.h"

namespace qc {
namespace {

bool is_size(const std::string& word) { return word.size() > 2 && std::isdigit(static_cast<unsigned char>(word[0])) && lower(word).ends_with("gb"); }

std::string long_name(const RunInfo& run) {
  if (!run.gpus.empty()) return run.gpus.front();
  return fmt::format("{} core{} of {} ({}), {:.1f} GiB", run.host_cores, run.host_cores == 1 ? "" : "s", run.host_cpu, run.host_features,
                     static_cast<double>(run.host_memory_bytes) / kGiB);
}

}  // namespace

std::string gpu_short_name(const std::string& name) {
  std::string out;
  for (const auto& word : split(name, ' ')) {
    const std::string w = lower(word);
    if (w == "nvidia" || w == "geforce" || w == "generation" || w == "gpu" || w == "tesla") continue;
    if (is_size(word)) break;  // what follows names the memory and the board, not the chip
    for (const char c : w.substr(0, w.find('-')))
      if (std::isalnum(static_cast<unsigned char>(c))) out += c;
    if (w.find('-') != std::string::npos) break;
  }
  return out.empty() ? "gpu" : out;
}

RunInfo describe_run(const Study& study, const std::string& command_line) {
  RunInfo run;
  const Version version = program_version();
  run.program_version = version.number, run.git_id = version.git_id, run.build_type = version.build_type, run.compiler = version.compiler;
  const HostInfo host = host_info();
  run.host_cpu = host.cpu_model, run.host_features = host.cpu_features, run.host_os = host.os, run.host_kernel = host.kernel;
  run.host_cores = host.cores, run.host_memory_bytes = host.memory_bytes;
  for (const auto& gpu : list_gpus()) {
    run.gpus.push_back(fmt::format("{}, {} MiB, driver {}", gpu.name, gpu.memory_bytes >> 20, gpu.driver));
    if (!run.gpu_memory_bytes) run.gpu_memory_bytes = gpu.memory_bytes, run.hardware_short = gpu_short_name(gpu.name);
  }
  if (run.hardware_short.empty()) run.hardware_short = fmt::format("cpu{}", host.cores);
  if (study.hardware.name) run.hardware_short = slug(lower(*study.hardware.name));
  run.hardware_long = long_name(run);
  run.command = without_secrets(command_line);
  run.environment = serving_environment();
  run.started_utc = utc_now();
  return run;
}

}  // namespace qc
