#include "study/warnings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "study/looks.h"
#include "study/words.h"

namespace qc {
namespace {

using Warnings = std::vector<std::string>;

void queueing(const Study& study, const Workload& workload, Warnings& out) {
  const auto slots = study.engine.max_num_seqs;
  for (const int concurrency : workload.concurrency)
    if (slots && concurrency > *slots)
      out.push_back(fmt::format("workload.{}: concurrency {} is above engine.max_num_seqs = {}: {} in the server's queue, which is "
                                "part of the latencies; raise max_num_seqs unless that is wanted",
                                workload.name, concurrency, *slots, concurrency - *slots == 1 ? "1 request waits" : fmt::format("{} requests wait", concurrency - *slots)));
}

void idle_slots(const Workload& workload, Warnings& out) {
  for (const int concurrency : workload.concurrency)
    if (const int idle = workload.idle_slots_at(concurrency))
      out.push_back(fmt::format("workload.{}: {} requests at concurrency {} leave {} slots idle in the second wave, so tok/s there is less than that of {} busy ones; "
                                "min_requests = {} fills them", workload.name, workload.requests_at(concurrency), concurrency, idle, concurrency, 2 * concurrency));
}

void context(const Study& study, const Workload& workload, Warnings& out) {
  const auto most = study.engine.max_model_len;
  const int longest = builtin_prompt_tokens(workload.prompts).longest;
  if (most && longest && longest + workload.max_tokens > *most)
    out.push_back(fmt::format("workload.{}: prompts of {} reach about {} tokens, with max_tokens = {} more than engine.max_model_len = {}: the longest "
                              "may be refused by the server",
                              workload.name, workload.prompts, longest, workload.max_tokens, *most));
}

void not_yet(const Study& study, Warnings& out) {
  if (!study.quality.suites.empty())
    out.push_back(fmt::format("quality.suites: this version does not run benchmark suites yet; {} will be n/a", fmt::join(study.quality.suites, ", ")));
  if (!study.estimate_gpus.empty()) out.push_back("estimate.gpus: this version does not estimate other GPUs yet");
}

bool attached(const Study& study, const Variant& variant) { return study.engine.url || variant.url; }

void without_effect(const Study& study, Warnings& out) {
  const bool all_attached = std::ranges::all_of(study.variants, [&](const Variant& each) { return attached(study, each); });
  if (all_attached && !study.engine.args.empty()) out.push_back("engine.args: not passed to servers that run already");
  for (const Variant& each : study.variants)
    if (attached(study, each) && !each.args.empty()) out.push_back(fmt::format("variant.{}.args: not passed to a server that runs already", each.name));
  if (study.engine.kind == EngineKind::llama && study.engine.gpu_memory_utilization)
    out.push_back("engine.gpu_memory_utilization: has no effect with kind llama");
}

/// What `args` say again that a key of the study says: the last word on the command line wins, and it is theirs.
struct Restated { EngineKind kind; std::string_view flag, key; };
constexpr Restated kRestated[] = {
    {EngineKind::llama, "-c", "max_model_len"},           {EngineKind::llama, "--ctx-size", "max_model_len"},
    {EngineKind::llama, "-np", "max_num_seqs"},           {EngineKind::llama, "--parallel", "max_num_seqs"},
    {EngineKind::vllm, "--max-model-len", "max_model_len"}, {EngineKind::vllm, "--max-num-seqs", "max_num_seqs"},
    {EngineKind::vllm, "--gpu-memory-utilization", "gpu_memory_utilization"},
};

void restated(EngineKind kind, const std::vector<std::string>& args, const std::string& path, Warnings& out) {
  for (const std::string& word : args)
    for (const Restated& each : kRestated)
      if (each.kind == kind && word.substr(0, word.find('=')) == each.flag)
        out.push_back(fmt::format("{}: {} sets for the server what engine.{} sets for the study: use the key, or what the server runs will not be what was planned", path, word, each.key));
}

void outlives_us(const Study& study, Warnings& out) {
  if (study.engine.connect)
    out.push_back(fmt::format("engine.connect: a server at {} is ended {}; if quantcase itself is killed (kill -9, power), it stays up and must be ended by hand", *study.engine.connect,
                              study.engine.stop.empty() ? "with the command that started it" : "by engine.stop"));
}

/// Variables that we read as well as the server.
struct Shared { std::string_view name, what; };
constexpr Shared kShared[] = {
    {"CUDA_VISIBLE_DEVICES", "memory and power are read of the first card that quantcase sees"},
    {"HF_HOME", "the checkpoint's files are looked for in the cache that quantcase sees"},
    {"HF_HUB_CACHE", "the checkpoint's files are looked for in the cache that quantcase sees"},
};

void for_us_too(const Study& study, Warnings& out) {
  for (const auto& [name, what] : kShared) {
    const auto given = study.engine.env.find(std::string(name));
    const char* ours = std::getenv(std::string(name).c_str());
    if (given != study.engine.env.end() && (ours == nullptr || given->second != ours))
      out.push_back(fmt::format("engine.env.{}: is set for the server alone, and {}: `export {}={}` before it instead", name, what, name, given->second));
  }
}

/// What the first word of `engine.command` starts in a container or on another machine has an environment of its own; `-e NAME` hands a value on.
void stays_here(const Study& study, Warnings& out) {
  constexpr std::string_view kContainers[] = {"docker", "podman", "nerdctl", "kubectl"};
  const auto& command = study.engine.command;
  const std::string first = command.empty() ? "" : std::filesystem::path(command.front()).filename().string();
  const bool container = std::ranges::find(kContainers, first) != std::end(kContainers);
  if (!container && first != "ssh") return;
  for (const auto& [name, value] : study.engine.env)
    if (std::ranges::find(command, name) == command.end())
      out.push_back(fmt::format("engine.env.{}: reaches {} alone, not the server that it starts: put `{}{}=VALUE` into engine.command", name, first, container ? "-e " : "env ", name));
}

void same_server(const Study& study, Warnings& out) {
  const auto url = [&](const Variant& each) { return each.url ? each.url : study.engine.url; };
  const Variant& baseline = study.baseline();
  if (study.engine.kind == EngineKind::llama)
    for (auto each = study.variants.begin(); each != study.variants.end(); ++each)
      if (const auto other = std::find_if(study.variants.begin(), each, [&](const Variant& x) { return url(x) && url(x) == url(*each) && x.model != each->model; }); other != each)
        out.push_back(fmt::format("variant.{}.url: the same as that of {}, whose model is another: a llama-server answers every name with the one model that it loaded, "
                                  "and then one model is compared with itself; start a server for each", each->name, other->name));
  for (const Variant& each : study.variants)
    if (&each != &baseline && !url(each) && !url(baseline) && each.model == baseline.model && each.args == baseline.args)
      out.push_back(fmt::format("variant.{}: the same model and args as the baseline {}: this compares a model with itself", each.name, baseline.name));
  for (const Variant& each : study.variants)
    if (&each != &baseline && url(each) && url(each) == url(baseline) && each.model == baseline.model)
      out.push_back(fmt::format("variant.{}: the same url and model as the baseline {}: this compares a server with itself", each.name, baseline.name));
}

}  // namespace

std::vector<std::string> warnings_of(const Study& study) {
  Warnings out;
  if (study.blocks < 2) out.push_back("study.blocks: one block leaves every difference without an interval; 2 or more have one");
  if (study.sequential && most_looks(study) < 2) out.push_back("study.sequential: with two blocks there is no look before the end; set study.blocks to the most that are worth their time, such as 8");
  if (study.time_budget_minutes && study.blocks != Study{}.blocks && study.blocks < most_blocks(study))
    out.push_back(fmt::format("study.blocks: {} has no effect beside time_budget_minutes: two blocks of everything are run, and then more while time is left", study.blocks));
  for (const Workload& workload : study.workloads) {
    idle_slots(workload, out);
    queueing(study, workload, out);
    context(study, workload, out);
  }
  not_yet(study, out);
  without_effect(study, out);
  restated(study.engine.kind, study.engine.args, "engine.args", out);
  for (const Variant& each : study.variants) restated(study.engine.kind, each.args, fmt::format("variant.{}.args", each.name), out);
  outlives_us(study, out);
  stays_here(study, out);
  for_us_too(study, out);
  same_server(study, out);
  return out;
}

}  // namespace qc
