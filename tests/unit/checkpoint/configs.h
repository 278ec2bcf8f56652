#pragma once
// config.json texts. Those of Qwen are as on the hub, from memory; those of Llama's shape were really served by vLLM (random weights).
#include <string>

namespace qc::test {

/// Llama-3.1-8B's shape; `quantization` is what stands behind "quantization_config": , empty for none.
inline std::string llama_config(const std::string& quantization = "") {
  return R"({"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
    "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 128, "hidden_act": "silu", "max_position_embeddings": 131072, "rms_norm_eps": 1e-05,
    "rope_theta": 500000.0, "rope_scaling": {"factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192,
    "rope_type": "llama3"}, "vocab_size": 128256, "bos_token_id": 128000, "eos_token_id": 128001, "tie_word_embeddings": false, "attention_bias": false,
    "mlp_bias": false, "torch_dtype": "bfloat16", "use_cache": true, "initializer_range": 0.02)" +
         (quantization.empty() ? "" : ", \"quantization_config\": " + quantization) + "}";
}

/// Of compressed-tensors: `activations` is "null" or a scheme.
inline std::string compressed(const std::string& format, const std::string& weights, const std::string& activations = "null") {
  return R"({"quant_method": "compressed-tensors", "format": ")" + format + R"(", "quantization_status": "compressed", "global_compression_ratio": null,
    "kv_cache_scheme": null, "config_groups": {"group_0": {"targets": ["Linear"], "weights": )" +
         weights + R"(, "input_activations": )" + activations + R"(, "output_activations": null}}, "ignore": ["lm_head"]})";
}
inline std::string channel_weights(const std::string& type) {
  return R"({"num_bits": 8, "type": ")" + type + R"(", "strategy": "channel", "symmetric": true, "dynamic": false, "group_size": null, "actorder": null,
    "block_structure": null, "observer": "minmax", "observer_kwargs": {}})";
}
inline std::string token_activations(const std::string& type) {
  return R"({"num_bits": 8, "type": ")" + type + R"(", "strategy": "token", "symmetric": true, "dynamic": true, "group_size": null, "actorder": null,
    "block_structure": null, "observer": null, "observer_kwargs": {}})";
}
inline const std::string kGroupsOf128 = R"({"num_bits": 4, "type": "int", "strategy": "group", "group_size": 128, "symmetric": true, "dynamic": false,
    "actorder": null, "block_structure": null, "observer": "minmax", "observer_kwargs": {}})";

inline const std::string kFp8 = compressed("float-quantized", channel_weights("float"), token_activations("float"));
inline const std::string kInt8 = compressed("int-quantized", channel_weights("int"), token_activations("int"));
inline const std::string kW4A16 = compressed("pack-quantized", kGroupsOf128);
inline const std::string kGptq = R"({"quant_method": "gptq", "bits": 4, "group_size": 128, "desc_act": false, "sym": true, "true_sequential": true,
    "damp_percent": 0.01, "static_groups": false, "lm_head": false})";
inline const std::string kAwq = R"({"quant_method": "awq", "bits": 4, "group_size": 128, "zero_point": true, "version": "gemm",
    "modules_to_not_convert": null})";

/// Qwen/Qwen2.5-3B-Instruct-AWQ.
inline const std::string kQwen3bAwq = R"({"architectures": ["Qwen2ForCausalLM"], "attention_dropout": 0.0, "bos_token_id": 151643, "eos_token_id": 151645,
    "hidden_act": "silu", "hidden_size": 2048, "initializer_range": 0.02, "intermediate_size": 11008, "max_position_embeddings": 32768,
    "max_window_layers": 70, "model_type": "qwen2", "num_attention_heads": 16, "num_hidden_layers": 36, "num_key_value_heads": 2,
    "quantization_config": {"bits": 4, "group_size": 128, "modules_to_not_convert": null, "quant_method": "awq", "version": "gemm", "zero_point": true},
    "rms_norm_eps": 1e-06, "rope_theta": 1000000.0, "sliding_window": 32768, "tie_word_embeddings": true, "torch_dtype": "float16",
    "transformers_version": "4.41.1", "use_cache": true, "use_sliding_window": false, "vocab_size": 151936})";

}  // namespace qc::test
