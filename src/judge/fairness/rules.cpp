#include "judge/fairness/rules.h"

namespace qc {
namespace {

using enum DifferenceKind;

// vLLM's plain AWQ and GPTQ kernels take float16 alone, and checkpoints of both are mostly stored so: `--dtype auto` then follows the file.
const std::vector<Excuse> kHalf = {{"float16", {"awq", "gptq", "auto_awq", "auto_gptq", "moe_wna16", "w4a16", "w8a16", "compressed-tensors"},
                                    "its 4- and 8-bit checkpoint computes in float16: most AWQ and GPTQ files are stored so, `--dtype auto` follows the file, and vLLM's plain kernels for both take nothing else"}};

const FairnessRule kRules[] = {
    // What a variant is.
    {"identity", unfair, "A variant that is not what it says it is makes every figure another model's.", "serve the model that the variant names, or correct the variant"},
    {"engine", unfair, "Two engines are compared, not two ways to store weights.", "serve both with one engine"},
    {"engine_version", unfair, "Another release has other kernels and another scheduler.", "serve both with one release"},
    {"architecture", unfair, "Another architecture is another model.", "take the quantized form of the baseline's model"},
    {"hidden_size", unfair, "Another shape is another model.", "take the quantized form of the baseline's model"},
    {"layers", unfair, "Another shape is another model.", "take the quantized form of the baseline's model"},
    {"attention_heads", unfair, "Another shape is another model.", "take the quantized form of the baseline's model"},
    {"kv_heads", unfair, "Another shape is another model, and its KV cache another size.", "take the quantized form of the baseline's model"},
    {"intermediate_size", unfair, "Another shape is another model.", "take the quantized form of the baseline's model"},
    {"vocabulary", unfair, "Another vocabulary is another model.", "take the quantized form of the baseline's model"},
    {"tokenizer", unfair, "The same text becomes other tokens, and another number of them.", "give both the baseline's tokenizer.json (vLLM: --tokenizer)"},
    {"chat_template", unfair, "The same messages become another prompt.", "give both one template (--chat-template)"},
    {"generation_config", unfair, "Requests that leave sampling open are sampled in another way.", "give both one generation_config.json (vLLM: --generation-config)"},
    {"generation_config_from", unfair, "Requests that leave sampling open are sampled in another way.", "give both one --generation-config"},
    {"generation_config_override", unfair, "Requests that leave sampling open are sampled in another way.", "give both one --override-generation-config"},
    {"sampling_defaults", unfair, "Requests that leave sampling open are sampled in another way.", "give both one generation_config.json, or --generation-config vllm"},
    // How it is served.
    {"dtype", unfair, "What is not quantized is computed in another format.", "give both one --dtype", kHalf},
    {"max_model_len", unfair, "Another context length leaves other room for requests and memory.", "give both one max_model_len"},
    {"max_num_seqs", unfair, "Another batch limit lets other numbers of requests run at once.", "give both one max_num_seqs"},
    {"max_num_batched_tokens", unfair, "Another token budget makes other batches.", "give both one --max-num-batched-tokens"},
    {"gpu_memory_utilization", unfair, "Another share of the memory makes another KV cache.", "give both one gpu_memory_utilization"},
    {"kv_cache_memory_bytes", unfair, "The KV cache is given another size by hand.", "give both one --kv-cache-memory-bytes, or none"},
    {"prefix_caching", unfair, "A cache of prompts saves the work that is measured.", "switch it on or off for both"},
    {"chunked_prefill", unfair, "Prompts are computed in other pieces.", "switch it on or off for both"},
    {"kv_cache_dtype", unfair, "KV cache of another format is another gain, of speed, room and error.", "give both one --kv-cache-dtype, or study it as a variant of its own"},
    {"checkpoint_kv_cache", unfair, "The checkpoint brings a quantized KV cache with it: another gain than that of its weights.", "give both one --kv-cache-dtype"},
    {"speculative", unfair, "Guessed tokens make a model faster whatever its weights are.", "use it for both or for none"},
    {"enforce_eager", unfair, "Without graphs each step costs more of the host's time: up to three times at one request.", "use --enforce-eager for both or for none"},
    {"attention_backend", unfair, "Another attention kernel has its own speed.", "give both one --attention-backend"},
    {"flash_attention", unfair, "Another attention kernel has its own speed.", "give both one -fa"},
    {"slow_kernel", unfair, "The same weights run faster by another kernel that this GPU has.", "leave --quantization and the kernel to the engine"},
    {"linear_backend", unfair, "The kernel is chosen by hand for one of them.", "leave it to the engine for both"},
    {"env.VLLM_DISABLED_KERNELS", unfair, "Kernels are forbidden to one of them.", "set it for both or for none"},
    {"env.VLLM_ATTENTION_BACKEND", unfair, "Another attention kernel has its own speed.", "set it for both or for none"},
    {"random_weights", unfair, "At a card's power limit its clock depends on the values that it multiplies.", "fill the weights of all in one way"},
    {"load_format", unfair, "Random weights answer nothing.", "load both from their files, or both with dummy weights"},
    {"tensor_parallel_size", unfair, "Another number of GPUs shares the work.", "give both one --tensor-parallel-size"},
    {"pipeline_parallel_size", unfair, "Another number of GPUs shares the work.", "give both one --pipeline-parallel-size"},
    {"data_parallel_size", unfair, "Another number of copies shares the work.", "give both one --data-parallel-size"},
    {"cpu_offload_gb", unfair, "Weights in the host's memory are read over the bus.", "give both one --cpu-offload-gb"},
    {"device", unfair, "Two kinds of hardware are compared.", "serve both on one device"},
    {"threads", unfair, "Another number of threads shares the work.", "give both one -t"},
    {"system.nvidia_gpu_models", unfair, "Two GPUs are compared.", "serve both on one GPU"},
    {"config.scheduler_config.async_scheduling", unfair, "Another scheduler overlaps other work.", "give both one --async-scheduling"},
    {"argument.async_scheduling", unfair, "Another scheduler overlaps other work.", "give both one --async-scheduling"},
    {"config.compilation_config.cudagraph_mode", unfair, "Without graphs each step costs more of the host's time: up to three times at one request.", "give both one --compilation-config"},
    {"config.compilation_config.mode", unfair, "Code that is not compiled runs slower.", "give both one --compilation-config"},
    {"config.compilation_config.level", unfair, "Code that is not compiled runs slower.", "give both one --compilation-config"},
    {"argument.compilation_config*", unfair, "Compilation and graphs shape the speed whatever the weights are.", "give both one --compilation-config"},
    {"argument.optimization_level", unfair, "Compilation and graphs shape the speed whatever the weights are.", "give both one -O"},
    {"argument.hf_overrides*", unfair, "The model's own configuration is overridden: another model, or another context.", "give both one --hf-overrides, or none"},
    {"config.model_config.hf_overrides*", unfair, "The model's own configuration is overridden: another model, or another context.", "give both one --hf-overrides, or none"},
    {"argument.rope_scaling*", unfair, "Another context, and other answers beyond the model's own.", "give both one --rope-scaling"},
    {"argument.rope_theta", unfair, "Another context, and other answers beyond the model's own.", "give both one --rope-theta"},
    {"argument.enable_lora", unfair, "Adapters add work to each layer.", "use them with both or with none"},
    {"argument.num_gpu_blocks_override", unfair, "The KV cache is given another size by hand.", "give both one --num-gpu-blocks-override, or none"},
    {"config.cache_config.num_gpu_blocks_override", unfair, "The KV cache is given another size by hand.", "give both one --num-gpu-blocks-override, or none"},
    {"argument.block_size", unfair, "Another block of the KV cache has other kernels.", "give both one --block-size"},
    // What follows from the weights.
    {"quantization", explained, "It is what is compared."},
    {"weight_format", explained, "It is what is compared."},
    {"weight_bits", explained, "It is what is compared."},
    {"bits_per_weight", explained, "It is what is compared."},
    {"group_size", explained, "It belongs to the way of quantizing."},
    {"act_order", explained, "It belongs to the way of quantizing."},
    {"tensor_types", explained, "They are what is compared."},
    {"quantized_kernel", explained, "Each way to store weights has kernels of its own."},
    {"fallback_kernel", explained, "The engine took it by itself: it found nothing faster for this format on this device."},
    {"weights_gib", explained, "Fewer bits take less memory."},
    {"weight_buffers", explained, "The engine lays out each format in its own way."},
    {"kv_cache_tokens", explained, "Memory that the weights do not take is left for the KV cache."},
    {"kv_cache_gib", explained, "Memory that the weights do not take is left for the KV cache."},
    {"graph_gib", explained, "Recorded graphs differ with the kernels."},
    {"config.quant*", explained, "It belongs to the way of quantizing."},
    {"config.compilation_config.pass_config.*", explained, "vLLM switches fusions on where quantized layers have them."},
    {"config.compilation_config.custom_ops*", explained, "vLLM chooses operators by the quantization and by whether it compiles."},
    {"config.model_config.quant*", explained, "It belongs to the way of quantizing."},
    // Names, paths and measurements of each server.
    {"model", own, "A name."},
    {"config.model", own, "A name."}, {"config.model_config.model", own, "A name."}, {"config.served_model_name", own, "A name."},
    {"config.model_config.served_model_name", own, "A name."}, {"config.tokenizer", own, "A path."}, {"config.model_config.tokenizer", own, "A path."},
    {"config.instance_id", own, "A name."}, {"config.download_dir", own, "A path."}, {"config.cache_config.num_gpu_blocks", own, "It follows from the KV cache."},
    {"config.cache_config.kv_cache_*", own, "It follows from the KV cache."}, {"config.parallel_config.*port*", own, "A port."},
    {"config.compilation_config.*cache*", own, "A path."},
    {"argument.model", own, "A name."}, {"argument.model_tag", own, "A name."}, {"argument.served_model_name", own, "A name."},
    {"argument.host", own, "An address."}, {"argument.port", own, "An address."}, {"argument.tokenizer", own, "A path."}, {"argument.chat_template", own, "A path: its text is compared."},
    {"argument.quantization", explained, "It is what is compared."}, {"argument.dtype", own, "What came of it is compared as dtype."},
    {"argument.max_model_len", own, "What came of it is compared."}, {"variant_arguments", unknown, "One server is given other arguments; what came of those that are known is compared by name."},
    {"env.VLLM_TEST_FORCE_FP8_MARLIN", unfair, "FP8 weights are unpacked to 16 bits where the GPU could multiply them as they are.", "unset it for both"},
    {"env.*PATH*", own, "A path."}, {"env.*ROOT*", own, "A path."}, {"env.*CACHE*", own, "A path."}, {"env.*BUFFER_NAME*", own, "A name."}, {"env.*PORT*", own, "A port."},
    {"env.VLLM_HOST_IP", own, "An address."}, {"system.env_vars", own, "Listed one by one."},
};

const FairnessRule kUnlisted{"*", unknown, "Nobody has said what this setting does to a comparison."};

}  // namespace

bool fits(std::string_view pattern, std::string_view name) {
  const auto star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == name;
  if (name.substr(0, star) != pattern.substr(0, star)) return false;
  for (std::size_t at = star; at <= name.size(); ++at)
    if (fits(pattern.substr(star + 1), name.substr(at))) return true;
  return false;
}

std::span<const FairnessRule> fairness_rules() { return kRules; }

const FairnessRule& rule_for(std::string_view setting) {
  for (const auto& rule : kRules)
    if (fits(rule.setting, setting)) return rule;
  return kUnlisted;
}

bool may_be_allowed(std::string_view setting) { return rule_for(setting).kind == unfair; }

std::vector<std::string> allowable_settings() {
  std::vector<std::string> names;
  for (const auto& rule : kRules)
    if (rule.kind == unfair) names.emplace_back(rule.setting);
  return names;
}

}  // namespace qc
