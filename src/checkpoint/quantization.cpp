#include "checkpoint/quantization.h"

#include <limits>

namespace qc {
namespace {

std::optional<int> small_at(const SortedJson& object, std::string_view key) {
  const auto value = whole_at(object, key);
  return value && *value > 0 && *value <= std::numeric_limits<int>::max() ? std::optional(static_cast<int>(*value)) : std::nullopt;
}

std::string word_at(const SortedJson& object, std::string_view key) {
  const std::string* text = text_at(object, key);
  return text ? *text : std::string();
}

std::vector<std::string> words_at(const SortedJson& object, std::string_view key) {
  return texts_at(object, key).value_or(std::vector<std::string>{});
}

/// A scheme of compressed-tensors: of weights, input activations or the KV cache.
NumberFormat scheme(const SortedJson& entry) {
  NumberFormat out{.bits = small_at(entry, "num_bits"), .type = word_at(entry, "type"), .strategy = word_at(entry, "strategy"),
                   .group_size = small_at(entry, "group_size"), .block = counts_at(entry, "block_structure").value_or(std::vector<std::uint64_t>{}),
                   .symmetric = truth_at(entry, "symmetric"), .dynamic = truth_at(entry, "dynamic")};
  if (out.strategy.empty() && out.group_size) out.strategy = "group";
  return out;
}

void read_compressed_tensors(const SortedJson& entry, Quantization& out) {
  out.format = word_at(entry, "format");
  out.ignore = words_at(entry, "ignore");
  const SortedJson* groups = member(entry, "config_groups");
  if (!groups || !groups->is_object()) return;
  for (const auto& [name, group] : groups->items()) {
    const SortedJson *weights = member(group, "weights"), *activations = member(group, "input_activations");
    if (!weights) continue;
    out.groups.push_back({words_at(group, "targets"), scheme(*weights), activations ? std::optional(scheme(*activations)) : std::nullopt});
  }
}

/// Integers with one scale a group of inputs; a group_size of -1 is one scale an output channel.
NumberFormat grouped(const SortedJson& entry) {
  NumberFormat out{.bits = small_at(entry, "bits"), .type = "int", .group_size = small_at(entry, "group_size")};
  if (out.group_size) out.strategy = "group";
  else if (whole_at(entry, "group_size") == -1) out.strategy = "channel";
  return out;
}

void read_awq(const SortedJson& entry, Quantization& out) {
  NumberFormat weights = grouped(entry);
  if (const auto zero_point = truth_at(entry, "zero_point")) weights.symmetric = !*zero_point;
  out.groups.push_back({.weights = weights});
  out.ignore = words_at(entry, "modules_to_not_convert");
}

void read_gptq(const SortedJson& entry, Quantization& out) {
  NumberFormat weights = grouped(entry);
  weights.symmetric = truth_at(entry, "sym");
  out.groups.push_back({.weights = weights});
  out.desc_act = truth_at(entry, "desc_act");
}

void read_fp8(const SortedJson& entry, Quantization& out) {
  NumberFormat weights{.bits = 8, .type = "float", .strategy = "tensor", .symmetric = true};
  weights.block = counts_at(entry, "weight_block_size").value_or(std::vector<std::uint64_t>{});
  if (!weights.block.empty()) weights.strategy = "block";
  NumberFormat activations{.bits = 8, .type = "float", .symmetric = true};
  if (const auto scheme = word_at(entry, "activation_scheme"); !scheme.empty()) activations.dynamic = scheme == "dynamic";
  out.groups.push_back({.weights = weights, .activations = activations});
  for (const char* key : {"modules_to_not_convert", "ignored_layers"})
    if (auto layers = words_at(entry, key); !layers.empty()) out.ignore = std::move(layers);
}

void read_bitsandbytes(const SortedJson& entry, Quantization& out) {
  NumberFormat weights;
  if (truth_at(entry, "load_in_4bit").value_or(false)) weights = {.bits = 4, .type = word_at(entry, "bnb_4bit_quant_type")};
  else if (truth_at(entry, "load_in_8bit").value_or(false)) weights = {.bits = 8, .type = "int"};
  out.groups.push_back({.weights = weights});
  out.ignore = words_at(entry, "llm_int8_skip_modules");
}

/// Of NVIDIA's ModelOpt: "FP8" is 8-bit floats for weights and activations; of its other algorithms only the name is known here.
void read_modelopt(const SortedJson& entry, Quantization& out) {
  const NumberFormat fp8{.bits = 8, .type = "float", .strategy = "tensor", .symmetric = true};
  out.format = word_at(entry, "quant_algo");
  if (out.format == "FP8") out.groups.push_back({.weights = fp8, .activations = fp8});
  if (word_at(entry, "kv_cache_quant_algo") == "FP8") out.kv_cache = fp8;
  for (const char* key : {"exclude_modules", "ignore"})
    if (auto layers = words_at(entry, key); !layers.empty()) out.ignore = std::move(layers);
}

struct Reader { std::string_view method; void (*read)(const SortedJson&, Quantization&); };
constexpr Reader kReaders[] = {
    {"awq", read_awq}, {"gptq", read_gptq}, {"compressed-tensors", read_compressed_tensors}, {"fp8", read_fp8}, {"bitsandbytes", read_bitsandbytes}, {"modelopt", read_modelopt}};

}  // namespace

Quantization read_quantization(const SortedJson& entry, const std::string& method) {
  Quantization out;
  const std::string* named = text_at(entry, "quant_method");
  out.method = named ? *named : method;
  for (const Reader& reader : kReaders)
    if (reader.method == out.method) reader.read(entry, out);
  if (const SortedJson* kv = member(entry, "kv_cache_scheme"); kv && kv->is_object()) out.kv_cache = scheme(*kv);
  return out;
}

std::optional<int> Quantization::weight_bits() const {
  if (groups.empty()) return std::nullopt;
  for (const QuantizedGroup& group : groups)
    if (group.weights.bits != groups.front().weights.bits) return std::nullopt;
  return groups.front().weights.bits;
}

}  // namespace qc
