// Is each variant what it says it is, by what it takes beside the baseline?
#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "judge/fairness/parts.h"

namespace qc {
namespace {

double number_in(const VariantFacts& v, std::string_view name) {
  const auto* s = told(v, name);
  return s ? std::strtod(s->value.c_str(), nullptr) : 0;
}

bool same_and(const VariantFacts& a, const VariantFacts& b, std::string_view name, std::string_view value = {}) {
  const auto *x = told(a, name), *y = told(b, name);
  return x && y && x->value == y->value && (value.empty() || x->value == value);
}

/// Tokens of 16-bit KV cache for which 8 bits a linear weight instead of 16 leave room: weights of a layer over 2 x 2 bytes x KV width,
/// of Llama's build. On an H100 with the shape of Llama-3.1-8B 53,248; seen: 52,880 (FP8). 0 where the shape is not told.
double tokens_for_eight_bits(const VariantFacts& base) {
  const double hidden = number_in(base, "hidden_size"), inner = number_in(base, "intermediate_size"), heads = number_in(base, "attention_heads"), kv = number_in(base, "kv_heads");
  if (hidden <= 0 || inner <= 0 || heads <= 0 || kv <= 0) return 0;
  const double kv_width = hidden * kv / heads;
  return (2 * hidden * hidden + 2 * hidden * kv_width + 3 * hidden * inner) / (4 * kv_width);
}

/// Fewer than 16 bits a weight can't take as much memory as 16 (5 % more or less is what loading itself may take), nor leave as little
/// for the KV cache. Empty: no sign of it. `v` names a quantization, the baseline none.
std::string takes_as_much(const VariantFacts& v, const VariantFacts& base) {
  const std::string says = fmt::format("says quantization {}, but ", told(v, "quantization")->value);
  const double gib = number_in(v, "weights_gib"), base_gib = number_in(base, "weights_gib");
  if (gib > 0 && base_gib > 0) return gib > 0.95 * base_gib ? says + fmt::format("loaded {:.2f} GiB, as the unquantized baseline did ({:.2f} GiB)", gib, base_gib) : "";
  const double tokens = number_in(v, "kv_cache_tokens"), base_tokens = number_in(base, "kv_cache_tokens");
  const bool sized_by_what_is_left = same_and(v, base, "gpu_memory_utilization") && same_and(v, base, "kv_cache_memory_bytes", "none") && same_and(v, base, "kv_cache_dtype") && same_and(v, base, "device", "cuda");
  constexpr double kLeastShare = 0.3;
  const double room = tokens_for_eight_bits(base);
  if (room <= 0 || !sized_by_what_is_left || tokens <= 0 || base_tokens <= 0 || tokens - base_tokens >= kLeastShare * room) return {};
  return says + fmt::format("its KV cache holds {:.0f} tokens beside the unquantized baseline's {:.0f}, where 8 bits would leave room for {:.0f} more", tokens, base_tokens, room);
}

/// "gptq: its checkpoint says gptq, but ...": the format first, which the sentence repeats and the variant's name often is.
std::string without_format(const std::string& because) {
  const auto colon = because.find(": ");
  return colon == std::string::npos || because.find(' ') < colon ? because : because.substr(colon + 2);
}

}  // namespace

const ProvenSetting* told(const VariantFacts& facts, std::string_view name) {
  const auto found = std::ranges::find(facts.proof, name, &ProvenSetting::name);
  return found == facts.proof.end() || found->value.empty() ? nullptr : &*found;
}

std::optional<Difference> wrong_identity(const Told& variants) {
  Difference d{"identity", DifferenceKind::unfair, false, {}, std::string(rule_for("identity").why), std::string(rule_for("identity").remedy)};
  const VariantFacts& base = *variants.front();
  const auto quantization = [](const VariantFacts& v) { const auto* s = told(v, "quantization"); return s ? s->value : ""; };
  for (const auto* v : variants) {
    if (v->identity.verdict == IdentityVerdict::contradicted) {
      d.values.push_back({v->variant, without_format(v->identity.because), "its files and its log"});
    } else if (quantization(base) == "none" && !quantization(*v).empty() && quantization(*v) != "none") {
      if (auto sign = takes_as_much(*v, base); !sign.empty()) d.values.push_back({v->variant, std::move(sign), "beside the baseline"});
    }
  }
  return d.values.empty() ? std::nullopt : std::optional(std::move(d));
}

}  // namespace qc
