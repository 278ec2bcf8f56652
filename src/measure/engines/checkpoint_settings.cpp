#include "measure/engines/checkpoint_settings.h"

#include <fmt/format.h>

namespace qc {
namespace {

std::string whole(const std::optional<std::int64_t>& n) { return n ? std::to_string(*n) : ""; }

std::string print_of(const std::optional<std::string>& sha256) { return sha256 ? sha256->substr(0, 12) : "none"; }

void add_shape(const ModelConfig& c, const std::string& source, SettingList& settings) {
  settings.add("architecture", fmt::format("{}", fmt::join(c.architectures, ", ")), source);
  settings.add("hidden_size", whole(c.hidden_size), source);
  settings.add("layers", whole(c.layers), source);
  settings.add("attention_heads", whole(c.heads), source);
  settings.add("kv_heads", whole(c.kv_heads), source);
  settings.add("intermediate_size", whole(c.intermediate_size), source);
  settings.add("vocabulary", whole(c.vocab_size), source);
}

void add_quantization(const Checkpoint& checkpoint, const std::string& source, SettingList& settings) {
  settings.add("weight_format", checkpoint.format, source);
  const auto& quantization = checkpoint.config.quantization;
  settings.add("checkpoint_kv_cache", quantization && quantization->kv_cache ? fmt::format("{} bits {}", quantization->kv_cache->bits.value_or(0), quantization->kv_cache->type) : "none", source);
  if (!quantization) return;
  const Quantization& q = *quantization;
  if (const auto bits = q.weight_bits()) settings.add("weight_bits", std::to_string(*bits), source);
  if (!q.groups.empty() && q.groups.front().weights.group_size) settings.add("group_size", std::to_string(*q.groups.front().weights.group_size), source);
  if (q.desc_act) settings.add("act_order", *q.desc_act ? "on" : "off", source);
}

}  // namespace

void add_checkpoint_settings(const Checkpoint& checkpoint, const std::string& where, SettingList& settings) {
  const auto from = [&](const char* file) { return file + where; };
  add_shape(checkpoint.config, from("config.json"), settings);
  add_quantization(checkpoint, from("config.json"), settings);
  if (checkpoint.facts) settings.add("tensor_types", checkpoint.facts->mix, from("tensor headers"));
  if (checkpoint.facts && checkpoint.facts->bits_per_weight) settings.add("bits_per_weight", fmt::format("{:.2f}", *checkpoint.facts->bits_per_weight), from("tensor headers"));
  if (checkpoint.tokenizer_sha256) settings.add("tokenizer", print_of(checkpoint.tokenizer_sha256), from("tokenizer.json"));
  settings.add("chat_template", print_of(checkpoint.template_sha256), from("tokenizer_config.json"));
  settings.add("generation_config", checkpoint.generation.empty() ? "none" : checkpoint.generation, from("generation_config.json"));
}

}  // namespace qc
