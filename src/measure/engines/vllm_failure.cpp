// Where a starting vLLM is, and why it failed: the cause often stands far above the last lines.
#include <algorithm>

#include "core/text.h"
#include "measure/engines/vllm_log.h"

namespace qc {
namespace {

using View = std::string_view;

struct Phase { View mark, words; };
// In the order of a start; the last one found counts.
constexpr Phase kPhases[] = {
    {"non-default args", "importing and checking the configuration"},
    {"LLM engine (v", "starting the engine"},
    {"Starting to load model", "loading the weights"},
    {"Loading model from scratch", "loading the weights"},
    {"Loading safetensors", "loading the weights"},
    {"Model loading took", "profiling memory"},
    {"torch.compile", "compiling"},
    {"KV cache size", "setting up the KV cache"},
    {"Capturing", "capturing graphs"},
    {"Graph capturing finished", "warming up"},
    {"Starting vLLM", "opening its port"},
};

/// "(EngineCore pid=2510) ERROR 11-23 16:46:21 [core.py:1231] ValueError: No ..." -> "ValueError: No ..."; in a container processes stand
/// one behind the other, "(APIServer pid=1) (EngineCore_DP0 pid=222) (Worker_TP0 pid=228) ERROR ...".
View without_prefix(View line) {
  while (line.starts_with('(')) {
    const auto end = line.find(") ");
    if (end == View::npos) break;
    line = trim(line.substr(end + 2));
  }
  for (const View level : {"ERROR ", "CRITICAL "})
    if (line.starts_with(level))
      if (const auto end = line.find("] "); end != View::npos) line = trim(line.substr(end + 2));
  return line;
}

bool has_any(View text, std::initializer_list<View> marks) {
  return std::ranges::any_of(marks, [&](View mark) { return text.find(mark) != View::npos; });
}

/// "ValueError: ...", "torch.OutOfMemoryError: ...", "pynvml.NVMLError_InvalidArgument: ...", "Value error, ...", "main.py serve: error: ...";
/// a kernel library's own "CUDA error (file.h:199): ...", after which it ends the process without an exception; the hub's own sentence on a model that it does not give.
bool names_a_cause(View line) {
  if (line.starts_with("Value error, ") || line.starts_with("CUDA error (") || line.starts_with("Access to model ") || line.find(": error: ") != View::npos) return true;
  const auto colon = line.find(": ");
  if (colon == View::npos || line.substr(0, colon).find_first_of(" (\"'") != View::npos) return false;
  const View name = line.substr(0, colon);
  return name.ends_with("Error") || name.ends_with("Exception") || name.ends_with("Exit") || name.find("Error_") != View::npos;
}

/// An answer to one request, after which the server lives on: we ask each server whether it has a chat template.
bool is_of_a_request(View line) { return line.find("ChatTemplateResolutionError") != View::npos; }

/// What only says that something else has failed. 710 is the code of an assert that stopped a kernel before.
bool follows_from_another(View line) {
  return has_any(line, {"Engine core initialization failed", "Engine process failed to start", "EngineCore encountered an issue", "validation error for", "failed to be inspected",
                        "Error raised in subprocess", "WorkerProc initialization failed", "subprocess.CalledProcessError", "Failed to initialize the TMA descriptor 710"});
}

}  // namespace

std::string vllm_phase(View log) {
  // In eager mode "disabling torch.compile" is all that is said of it.
  const bool eager = log.find("enforce_eager=True") != View::npos || log.find("Enforce eager set") != View::npos;
  std::string words;
  for (const Phase& phase : kPhases)
    if (log.find(phase.mark) != View::npos && !(eager && phase.mark == "torch.compile")) words = std::string(phase.words);
  return words;
}

VllmReach vllm_reach(View log) {
  if (log.find("Application startup complete") != View::npos) return VllmReach::ready;
  return has_any(log, {"to load model", "Loading model from scratch", "Loading safetensors", "Model loading took"}) ? VllmReach::weights : VllmReach::before_weights;
}

bool vllm_engine_died(View log) { return log.find("EngineDeadError: ") != View::npos; }

std::vector<std::string> vllm_causes(View log) {
  constexpr std::size_t kMost = 3;
  std::vector<std::string> causes, followers;
  for (const auto& raw : split(log, '\n')) {
    const View line = without_prefix(trim(raw));
    if (!names_a_cause(line) || is_of_a_request(line)) continue;
    auto& into = follows_from_another(line) ? followers : causes;
    if (std::ranges::find(into, line) == into.end()) into.emplace_back(line);
  }
  if (causes.empty()) causes = std::move(followers);
  // The last exception is the one that ended it; those before it were raised on the way.
  std::ranges::reverse(causes);
  causes.resize(std::min(causes.size(), kMost));
  return causes;
}

}  // namespace qc
