#include "measure/engines/gguf_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <numeric>

#include "core/files.h"

namespace qc {
namespace {

constexpr std::int64_t kMostHashed = 1LL << 30;

std::string architecture_key(const GgufHeader& header, const char* name) {
  return header.text("general.architecture").value_or("") + "." + name;
}

/// KV heads of all layers together: the key holds one number for every layer, or a list with one a layer.
std::optional<std::int64_t> kv_heads_total(const GgufHeader& header, std::int64_t layers) {
  const auto key = architecture_key(header, "attention.head_count_kv");
  if (const auto each = header.number(key)) return *each * layers;
  const auto at = header.keys.find(key);
  if (at != header.keys.end())
    if (const auto* list = std::get_if<std::vector<double>>(&at->second))
      return static_cast<std::int64_t>(std::accumulate(list->begin(), list->end(), 0.0));
  // Without the key every attention head has keys and values of its own.
  const auto heads = header.number(architecture_key(header, "attention.head_count"));
  return heads ? std::optional(*heads * layers) : std::nullopt;
}

std::optional<std::int64_t> head_length(const GgufHeader& header, const char* name) {
  if (const auto length = header.number(architecture_key(header, name))) return length;
  const auto width = header.number(architecture_key(header, "embedding_length"));
  const auto heads = header.number(architecture_key(header, "attention.head_count"));
  return width && heads && *heads > 0 ? std::optional(*width / *heads) : std::nullopt;
}

void add_hash(const GgufModel& model, VariantFacts& facts) {
  if (model.files.size() > 1 || model.file_bytes > kMostHashed) {
    facts.unknown.push_back("sha256 of the model file: not taken of split models and of files over 1 GiB");
    return;
  }
  auto hash = sha256_file(model.files.front());
  if (hash) facts.file_sha256 = std::move(*hash);
  else facts.unknown.push_back("sha256 of the model file: " + hash.error().message);
}

}  // namespace

std::vector<std::filesystem::path> gguf_parts(const std::filesystem::path& path) {
  // "NAME-00001-of-00003.gguf", as llama-gguf-split writes it.
  constexpr std::size_t kTail = std::string_view("-00001-of-00003").size();
  const auto stem = path.stem().string();
  const auto tail = stem.size() > kTail ? stem.substr(stem.size() - kTail) : std::string();
  const auto digits = [&](std::size_t at) { return std::ranges::all_of(tail.substr(at, 5), [](unsigned char c) { return std::isdigit(c); }); };
  if (tail.empty() || tail[0] != '-' || tail.substr(6, 4) != "-of-" || !digits(1) || !digits(10)) return {path};
  std::vector<std::filesystem::path> parts;
  for (int part = 1, count = std::stoi(tail.substr(10)); part <= count; ++part)
    parts.push_back(path.parent_path() / fmt::format("{}-{:05}-of-{:05}.gguf", stem.substr(0, stem.size() - kTail), part, count));
  return parts;
}

Result<GgufModel> read_gguf_model(const std::filesystem::path& path) {
  GgufModel model;
  model.files = gguf_parts(path);
  for (const auto& file : model.files) {
    auto header = read_gguf_header(file);
    if (!header) return fail(header.error());
    model.file_bytes += static_cast<std::int64_t>(header->file_bytes);
    if (file == model.files.front()) model.header = std::move(*header);
    else std::move(header->tensors.begin(), header->tensors.end(), std::back_inserter(model.header.tensors));
  }
  return model;
}

std::optional<int> trained_context(const GgufHeader& header) {
  const auto tokens = header.number(architecture_key(header, "context_length"));
  return tokens ? std::optional(static_cast<int>(*tokens)) : std::nullopt;
}

std::optional<std::int64_t> kv_bytes_per_token(const GgufHeader& header) {
  constexpr std::int64_t kF16Bytes = 2;
  const auto layers = header.number(architecture_key(header, "block_count"));
  const auto heads = layers ? kv_heads_total(header, *layers) : std::nullopt;
  const auto key = head_length(header, "attention.key_length"), value = head_length(header, "attention.value_length");
  if (!heads || !key || !value) return std::nullopt;
  return kF16Bytes * *heads * (*key + *value);
}

std::string method_name(const std::string& type) { return type == "BF16" || type == "F16" || type == "F32" ? type : type + " (GGUF)"; }

void add_gguf_facts(const GgufModel& model, VariantFacts& facts) {
  const auto& header = model.header;
  facts.file_bytes = model.file_bytes;
  facts.parameters = header.parameters();
  facts.bits_per_weight = header.bits_per_weight();
  facts.tensor_mix = fmt::format("{} ({:.1f} bits a weight)", header.mix(), header.bits_per_weight());
  facts.method = method_name(header.dominant());
  facts.model_context = trained_context(header);
  add_hash(model, facts);
}

}  // namespace qc
