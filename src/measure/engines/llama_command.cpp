#include "measure/engines/llama_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "core/files.h"
#include "core/text.h"
#include "measure/engines/engine.h"
#include "measure/engines/gguf_facts.h"

namespace qc {
namespace {

constexpr int kMostDefaultContext = 4096, kLeastDefaultContext = 512;

int highest_concurrency(const Study& study) {
  int highest = 1;
  for (const auto& workload : study.workloads)
    for (const int concurrency : workload.concurrency) highest = std::max(highest, concurrency);
  return highest;
}

/// One value for all variants, or the comparison would not be between equals.
int default_context(const Study& study, int slots, std::int64_t memory_bytes) {
  std::int64_t context = kMostDefaultContext, kv_per_token = 0;
  for (const auto& variant : study.variants) {
    if (!variant.local) continue;
    const auto model = read_gguf_model(variant.model);
    if (!model) continue;  // the server itself will say what is wrong with the file
    context = std::min<std::int64_t>(context, trained_context(model->header).value_or(kMostDefaultContext));
    kv_per_token = std::max(kv_per_token, kv_bytes_per_token(model->header).value_or(0));
  }
  while (context / 2 >= kLeastDefaultContext && kv_per_token * context * slots > memory_bytes / 4) context /= 2;
  return static_cast<int>(context);
}

}  // namespace

LlamaSettings llama_settings(const Study& study, const HostInfo& host) {
  LlamaSettings settings;
  settings.slots = study.engine.max_num_seqs.value_or(highest_concurrency(study));
  settings.context = study.engine.max_model_len ? *study.engine.max_model_len : default_context(study, settings.slots, host.memory_bytes);
  settings.threads = study.engine.connect ? 0 : host.physical_cores;
  return settings;
}

std::string llama_alias(const Study& study, const Variant& variant) {
  std::string alias = slug(variant.name);  // a comma would make two names of one
  for (const auto* args : {&study.engine.args, &variant.args})
    for (std::size_t i = 0; i + 1 < args->size(); ++i)
      if ((*args)[i] == "-a" || (*args)[i] == "--alias") alias = (*args)[i + 1];
  return alias;
}

std::vector<std::string> llama_words(std::vector<std::string> program, const Study& study, const Variant& variant,
                                     const LlamaSettings& settings, const Listen& listen) {
  auto words = std::move(program);
  const auto add = [&](std::initializer_list<std::string> more) { words.insert(words.end(), more); };
  add({variant.local || variant.model.ends_with(".gguf") ? "-m" : "-hf", variant.model, "--alias", slug(variant.name)});
  add({"--host", listen.host, "--port", listen.port});
  add({"-np", std::to_string(settings.slots), "-c", std::to_string(settings.slots * settings.context)});
  if (settings.threads > 0) add({"-t", std::to_string(settings.threads)});
  // Each slot keeps a part of the cache to itself: with one pool for all, a full pool ends every stream with an error.
  add({"--no-kv-unified", "--no-context-shift"});
  // Nothing is kept between requests, so that every prompt is computed for every variant.
  add({"--cache-ram", "0"});
  // Level 4 logs tensor types and buffer sizes; with fitting on they would come twice, and a variant might get other settings.
  add({"-lv", "4", "-fit", "off", "--metrics", "--no-ui"});
  words.insert(words.end(), study.engine.args.begin(), study.engine.args.end());
  words.insert(words.end(), variant.args.begin(), variant.args.end());
  return words;
}

Result<std::vector<std::string>> llama_server_command(const EngineSpec& engine) {
  if (!engine.command.empty()) return engine.command;
  const auto ours = cache_dir() / "llama" / "current" / "bin" / "llama-server";
  for (const std::string& name : {ours.string(), std::string("llama-server")})
    if (const auto found = find_program(name)) return std::vector{found->string()};
  return fail(Fault::engine, fmt::format("there is no llama-server: not at {} and not in PATH; `make deps build` makes ours, or name yours with "
                                         "`command = [\"/path/to/llama-server\"]` under [engine]", ours.string()));
}

}  // namespace qc
