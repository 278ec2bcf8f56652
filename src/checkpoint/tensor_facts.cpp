#include "checkpoint/tensor_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

namespace qc {
namespace {

/// What stands beside a quantized weight under the same layer, and buffers that are no parameters.
constexpr std::array<std::string_view, 20> kSideTensors = {
    "scales", "qzeros", "g_idx", "weight_scale", "weight_scale_inv", "weight_zero_point", "weight_shape", "weight_g_idx", "weight_global_scale",
    "input_scale", "input_zero_point", "input_global_scale", "output_scale", "q_scale", "k_scale", "v_scale", "kv_scale", "SCB", "weight_format",
    "inv_freq"};

bool holds(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

std::string_view last_part(std::string_view name) { return name.substr(name.rfind('.') + 1); }

/// bitsandbytes appends to the weight's name: "q_proj.weight.absmax", "q_proj.weight.quant_state.bitsandbytes__nf4".
bool is_side(const StoredTensor& t) { return std::ranges::find(kSideTensors, last_part(t.name)) != kSideTensors.end() || holds(t.name, ".weight."); }

/// Weights narrower than the type they lie in: AWQ's and GPTQ's qweight, compressed-tensors' weight_packed, bitsandbytes' 4-bit weight.
bool is_packed(const StoredTensor& t) {
  const auto part = last_part(t.name);
  return part == "qweight" || part == "weight_packed" || (part == "weight" && t.dtype == "U8");
}

bool is_quantized(const StoredTensor& t) { return is_packed(t) || dtype_bits(t.dtype).value_or(16) < 16; }

bool is_linear(const StoredTensor& t) {
  if (holds(t.name, "embed") || holds(t.name, "lm_head") || holds(t.name, "wte") || holds(t.name, "wpe")) return false;
  return is_packed(t) || (last_part(t.name) == "weight" && t.shape.size() == 2);
}

std::string kind(const StoredTensor& t) { return is_packed(t) ? t.dtype + " packed" : t.dtype; }

struct KindShare { std::string kind; int tensors = 0; std::uint64_t bytes = 0; };

/// Tensors by kind, the most bytes first.
template <class Wanted>
std::vector<KindShare> shares(const std::vector<StoredTensor>& tensors, Wanted wanted) {
  std::map<std::string, KindShare> by_kind;
  for (const StoredTensor& t : tensors) {
    if (is_side(t) || !wanted(t)) continue;
    KindShare& share = by_kind[kind(t)];
    share.kind = kind(t);
    share.tensors += 1;
    share.bytes += t.bytes;
  }
  std::vector<KindShare> out;
  out.reserve(by_kind.size());
  for (auto& [name, share] : by_kind) out.push_back(share);
  std::ranges::stable_sort(out, std::greater{}, &KindShare::bytes);
  return out;
}

std::optional<double> parameters(const std::vector<StoredTensor>& tensors, std::optional<int> packed_bits) {
  double n = 0;
  for (const StoredTensor& t : tensors) {
    if (is_side(t)) continue;
    if (is_packed(t) && !packed_bits) return std::nullopt;
    n += is_packed(t) ? static_cast<double>(t.bytes) * 8 / *packed_bits : static_cast<double>(t.elements());
  }
  return n;
}

}  // namespace

TensorFacts tensor_facts(const std::vector<StoredTensor>& tensors, std::optional<int> packed_bits) {
  TensorFacts facts;
  for (const StoredTensor& t : tensors) facts.bytes += t.bytes;
  facts.parameters = parameters(tensors, packed_bits);
  if (facts.parameters && *facts.parameters > 0) facts.bits_per_weight = static_cast<double>(facts.bytes) * 8 / *facts.parameters;
  for (const KindShare& share : shares(tensors, is_linear)) facts.linear += share.tensors;
  for (const KindShare& share : shares(tensors, [](const StoredTensor& t) { return is_linear(t) && is_quantized(t); })) {
    facts.quantized += share.tensors;
    facts.quantized_as.push_back(share.kind);
  }
  const auto plain = shares(tensors, [](const StoredTensor& t) { return !is_quantized(t); });
  if (!plain.empty()) facts.plain = plain.front().kind;
  for (const KindShare& share : shares(tensors, [](const StoredTensor&) { return true; }))
    facts.mix += fmt::format("{}{} {}", facts.mix.empty() ? "" : ", ", share.kind, share.tensors);
  return facts;
}

}  // namespace qc
