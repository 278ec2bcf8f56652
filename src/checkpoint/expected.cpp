#include "checkpoint/expected.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

namespace qc {
namespace {

/// Where models of Llama's build differ: biases on q, k and v; a norm on each head of q and k.
struct Build { std::string_view architecture; bool qkv_bias, head_norms; };
constexpr Build kBuilds[] = {
    {"LlamaForCausalLM", false, false}, {"MistralForCausalLM", false, false}, {"Qwen2ForCausalLM", true, false}, {"Qwen3ForCausalLM", false, true}};

constexpr double kScaleBits = 16;
constexpr std::int64_t kMostLayers = 10'000;
constexpr double kMostBytes = 1e15;  // a config that asks for more is nonsense; up to here doubles count bits exactly

/// All sizes known and above zero; doubles, since products of integers that nobody checked would overflow.
struct Shape { double hidden = 0, layers = 0, q = 0, kv = 0, head_dim = 0, intermediate = 0, vocab = 0, plain_bits = 0; };

struct Linear { std::string_view name; double in = 0, out = 0; };

const Build* build_of(const ModelConfig& config) {
  if (config.architectures.size() != 1 || config.attention_bias.value_or(false) || config.mlp_bias.value_or(false)) return nullptr;
  const auto* at = std::ranges::find(kBuilds, config.architectures[0], &Build::architecture);
  return at == std::end(kBuilds) ? nullptr : at;
}

std::optional<double> bits_of(const std::optional<std::string>& dtype) {
  if (dtype == "bfloat16" || dtype == "float16") return 16;
  return dtype == "float32" ? std::optional(32.0) : std::nullopt;
}

std::optional<Shape> shape_of(const ModelConfig& config) {
  const auto heads = config.heads, kv_heads = config.kv_heads ? config.kv_heads : heads;  // absent: every head has its own
  const bool split = config.hidden_size && heads && *heads > 0;
  const auto head_dim = config.head_dim || !split ? config.head_dim : std::optional(*config.hidden_size / *heads);
  const auto plain_bits = bits_of(config.dtype);
  if (!plain_bits || !config.layers || *config.layers < 1 || *config.layers > kMostLayers) return std::nullopt;
  for (const auto& size : {config.hidden_size, heads, kv_heads, head_dim, config.intermediate_size, config.vocab_size})
    if (!size || *size < 1) return std::nullopt;
  const auto real = [](const std::optional<std::int64_t>& size) { return static_cast<double>(*size); };
  return Shape{real(config.hidden_size), real(config.layers), real(heads) * real(head_dim), real(kv_heads) * real(head_dim), real(head_dim),
               real(config.intermediate_size), real(config.vocab_size), *plain_bits};
}

std::vector<Linear> linears_of(const Shape& s) {
  return {{"self_attn.q_proj", s.hidden, s.q}, {"self_attn.k_proj", s.hidden, s.kv}, {"self_attn.v_proj", s.hidden, s.kv}, {"self_attn.o_proj", s.q, s.hidden},
          {"mlp.gate_proj", s.hidden, s.intermediate}, {"mlp.up_proj", s.hidden, s.intermediate}, {"mlp.down_proj", s.intermediate, s.hidden}};
}

/// Scales of one matrix; empty where the format leaves it open.
std::optional<double> scales(const Linear& linear, const NumberFormat& format) {
  if (format.strategy == "tensor") return 1;
  if (format.strategy == "channel") return linear.out;
  if (format.strategy == "group" && format.group_size) return linear.out * std::ceil(linear.in / *format.group_size);
  if (format.strategy == "block" && format.block.size() == 2 && format.block[0] > 0 && format.block[1] > 0)
    return std::ceil(linear.out / static_cast<double>(format.block[0])) * std::ceil(linear.in / static_cast<double>(format.block[1]));
  return std::nullopt;
}

std::optional<double> quantized_bits(const Linear& linear, const NumberFormat& format) {
  const auto n = scales(linear, format);
  if (!n || !format.bits) return std::nullopt;
  const bool zeros = !format.symmetric.value_or(true);
  return linear.in * linear.out * *format.bits + *n * (kScaleBits + (zeros ? *format.bits : 0));
}

/// The one format of all linear weights; empty when there are others, or when layers are chosen or left out by a pattern.
std::optional<NumberFormat> sole_format(const Quantization& q) {
  if (q.groups.size() != 1) return std::nullopt;
  const auto pattern = [](const std::string& entry) { return entry.starts_with("re:") && entry.find("lm_head") == std::string::npos; };
  const auto chosen = [](const std::string& target) { return target != "Linear"; };
  if (std::ranges::any_of(q.ignore, pattern) || std::ranges::any_of(q.groups.front().targets, chosen)) return std::nullopt;
  return q.groups.front().weights;
}

bool ignored(const Quantization& q, std::string_view linear) {
  return std::ranges::any_of(q.ignore, [&](const std::string& entry) { return !entry.empty() && linear.find(entry) != std::string_view::npos; });
}

std::optional<double> linear_bits(const Shape& s, const std::optional<Quantization>& q) {
  const auto format = q ? sole_format(*q) : std::nullopt;
  if (q && !format) return std::nullopt;
  double bits = 0;
  for (int layer = 0; layer < static_cast<int>(s.layers); ++layer)
    for (const Linear& linear : linears_of(s)) {
      const bool plain = !q || ignored(*q, fmt::format("model.layers.{}.{}", layer, linear.name));
      const auto one = plain ? std::optional(linear.in * linear.out * s.plain_bits) : quantized_bits(linear, *format);
      if (!one) return std::nullopt;
      bits += *one;
    }
  return bits;
}

}  // namespace

std::optional<std::uint64_t> expected_weight_bytes(const ModelConfig& config) {
  const Build* build = build_of(config);
  const auto shape = build ? shape_of(config) : std::nullopt;
  const auto linear = shape ? linear_bits(*shape, config.quantization) : std::nullopt;
  if (!linear) return std::nullopt;
  const Shape& s = *shape;
  const double embeddings = s.vocab * s.hidden * (config.tied_embeddings.value_or(false) ? 1 : 2);
  const double small = 2 * s.hidden + (build->qkv_bias ? s.q + 2 * s.kv : 0) + (build->head_norms ? 2 * s.head_dim : 0);
  const double bytes = std::ceil((*linear + (embeddings + s.layers * small + s.hidden) * s.plain_bits) / 8);
  return bytes < kMostBytes ? std::optional(static_cast<std::uint64_t>(bytes)) : std::nullopt;
}

std::optional<double> expected_parameters(const ModelConfig& config) {
  ModelConfig plain = config;
  plain.quantization.reset();
  const auto bytes = expected_weight_bytes(plain);
  const auto bits = bits_of(plain.dtype);
  return bytes && bits ? std::optional(static_cast<double>(*bytes) * 8 / *bits) : std::nullopt;
}

}  // namespace qc
