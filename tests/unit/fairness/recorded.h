#pragma once
// vLLM servers as they were recorded on an H100, each of which a test changes in one thing.
#include <stdexcept>

#include "judge/fairness/fairness.h"
#include "measure/engines/variant_proof.h"
#include "support/fixture.h"

namespace qc::test {

/// Replaces every occurrence; a text that is not there is a mistake of the test.
inline void swap_in(std::string& text, const std::string& from, const std::string& to) {
  if (text.find(from) == std::string::npos) throw std::runtime_error("not there: " + from);
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
}

/// Llama-3.1-8B's config.json, with what quantizes it. No weight files: these servers ran with random weights.
inline Checkpoint llama_8b(const std::string& quantization, const std::string& format) {
  Checkpoint c;
  c.config = *parse_config(R"({"architectures":["LlamaForCausalLM"],"torch_dtype":"bfloat16","hidden_size":4096,"num_hidden_layers":32,"num_attention_heads":32,
    "num_key_value_heads":8,"intermediate_size":14336,"vocab_size":128256,"tie_word_embeddings":false,"max_position_embeddings":131072)" +
                               (quantization.empty() ? "" : ",\"quantization_config\":" + quantization) + "}", "config.json");
  c.format = format;
  c.tokenizer_sha256 = std::string(64, 'a'), c.template_sha256 = std::string(64, 'b');
  c.generation = R"({"do_sample":true,"temperature":0.6,"top_p":0.9})";
  return c;
}

struct Recorded {
  std::string name;
  VllmTexts texts;
  std::optional<Checkpoint> checkpoint;
  std::string version = "0.25.1";
  std::vector<std::string> args = {};

  VariantFacts facts() const {
    Variant variant;
    variant.name = name, variant.model = "MODELS/" + name, variant.args = args;
    VariantFacts f;
    f.variant = name, f.model = variant.model, f.server = "vLLM", f.server_version = version;
    f.command = texts.log.empty() ? "" : "vllm serve";
    prove_vllm(f, variant, texts, checkpoint);
    return f;
  }
};

inline Recorded bf16() { return {"bf16", {fixture("vllm/starts/h100_bf16.log"), fixture("vllm/server_info_h100_bf16.json"), fixture("vllm/metrics_h100.txt")}, llama_8b("", "bf16")}; }
inline Recorded awq() {
  return {"awq", {fixture("vllm/starts/h100_awq.log"), fixture("vllm/server_info_h100_awq.json"), ""},
          llama_8b(R"({"quant_method":"awq","bits":4,"group_size":128,"zero_point":true,"version":"gemm"})", "awq")};
}
inline std::string compressed(const std::string& format, int bits, const std::string& type) {
  const std::string numbers = "{\"num_bits\":" + std::to_string(bits) + ",\"type\":\"" + type + "\",\"strategy\":\"channel\",\"symmetric\":true,\"dynamic\":false}";
  return R"({"quant_method":"compressed-tensors","format":")" + format + R"(","ignore":["lm_head"],"config_groups":{"group_0":{"targets":["Linear"],"weights":)" + numbers +
         R"(,"input_activations":{"num_bits":8,"type":")" + type + R"(","strategy":"token","symmetric":true,"dynamic":true}}}})";
}
inline Recorded fp8() { return {"fp8", {fixture("vllm/starts/h100_fp8.log"), fixture("vllm/server_info_h100_fp8.json"), ""}, llama_8b(compressed("float-quantized", 8, "float"), "fp8")}; }
inline Recorded int8() { return {"int8", {fixture("vllm/starts/h100_int8.log"), fixture("vllm/server_info_h100_int8.json"), ""}, llama_8b(compressed("int-quantized", 8, "int"), "w8a8_int8")}; }

inline Fairness between(const Recorded& a, const Recorded& b, const std::vector<std::string>& allow = {}) { return find_differences({a.facts(), b.facts()}, allow); }

inline std::vector<std::string> names_of(const std::vector<const Difference*>& differences) {
  std::vector<std::string> names;
  for (const auto* d : differences) names.push_back(d->setting);
  return names;
}
/// The settings that refuse the pair.
inline std::vector<std::string> refused(const Recorded& a, const Recorded& b) { return names_of(between(a, b).refused()); }

}  // namespace qc::test
