#pragma once
// What is this Hugging Face checkpoint really? From its files alone: no weights are loaded, no server is asked.
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "checkpoint/config.h"
#include "checkpoint/safetensors.h"
#include "checkpoint/tensor_facts.h"
#include "core/result.h"

namespace qc {

/// What generation_config.json tells a server to sample with when a request does not say.
struct SamplingDefaults {
  std::optional<double> temperature, top_p, repetition_penalty;
  std::optional<std::int64_t> top_k;
};

struct Checkpoint {
  std::filesystem::path folder;
  ModelConfig config;
  std::vector<StoredTensor> tensors;      ///< of all weight files; empty: there is none (a model served with random weights)
  std::optional<TensorFacts> facts;       ///< empty with them: expected_weight_bytes (expected.h) may know the size
  std::string format;                     ///< bf16 fp16 fp32 awq gptq w4a16 w8a16 w8a8_int8 fp8, or "unknown": format_word.h
  std::optional<std::string> contradiction;  ///< config.json and the tensors disagree: a sentence that says how
  std::optional<std::string> tokenizer_sha256;  ///< of what tokenizer.json does (tokenizer_print.h); of its bytes where that can't be read
  std::optional<std::string> template_sha256;   ///< of the chat template's text: chat_template.jinja, else tokenizer_config.json's
  SamplingDefaults sampling;
  std::string generation;                 ///< generation_config.json as sorted JSON, without who wrote it; empty: no such file
};

/// Reads a checkpoint's folder; files other than config.json may be absent. Fails as usage without config.json or without a shard,
/// and as damaged, naming the file, when one that is there can't be read for what it is.
Result<Checkpoint> read_checkpoint(const std::filesystem::path& folder);

}  // namespace qc
