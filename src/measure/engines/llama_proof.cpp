#include "measure/engines/llama_proof.h"

#include <fmt/format.h>

#include "core/bytes.h"
#include "core/files.h"
#include "measure/engines/gguf_facts.h"

namespace qc {
namespace {

std::string whole(const auto& n) { return n ? std::to_string(*n) : ""; }
std::string gib(const std::optional<std::int64_t>& bytes) { return bytes ? fmt::format("{:.2f}", static_cast<double>(*bytes) / kGiB) : ""; }

bool names_quantization(const std::string& method) { return method.find("GGUF") != std::string::npos || method.starts_with("Q"); }

}  // namespace

void add_gguf_settings(const GgufHeader& header, SettingList& settings) {
  const std::string kind = header.text("general.architecture").value_or("");
  const auto number = [&](const char* setting, const char* key) { settings.add(setting, whole(header.number(kind + "." + key)), "GGUF keys"); };
  settings.add("architecture", kind, "GGUF keys");
  number("hidden_size", "embedding_length"), number("layers", "block_count"), number("attention_heads", "attention.head_count");
  number("kv_heads", "attention.head_count_kv"), number("intermediate_size", "feed_forward_length"), number("vocabulary", "vocab_size");
  if (header.text("quantcase.weights") == "random")   // bench/gpu/make_gguf.py
    settings.add("load_format", "dummy", "GGUF keys"), settings.add("random_weights", "every tensor", "GGUF keys");
  settings.add("weight_format", method_name(header.dominant()), "tensor headers");
  settings.add("tensor_types", header.mix(), "tensor headers");
  settings.add("bits_per_weight", fmt::format("{:.2f}", header.bits_per_weight()), "tensor headers");
}

void add_llama_settings(const VariantFacts& facts, const LlamaProps* props, SettingList& settings) {
  const bool started = !facts.command.empty();
  settings.add("max_model_len", whole(facts.context_per_request), "/props");
  settings.add("max_num_seqs", whole(facts.slots), "/props");
  settings.add("weights_gib", gib(facts.weights_bytes), started ? "log" : "/v1/models");
  settings.add("kv_cache_gib", gib(facts.kv_bytes), "log");
  settings.add("kv_cache_tokens", whole(facts.kv_tokens), "log");
  settings.add("kv_cache_dtype", facts.setting("KV cache type"), "log");
  settings.add("flash_attention", facts.setting("flash attention"), "log");
  settings.add("weight_buffers", facts.setting("weight buffers"), "log");
  settings.add("system.llama", facts.setting("system"), "log");
  settings.add("threads", facts.setting("threads"), "log");
  settings.add("prefix_caching", started ? "off" : "", "every request (cache_prompt: false)");
  settings.add("chat_template", facts.template_sha256.substr(0, 12), "/props");
  if (props != nullptr) {
    settings.add("sampling_defaults", props->sampling, "/props");
    settings.add("speculative", props->speculative, "/props");
  }
  const char* const why = started ? "the log has no line on it" : "only the log tells it, and this server was not started by us";
  for (const auto* name : {"kv_cache_dtype", "flash_attention", "kv_cache_tokens", "weights_gib"}) settings.add_unknown(name, why);
  for (const auto* name : {"max_model_len", "max_num_seqs", "chat_template", "sampling_defaults", "speculative"}) settings.add_unknown(name, "/props does not tell it");
}

Identity llama_identity(const VariantFacts& facts, const std::optional<std::string>& expect) {
  using enum IdentityVerdict;
  const auto bits = facts.bits_per_weight;
  if (facts.command.empty()) {
    // Bytes and parameters are the server's own: they can contradict a 4-bit name, and prove nothing.
    constexpr double kSixteen = 15;
    const bool claims = (expect && expect->starts_with("gguf:Q")) || names_quantization(facts.method);
    if (claims && facts.weights_bytes && facts.parameters && static_cast<double>(*facts.weights_bytes) * 8 / *facts.parameters > kSixteen)
      return {contradicted, fmt::format("it is said to be quantized, but its {:.2f} GiB are {:.1f} bits a weight", static_cast<double>(*facts.weights_bytes) / kGiB,
                                        static_cast<double>(*facts.weights_bytes) * 8 / *facts.parameters)};
    return {unproved, "this server was not started by us: what it says of itself is all there is"};
  }
  if (!facts.file_bytes || !bits) return {unproved, "the model's file is not on this machine"};
  const std::string file = fmt::format("its file holds {} ({:.1f} bits a weight)", facts.tensor_mix.substr(0, facts.tensor_mix.rfind(" (")), *bits);
  if (!facts.weights_bytes) return {unproved, file + ", but the log does not say how much was loaded"};
  // Formats differ by a quarter at least; layouts for the CPU pad by a few per cent, and a mapped file beside them can double it.
  constexpr double kLeast = 0.8;
  const double loaded = static_cast<double>(*facts.weights_bytes + facts.host_weights_bytes.value_or(0));
  if (loaded < kLeast * static_cast<double>(*facts.file_bytes))
    return {contradicted, fmt::format("{}, {:.2f} GiB, but the server loaded {:.2f} GiB", file, static_cast<double>(*facts.file_bytes) / kGiB, loaded / kGiB)};
  return {proved, fmt::format("{}, and {:.2f} GiB were loaded{}", file, loaded / kGiB, facts.keeps_second_copy() ? ", some of it twice: once more in a layout that its kernels read faster" : "")};
}

}  // namespace qc
