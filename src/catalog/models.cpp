#include "catalog/models.h"

#include <algorithm>
#include <filesystem>

#include "catalog/embedded.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/expected.h"
#include "checkpoint/hub_cache.h"
#include "core/json.h"

namespace qc {
namespace {

struct Known { ModelConfig config; std::optional<std::int64_t> tensor_bytes; };

std::optional<Known> from_files(const Variant& variant) {
  std::error_code ignored;
  const auto folder = variant.local ? std::optional(std::filesystem::path(variant.model)) : hub_snapshot(variant.model);
  if (!folder || !std::filesystem::is_directory(*folder, ignored)) return std::nullopt;
  const auto checkpoint = read_checkpoint(*folder);
  if (!checkpoint) return std::nullopt;
  return Known{checkpoint->config, checkpoint->facts ? std::optional(static_cast<std::int64_t>(checkpoint->facts->bytes)) : std::nullopt};
}

std::optional<Known> from_table(const std::string& id) {
  static const Json models = Json::parse(*find_embedded(qc_embedded_qc_catalog, "models.json")).at("models");
  const auto at = models.find(id);
  if (at == models.end()) return std::nullopt;
  const auto config = parse_config(at->dump(), id);
  return config ? std::optional(Known{*config, {}}) : std::nullopt;
}

/// What `--quantization fp8` makes of a checkpoint in BF16 while it is loaded: every linear layer but the output, a scale a tensor.
bool becomes_fp8(const Study& study, const Variant& variant) {
  for (const auto* args : {&study.engine.args, &variant.args})
    for (std::size_t i = 0; i < args->size(); ++i)
      if ((*args)[i] == "--quantization=fp8" || (((*args)[i] == "--quantization" || (*args)[i] == "-q") && i + 1 < args->size() && (*args)[i + 1] == "fp8")) return true;
  return false;
}

Quantization fp8_while_loading() {
  Quantization q;
  q.method = "fp8", q.ignore = {"lm_head"};
  q.groups = {{{"Linear"}, {8, "float", "tensor", {}, {}, true, false}, NumberFormat{8, "float", "tensor", {}, {}, true, true}}};
  return q;
}

std::optional<std::int64_t> kv_bytes(const ModelConfig& c) {
  const auto kv_heads = c.kv_heads ? c.kv_heads : c.heads;
  const auto head_dim = c.head_dim ? c.head_dim : c.hidden_size && c.heads && *c.heads > 0 ? std::optional(*c.hidden_size / *c.heads) : std::nullopt;
  if (!c.layers || !kv_heads || !head_dim || *c.layers < 1 || *c.layers > 10'000 || *kv_heads < 1 || *kv_heads > 100'000 || *head_dim < 1 || *head_dim > 100'000) return std::nullopt;
  return 2 * *c.layers * *kv_heads * *head_dim * 2;
}

}  // namespace

std::optional<ModelSize> model_size(const Study& study, const Variant& variant) {
  auto known = from_files(variant);
  if (!known) known = from_table(variant.model);
  if (!known) return std::nullopt;
  if (becomes_fp8(study, variant) && !known->config.quantization) known->config.quantization = fp8_while_loading(), known->tensor_bytes.reset();
  if (!known->tensor_bytes) {
    const auto expected = expected_weight_bytes(known->config);
    if (!expected) return std::nullopt;
    known->tensor_bytes = static_cast<std::int64_t>(*expected);
  }
  return ModelSize{*known->tensor_bytes, kv_bytes(known->config)};
}

}  // namespace qc
