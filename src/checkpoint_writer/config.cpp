#include "checkpoint_writer/config.h"

#include "checkpoint_writer/json_text.h"

namespace qc {
namespace {

// The words are those of the compressed-tensors library, which vLLM and SGLang read.
Json int8_scheme() {
  return {{"weights", {{"num_bits", 8}, {"type", "int"}, {"symmetric", true}, {"strategy", "channel"}, {"group_size", nullptr}, {"dynamic", false}}},
          {"input_activations", {{"num_bits", 8}, {"type", "int"}, {"symmetric", true}, {"strategy", "token"}, {"group_size", nullptr}, {"dynamic", true}}},
          {"format", "int-quantized"}};
}

Json int4_scheme(std::uint64_t group) {
  return {{"weights", {{"num_bits", 4}, {"type", "int"}, {"symmetric", true}, {"strategy", "group"}, {"group_size", group}, {"dynamic", false}}},
          {"input_activations", nullptr},
          {"format", "pack-quantized"}};
}

Json quantization(const CheckpointOptions& options) {
  Json scheme = options.format == CheckpointFormat::w8a8_int8 ? int8_scheme() : int4_scheme(options.group);
  scheme["targets"] = Json::array({"Linear"});
  const Json format = scheme["format"];
  return {{"quant_method", "compressed-tensors"}, {"format", format}, {"quantization_status", "compressed"}, {"ignore", Json::array({"lm_head"})},
          {"kv_cache_scheme", nullptr}, {"config_groups", {{"group_0", std::move(scheme)}}}};
}

Json ends(const SourceModel& m) { return {{"bos_token_id", m.bos}, {"eos_token_id", m.eos}, {"pad_token_id", m.pad}}; }

}  // namespace

Result<std::string> config_json(const SourceModel& m, const CheckpointOptions& options) {
  Json config = {{"architectures", Json::array({"LlamaForCausalLM"})}, {"model_type", "llama"},
                 {"hidden_size", m.hidden}, {"intermediate_size", m.middle}, {"num_hidden_layers", m.layers},
                 {"num_attention_heads", m.heads}, {"num_key_value_heads", m.kv_heads}, {"head_dim", m.head},
                 {"vocab_size", m.vocabulary}, {"max_position_embeddings", m.context}, {"rms_norm_eps", m.rms_epsilon},
                 {"rope_theta", m.rope_base}, {"rope_scaling", nullptr}, {"hidden_act", "silu"},
                 {"attention_bias", false}, {"mlp_bias", false}, {"attention_dropout", 0.0},
                 {"tie_word_embeddings", m.tied}, {"torch_dtype", "bfloat16"}, {"use_cache", true}};
  config.update(ends(m));
  if (options.format != CheckpointFormat::bf16) config["quantization_config"] = quantization(options);
  return json_text(config);
}

Result<std::string> generation_config_json(const SourceModel& model) {
  Json config = ends(model);
  config["do_sample"] = false;
  return json_text(config);
}

Result<std::string> tokenizer_config_json(const SourceModel& m, const Vocabulary& vocabulary, const std::optional<std::string>& chat_template) {
  const auto& words = vocabulary.words;
  Json config = {{"tokenizer_class", "PreTrainedTokenizerFast"}, {"bos_token", words[m.bos]}, {"eos_token", words[m.eos]}, {"pad_token", words[m.pad]},
                 {"model_max_length", m.context}, {"clean_up_tokenization_spaces", false}, {"add_bos_token", false}};
  if (m.unknown) config["unk_token"] = words[*m.unknown];
  if (chat_template) config["chat_template"] = *chat_template;
  return json_text(config);
}

}  // namespace qc
