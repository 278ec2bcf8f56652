#include "checkpoint_writer/llama_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <string>

namespace qc {
namespace {

constexpr std::int64_t kLargest = 1 << 24;  // of any size, so that products can't wrap

/// Reads keys one after the other; the first that is missing or impossible is remembered.
class Keys {
 public:
  explicit Keys(const GgufHeader& header) : header_(header) {}

  std::uint64_t size(const std::string& key) {
    const auto value = header_.number(key);
    if (!value) refuse(Fault::usage, fmt::format("it has no key {}, or it is no whole number", key));
    if (value && (*value < 1 || *value > kLargest)) refuse(Fault::damaged, fmt::format("{} = {}", key, *value));
    return error_ ? 1 : static_cast<std::uint64_t>(*value);
  }
  std::uint64_t size_or(const std::string& key, std::uint64_t otherwise) { return header_.keys.contains(key) ? size(key) : otherwise; }

  /// The number that was written when the 32-bit one was made: 1e-05, not 9.999999747378752e-06.
  double real(const std::string& key) {
    const auto it = header_.keys.find(key);
    const auto* value = it == header_.keys.end() ? nullptr : std::get_if<double>(&it->second);
    if (!value || !(*value > 0)) refuse(Fault::usage, fmt::format("it has no key {}, or it is no number above 0", key));
    return error_ ? 1 : std::strtod(fmt::format("{}", static_cast<float>(*value)).c_str(), nullptr);
  }

  std::uint64_t word(const std::string& name, std::uint64_t vocabulary, std::optional<std::uint64_t> otherwise = {}) {
    const std::string key = "tokenizer.ggml." + name + "_token_id";
    if (otherwise && !header_.keys.contains(key)) return *otherwise;
    const auto value = header_.number(key);
    if (!value) refuse(Fault::usage, fmt::format("it has no key {}", key));
    if (value && (*value < 0 || static_cast<std::uint64_t>(*value) >= vocabulary)) refuse(Fault::damaged, fmt::format("{} = {}, the vocabulary has {} words", key, *value, vocabulary));
    return error_ ? 0 : static_cast<std::uint64_t>(*value);
  }

  void refuse(Fault fault, std::string why) {
    if (!error_) error_ = Error{fault, std::move(why)};
  }
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  const GgufHeader& header_;
  std::optional<Error> error_;
};

const TensorInfo* find(const GgufHeader& header, const std::string& name) {
  const auto it = std::ranges::find(header.tensors, name, &TensorInfo::name);
  return it == header.tensors.end() ? nullptr : &*it;
}

void sizes(Keys& keys, SourceModel& m) {
  m.layers = keys.size("llama.block_count");
  m.hidden = keys.size("llama.embedding_length");
  m.middle = keys.size("llama.feed_forward_length");
  m.context = keys.size("llama.context_length");
  m.heads = keys.size("llama.attention.head_count");
  m.kv_heads = keys.size_or("llama.attention.head_count_kv", m.heads);
  m.head = keys.size_or("llama.attention.key_length", m.hidden / m.heads);
  m.query = m.heads * m.head;
  m.key_value = m.kv_heads * m.head;
  m.rms_epsilon = keys.real("llama.attention.layer_norm_rms_epsilon");
  m.rope_base = keys.real("llama.rope.freq_base");
  if (m.heads % m.kv_heads != 0 || m.head % 2 != 0 || m.head == 0)
    keys.refuse(Fault::damaged, fmt::format("{} query heads on {} value heads, each {} wide", m.heads, m.kv_heads, m.head));
  if (keys.size_or("llama.rope.dimension_count", m.head) != m.head) keys.refuse(Fault::usage, "RoPE turns a part of each head only: such models are not carried over");
}

}  // namespace

Result<SourceModel> llama_model(const GgufHeader& header) {
  if (header.text("general.architecture") != "llama")
    return fail(Fault::usage, fmt::format("its architecture is {}, only llama is supported", header.text("general.architecture").value_or("not told")));
  if (header.text("llama.rope.scaling.type").value_or("none") != "none") return fail(Fault::usage, "its RoPE is scaled: such models are not carried over");
  const TensorInfo* embedding = find(header, "token_embd.weight");
  if (!embedding || embedding->shape.size() != 2) return fail(Fault::damaged, "it has no matrix token_embd.weight");

  SourceModel m;
  Keys keys(header);
  sizes(keys, m);
  m.vocabulary = embedding->shape[1];
  m.tied = find(header, "output.weight") == nullptr;
  m.bos = keys.word("bos", m.vocabulary);
  m.eos = keys.word("eos", m.vocabulary);
  m.pad = keys.word("padding", m.vocabulary, m.eos);
  if (header.keys.contains("tokenizer.ggml.unknown_token_id")) m.unknown = keys.word("unknown", m.vocabulary);
  if (keys.error()) return fail(*keys.error());
  return m;
}

}  // namespace qc
