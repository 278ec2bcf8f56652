#include "measure/engines/llama_facts.h"

#include <fmt/format.h>

#include "core/files.h"
#include "core/text.h"
#include "measure/engines/gguf_facts.h"
#include "measure/engines/llama_log.h"
#include "measure/engines/variant_proof.h"

namespace qc {
namespace {

/// "v0.5.0" of a build that we made: its folder holds a list of what it was made from.
std::optional<std::string> cached_build(const std::vector<std::string>& program, std::string_view key) {
  const auto file = std::filesystem::path(program.front()).parent_path().parent_path() / "build.txt";
  const auto text = read_file(file);
  if (!text) return std::nullopt;
  for (const auto& line : split(*text, '\n'))
    if (line.starts_with(std::string(key) + "=")) return line.substr(key.size() + 1);
  return std::nullopt;
}

void add_log(const LlamaLog& log, VariantFacts& facts) {
  facts.weights_bytes = log.weights_bytes;
  facts.kv_bytes = log.kv_bytes;
  facts.kv_tokens = log.kv_tokens;
  facts.other_bytes = log.other_bytes, facts.activation_bytes = log.compute_bytes, facts.host_weights_bytes = log.host_weights_bytes;
  facts.add_setting("weight buffers", log.buffers);
  facts.add_setting("KV cache type", log.kv_type);
  facts.add_setting("flash attention", log.flash_attention);
  facts.add_setting("system", log.system_info);
  facts.add_setting("threads", log.threads);   // not as we gave them: `args` may have another -t
  if (!log.weights_bytes) facts.unknown.push_back("size of the weights in memory: the server's log has no line on it");
  if (!log.kv_tokens) facts.unknown.push_back("size of the KV cache: the server's log has no line on it");
}

void add_files(const Variant& variant, VariantFacts& facts) {
  if (!variant.local) {
    facts.unknown.push_back("file size, tensor types and sha256: the model's file is not on this machine");
    return;
  }
  const auto model = read_gguf_model(variant.model);
  if (model) add_gguf_facts(*model, facts);
  else facts.unknown.push_back("tensor types: " + model.error().message);
}

void add_build(const std::vector<std::string>& program, VariantFacts& facts) {
  const auto release = cached_build(program, "release");
  if (!release) return;
  facts.server_version = facts.server_version.empty() ? *release : fmt::format("{} ({})", *release, facts.server_version);
  const std::string route = cached_build(program, "route").value_or("");
  const bool quick = route == "quick";
  facts.add_setting("llama.cpp build", quick ? "quick: the published program, its CPU kernels compiled here" : route);
  facts.add_setting(quick ? "compiler of the CPU kernels" : "llama.cpp compiler", cached_build(program, "compiler").value_or(""));
}

/// Fewer slots would queue requests that were meant to run at once; a shorter context would cut answers off.
Status got_what_was_asked(const VariantFacts& facts, const LlamaSettings& asked) {
  if (facts.slots && *facts.slots < asked.slots)
    return fail(Fault::engine, fmt::format("the server of {} runs {} requests at once, not the {} it was asked for: set `max_num_seqs = {}` under [engine], and no -np in `args`",
                                           facts.variant, *facts.slots, asked.slots, *facts.slots));
  if (facts.context_per_request && *facts.context_per_request < asked.context)
    return fail(Fault::engine, fmt::format("the server of {} gives a request {} tokens, not the {} it was asked for{}: set `max_model_len = {}` under [engine], and no -c in `args`",
                                           facts.variant, *facts.context_per_request, asked.context,
                                           facts.model_context ? fmt::format(" (the model was trained for {})", *facts.model_context) : "", *facts.context_per_request));
  return ok();
}

}  // namespace

void add_props(const LlamaProps& props, EngineParts& parts) {
  parts.facts.server = "llama-server";
  parts.facts.server_version = props.build;
  parts.facts.slots = props.slots;
  parts.facts.context_per_request = props.context;
  parts.default_endpoint = props.chat_template.empty() ? EndpointKind::completions : EndpointKind::chat;
  if (!props.chat_template.empty()) parts.facts.template_sha256 = sha256(props.chat_template);
}

Status describe_llama(EngineParts& parts, const Variant& variant, const LlamaSettings& asked, const std::vector<std::string>& program,
                      const std::string& log) {
  auto& facts = parts.facts;
  facts.server = "llama-server";
  facts.method = "unknown";
  if (const auto props = ask_props(parts.endpoint)) add_props(*props, parts);
  else facts.unknown.push_back("slots, context and chat template: the server does not answer /props");
  add_build(program, facts);
  add_files(variant, facts);
  add_log(read_llama_log(log), facts);
  facts.add_setting("prompt cache", "off");
  if (parts.started && parts.started->may_outlive_us())
    facts.unknown.push_back("whether the server ends with us: it is started elsewhere, and there is no `stop` command under [engine]");
  prove_llama(facts, variant, parts.endpoint);
  return got_what_was_asked(facts, asked);
}

}  // namespace qc
