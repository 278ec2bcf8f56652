#include "measure/engines/vllm_command.h"

#include <fmt/format.h>

#include <filesystem>

#include "core/files.h"
#include "core/text.h"
#include "measure/engines/engine.h"

namespace qc {
Result<std::vector<std::string>> vllm_command(const EngineSpec& engine) {
  if (!engine.command.empty()) return engine.command;
  if (find_program("vllm")) return std::vector<std::string>{"vllm"};
  return fail(Fault::engine, "there is no `vllm` in PATH: activate the environment that it is installed in, or name it with `command = [\"/path/to/venv/bin/vllm\"]` "
                             "under [engine]; `pip install vllm` installs it. A server that runs already is attached to with `url`");
}

std::vector<std::string> vllm_words(std::vector<std::string> program, const Study& study, const Variant& variant, const Listen& listen, bool can_sleep) {
  const EngineSpec& engine = study.engine;
  auto words = std::move(program);
  const bool by_ssh = !words.empty() && std::filesystem::path(words.front()).filename() == "ssh";
  const std::size_t given = words.size();
  const auto add = [&](std::initializer_list<std::string> more) { words.insert(words.end(), more); };
  add({"serve", variant.model, "--served-model-name", slug(variant.name), "--host", listen.host, "--port", listen.port});
  if (engine.max_model_len) add({"--max-model-len", std::to_string(*engine.max_model_len)});
  if (engine.max_num_seqs) add({"--max-num-seqs", std::to_string(*engine.max_num_seqs)});
  if (engine.gpu_memory_utilization) add({"--gpu-memory-utilization", fmt::format("{:g}", *engine.gpu_memory_utilization)});
  add({"--no-enable-prefix-caching"});
  if (can_sleep) add({"--enable-sleep-mode"});
  words.insert(words.end(), engine.args.begin(), engine.args.end());
  words.insert(words.end(), variant.args.begin(), variant.args.end());
  if (by_ssh)                                                // the shell at the other end takes them apart once more
    for (std::size_t i = given; i < words.size(); ++i) words[i] = shell_quoted(std::vector<std::string>{words[i]});
  return words;
}

std::string vllm_alias(const Study& study, const Variant& variant) {
  std::string alias = slug(variant.name);
  for (const auto* args : {&study.engine.args, &variant.args})
    for (std::size_t i = 0; i < args->size(); ++i) {
      constexpr std::string_view flag = "--served-model-name";
      const std::string& word = (*args)[i];
      if (word == flag && i + 1 < args->size()) alias = (*args)[i + 1];
      else if (word.starts_with(std::string(flag) + "=")) alias = word.substr(flag.size() + 1);
    }
  return alias;
}

}  // namespace qc
