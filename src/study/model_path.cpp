#include "study/model_path.h"

#include <algorithm>
#include <array>

#include "study/words.h"

namespace qc {
namespace {

/// Programs whose child sees another file system than ours.
constexpr std::array<std::string_view, 12> kElsewhere = {"ssh", "docker", "podman", "nerdctl", "kubectl", "srun", "singularity", "apptainer",
                                                         "enroot", "mpirun", "mpiexec", "oc"};

std::string_view program_of(std::string_view word) { return word.substr(word.rfind('/') + 1); }

}  // namespace

bool is_local_path(std::string_view model) {
  return !model.empty() && (std::string_view("/.~$").find(model[0]) != std::string_view::npos || model.ends_with(".gguf"));
}

bool runs_here(const EngineSpec& engine, const Variant& variant) {
  if (variant.url || engine.url || engine.connect || engine.kind == EngineKind::openai) return false;
  return engine.command.empty() || std::ranges::find(kElsewhere, program_of(engine.command[0])) == kElsewhere.end();
}

bool is_prompt_file(const std::string& prompts) {
  return std::ranges::find(prompt_set_words(), prompts) == prompt_set_words().end() && !prompts.starts_with("random:");
}

}  // namespace qc
