#include "checkpoint/format_word.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace qc {
namespace {

constexpr const char* kUnknown = "unknown";

/// A type of unquantized numbers by its names in config.json and in safetensors.
struct PlainWord { std::string_view config, stored, word; };
constexpr PlainWord kPlain[] = {{"bfloat16", "BF16", "bf16"}, {"float16", "F16", "fp16"}, {"float32", "F32", "fp32"}};

std::string plain_word(std::string_view name) {
  for (const PlainWord& plain : kPlain)
    if (name == plain.config || name == plain.stored) return std::string(plain.word);
  return kUnknown;
}

/// The kinds of tensors that a word can be stored as.
struct StoredAs { std::string_view word, kind; };
constexpr StoredAs kStoredAs[] = {{"awq", "I32 packed"}, {"gptq", "I32 packed"}, {"w4a16", "I32 packed"}, {"w8a16", "I32 packed"}, {"w8a16", "I8"},
                                  {"w8a16", "F8_E4M3"}, {"w8a8_int8", "I8"}, {"fp8", "F8_E4M3"}, {"fp8", "F8_E5M2"}};

bool can_be(std::string_view word, std::string_view kind) {
  return std::ranges::any_of(kStoredAs, [&](const StoredAs& row) { return row.word == word && row.kind == kind; });
}

std::string word_of(const QuantizedGroup& group) {
  const NumberFormat& w = group.weights;
  const bool whole = w.type.empty() || w.type == "int";
  if (!group.activations) return w.bits == 4 && whole ? "w4a16" : w.bits == 8 ? "w8a16" : kUnknown;
  if (w.bits != 8 || group.activations->bits != 8 || group.activations->type != w.type) return kUnknown;
  return whole ? "w8a8_int8" : w.type == "float" ? "fp8" : kUnknown;
}

/// "gptq 4 bit", "compressed-tensors int-quantized 8 bit", "fp8 8 bit".
std::string claim_text(const Quantization& q) {
  const auto bits = q.weight_bits();
  return fmt::format("{}{}{}", q.method, q.format.empty() ? "" : " " + q.format, bits ? fmt::format(" {} bit", *bits) : "");
}

FormatFinding unquantized(const Quantization& q, const TensorFacts& tensors) {
  // vLLM reads awq and gptq layers as the files have them and serves on; with the other methods it looks for tensors that are not there.
  const bool served = q.method == "awq" || q.method == "gptq";
  return {plain_word(tensors.plain), fmt::format("config.json says {}, but none of its {} linear weights is quantized: {} {}", claim_text(q),
                                                 tensors.linear, served ? "it would be served as" : "they are", tensors.plain)};
}

}  // namespace

std::string claimed_format(const ModelConfig& config) {
  if (!config.quantization) return config.dtype ? plain_word(*config.dtype) : kUnknown;
  const Quantization& q = *config.quantization;
  if (q.method == "awq" || q.method == "gptq" || q.method == "fp8") return q.method;
  if ((q.method != "compressed-tensors" && q.method != "modelopt") || q.groups.empty()) return kUnknown;
  const std::string word = word_of(q.groups.front());
  return std::ranges::all_of(q.groups, [&](const QuantizedGroup& group) { return word_of(group) == word; }) ? word : kUnknown;
}

FormatFinding find_format(const ModelConfig& config, const std::optional<TensorFacts>& tensors) {
  const std::string claim = claimed_format(config);
  if (!tensors || tensors->linear == 0) return {claim, {}};
  const std::string found = fmt::format("{} of its {} linear weights are {}", tensors->quantized, tensors->linear, fmt::join(tensors->quantized_as, ", "));
  if (!config.quantization) {
    if (tensors->quantized > 0) return {kUnknown, fmt::format("config.json names no quantization, but {}", found)};
    return {claim == kUnknown ? plain_word(tensors->plain) : claim, {}};
  }
  if (claim == kUnknown) return {claim, {}};
  if (tensors->quantized == 0) return unquantized(*config.quantization, *tensors);
  if (!std::ranges::any_of(tensors->quantized_as, [&](const std::string& kind) { return can_be(claim, kind); }))
    return {kUnknown, fmt::format("config.json says {}, but {}", claim_text(*config.quantization), found)};
  return {claim, {}};
}

}  // namespace qc
