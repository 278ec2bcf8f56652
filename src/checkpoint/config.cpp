#include "checkpoint/config.h"

#include <fmt/format.h>

#include "checkpoint/quantization.h"

namespace qc {
namespace {

/// config.json, and the part of it that describes the language model of a multimodal one.
class Fields {
 public:
  explicit Fields(const SortedJson& top) : top_(top), text_(member(top, "text_config")) {}

  [[nodiscard]] std::optional<std::int64_t> whole(std::string_view key) const { return whole_at(holder(key), key); }
  [[nodiscard]] std::optional<bool> truth(std::string_view key) const { return truth_at(holder(key), key); }

  [[nodiscard]] std::optional<std::string> dtype() const {
    for (const char* key : {"dtype", "torch_dtype"})
      if (const std::string* text = text_at(holder(key), key)) return text->starts_with("torch.") ? text->substr(6) : *text;
    return std::nullopt;
  }

  [[nodiscard]] std::optional<Quantization> quantization() const {
    if (const SortedJson* entry = held("quantization_config")) return read_quantization(*entry, "unknown");
    if (const SortedJson* entry = held("compression_config")) return read_quantization(*entry, "compressed-tensors");
    return std::nullopt;
  }

 private:
  [[nodiscard]] const SortedJson& holder(std::string_view key) const { return member(top_, key) || !text_ ? top_ : *text_; }
  [[nodiscard]] const SortedJson* held(std::string_view key) const { return member(holder(key), key); }

  const SortedJson& top_;
  const SortedJson* text_;
};

}  // namespace

Result<ModelConfig> parse_config(std::string_view text, std::string_view what) {
  const auto document = parse_sorted_json(text, what);
  if (!document) return fail(document.error());
  if (!document->is_object()) return fail(Fault::damaged, fmt::format("{}: not a JSON object", what));
  const Fields fields(*document);
  ModelConfig config;
  config.architectures = texts_at(*document, "architectures").value_or(std::vector<std::string>{});
  config.dtype = fields.dtype();
  config.hidden_size = fields.whole("hidden_size");
  config.layers = fields.whole("num_hidden_layers");
  config.heads = fields.whole("num_attention_heads");
  config.kv_heads = fields.whole("num_key_value_heads");
  config.head_dim = fields.whole("head_dim");
  config.intermediate_size = fields.whole("intermediate_size");
  config.vocab_size = fields.whole("vocab_size");
  config.max_positions = fields.whole("max_position_embeddings");
  config.tied_embeddings = fields.truth("tie_word_embeddings");
  config.attention_bias = fields.truth("attention_bias");
  config.mlp_bias = fields.truth("mlp_bias");
  config.quantization = fields.quantization();
  return config;
}

}  // namespace qc
