#pragma once
// What a GGUF model's files say before any server reads them: size, tensor types, and what its KV cache will take.
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "gguf/gguf.h"
#include "record/record.h"

namespace qc {

/// A whole model: of a split one ("x-00001-of-00003.gguf") all parts, their tensors together.
struct GgufModel {
  GgufHeader header;
  std::int64_t file_bytes = 0;
  std::vector<std::filesystem::path> files;
};

/// Reads the headers only. Fails as read_gguf_header does; a part that is missing is named.
Result<GgufModel> read_gguf_model(const std::filesystem::path& path);

/// The files that belong to a model's path: itself, or all parts of a split model.
std::vector<std::filesystem::path> gguf_parts(const std::filesystem::path& path);

/// The tokens of context it was trained for; empty where the keys do not say.
std::optional<int> trained_context(const GgufHeader& header);

/// Bytes that one token takes in an f16 KV cache: 2 x (key + value length) x KV heads, over all layers. An upper bound for models
/// with sliding windows; empty where the keys do not say.
std::optional<std::int64_t> kv_bytes_per_token(const GgufHeader& header);

/// "BF16", "Q4_0 (GGUF)": quantized types belong to this file format, the others are everyone's.
std::string method_name(const std::string& type);

/// Fills the file's part of the facts. The hash is taken of models up to 1 GiB; for others `unknown` says so.
void add_gguf_facts(const GgufModel& model, VariantFacts& facts);

}  // namespace qc
