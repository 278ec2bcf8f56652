#include "measure/engines/variant_proof.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/files.h"
#include "core/text.h"
#include "gguf/tokenizer_keys.h"
#include "measure/engines/checkpoint_settings.h"
#include "measure/engines/gguf_facts.h"
#include "measure/engines/llama_proof.h"
#include "measure/engines/vllm_proof.h"
#include "study/model_path.h"

namespace qc {
namespace {

void add_server(const VariantFacts& facts, SettingList& settings) {
  settings.add("engine", facts.server, "its answers");
  settings.add("engine_version", facts.server_version, facts.server == "vLLM" ? "/version" : facts.server == "llama-server" ? "/props" : "its answers");
  settings.add_unknown("engine_version", "the server does not tell it");
}

void add_gguf(const GgufModel& model, SettingList& settings) {
  add_gguf_settings(model.header, settings);
  if (const auto print = gguf_tokenizer_sha256(model.files.front())) settings.add("tokenizer", print->substr(0, 12), "GGUF keys");
}

bool is_given(const Study& study, const Variant& variant, std::string_view flag) {
  const auto begins = [&](const std::string& word) { return word.starts_with(flag); };
  return std::ranges::any_of(study.engine.args, begins) || std::ranges::any_of(variant.args, begins);
}

/// What an argument puts in the place of a file's text is not the file's to say.
constexpr std::pair<std::string_view, std::string_view> kInPlaceOf[] = {{"--chat-template", "chat_template"}, {"--tokenizer", "tokenizer"}, {"--generation-config", "generation_config"}};

/// Empty where the variant's files are not here or can't be read: the launch will say why.
VariantFacts facts_of_files(const Study& study, const Variant& variant) {
  VariantFacts facts;
  facts.variant = variant.name, facts.model = variant.model;
  SettingList settings;
  const bool llama = study.engine.kind == EngineKind::llama, here = runs_here(study.engine, variant) && !variant.url && !study.engine.url;
  if (here && llama && variant.local) {
    if (const auto model = read_gguf_model(variant.model)) {
      add_gguf(*model, settings);
      if (const auto text = model->header.text("tokenizer.chat_template")) settings.add("chat_template", sha256(*text).substr(0, 12), "GGUF keys");
    }
  } else if (const auto folder = here && study.engine.kind == EngineKind::vllm ? checkpoint_folder(variant) : std::nullopt) {
    if (const auto checkpoint = read_checkpoint(*folder)) {
      add_checkpoint_settings(*checkpoint, "", settings);
      if (checkpoint->contradiction) facts.identity = {IdentityVerdict::contradicted, *checkpoint->contradiction};
    }
  }
  facts.proof = settings.take();
  for (const auto& [flag, setting] : kInPlaceOf)
    if (is_given(study, variant, flag)) std::erase_if(facts.proof, [&name = setting](const ProvenSetting& s) { return s.name == name; });
  return facts;
}

/// A variant's own arguments without the one that is compared by its name.
std::vector<std::string> other_arguments(const Variant& variant) {
  std::vector<std::string> others;
  for (std::size_t i = 0; i < variant.args.size(); ++i) {
    const std::string& word = variant.args[i];
    if (word == "--quantization" || word == "-q") ++i;   // its value goes with it
    else if (!word.starts_with("--quantization=")) others.push_back(word);
  }
  return others;
}

void add_model(const VariantFacts& facts, const Variant& variant, SettingList& settings) {
  settings.add("model", facts.model, "study");
  const auto others = facts.server == "vLLM" ? other_arguments(variant) : variant.args;
  settings.add("variant_arguments", facts.command.empty() ? "" : others.empty() ? "none" : shell_quoted(others), "study");
}

}  // namespace

void prove_llama(VariantFacts& facts, const Variant& variant, const Endpoint& server) {
  SettingList settings;
  add_server(facts, settings);
  const auto props = ask_props(server);
  add_llama_settings(facts, props ? &*props : nullptr, settings);
  const bool ours = !facts.command.empty();
  const auto model = ours && variant.local ? read_gguf_model(variant.model) : Result<GgufModel>(fail(Fault::usage, ""));
  if (model) {
    add_gguf(*model, settings);
  } else {
    settings.add("weight_format", facts.method == "unknown" ? "" : facts.method, "/props");
    for (const auto* name : {"architecture", "hidden_size", "layers", "tokenizer"}) settings.add_unknown(name, "the model's file is not on this machine");
  }
  add_model(facts, variant, settings);
  facts.proof = settings.take();
  facts.identity = llama_identity(facts, variant.expect);
}

void prove_vllm(VariantFacts& facts, const Variant& variant, const Endpoint& server, VllmTexts texts) {
  std::optional<Checkpoint> checkpoint;
  if (const auto folder = checkpoint_folder(variant))
    if (auto read = read_checkpoint(*folder)) checkpoint = std::move(*read);
  texts.server_info = ask_server_info(server).value_or(""), texts.metrics = ask_metrics(server).value_or("");
  prove_vllm(facts, variant, texts, checkpoint);
}

void prove_vllm(VariantFacts& facts, const Variant& variant, const VllmTexts& texts, const std::optional<Checkpoint>& checkpoint) {
  SettingList settings;
  add_server(facts, settings);
  add_vllm_settings(texts, settings);
  settings.add("max_model_len", facts.context_per_request ? std::to_string(*facts.context_per_request) : "", "/v1/models");
  if (value_of(settings.all(), "generation_config_from") == "vllm") settings.add("generation_config", "vLLM's own", "--generation-config");
  if (checkpoint) add_checkpoint_settings(*checkpoint, texts.log.empty() ? fmt::format(" of {} on this machine", variant.model) : "", settings);
  for (const auto* name : {"architecture", "hidden_size", "layers", "tokenizer", "chat_template", "generation_config"})
    settings.add_unknown(name, "the checkpoint's files are not on this machine");
  add_model(facts, variant, settings);
  facts.proof = settings.take();
  facts.identity = vllm_identity(variant, checkpoint, read_vllm_log(texts.log), texts.log.empty() ? FromLog::no : FromLog::yes);
}

std::vector<VariantFacts> facts_of_files(const Study& study) {
  std::vector<VariantFacts> all;
  for (const Variant& variant : study.variants)
    if (auto facts = facts_of_files(study, variant); !facts.proof.empty()) all.push_back(std::move(facts));
  return all;
}

void prove_other(VariantFacts& facts, const Variant& variant) {
  SettingList settings;
  add_server(facts, settings);
  settings.add("max_model_len", facts.context_per_request ? std::to_string(*facts.context_per_request) : "", "its answers");
  settings.add("max_num_seqs", facts.slots ? std::to_string(*facts.slots) : "", "its answers");
  settings.add("kv_cache_tokens", facts.kv_tokens ? std::to_string(*facts.kv_tokens) : "", "its answers");
  settings.add("quantization", facts.method == "unknown" ? "" : facts.method, "its answers");
  for (const auto* name : {"max_model_len", "max_num_seqs", "quantization", "dtype", "prefix_caching", "kv_cache_dtype", "chat_template"})
    settings.add_unknown(name, fmt::format("{} does not tell it to clients", facts.server));
  add_model(facts, variant, settings);
  facts.proof = settings.take();
  facts.identity = {IdentityVerdict::unproved, fmt::format("{} shows neither its log nor its weights", facts.server)};
}

}  // namespace qc
