#pragma once
// tiny_llama.h's model with all that a checkpoint needs: no bias, wider heads (2 of 4 on one value head), sizes, and a tokenizer of three words.
#include <algorithm>

#include "support/tiny_llama.h"

namespace qc::test {

/// Sets a key's value, in its place or at the end.
inline void set_key(GgufFile& file, const std::string& name, const std::string& type_and_value) {
  const auto it = std::ranges::find(file.keys, name, &std::pair<std::string, std::string>::first);
  if (it == file.keys.end()) file.keys.emplace_back(name, type_and_value);
  else it->second = type_and_value;
}
inline void set_number(GgufFile& file, const std::string& name, std::uint32_t value) { set_key(file, name, raw(std::uint32_t{u32}) + raw(value)); }
inline void set_word(GgufFile& file, const std::string& name, const std::string& value) { set_key(file, name, raw(std::uint32_t{text}) + raw_text(value)); }
inline void drop_key(GgufFile& file, const std::string& name) {
  std::erase_if(file.keys, [&](const auto& key) { return key.first == name; });
}
inline void drop_tensor(GgufFile& file, const std::string& name) {
  std::erase_if(file.tensors, [&](const auto& t) { return t.name == name; });
}

inline GgufFile tiny_checkpoint() {
  GgufFile f = tiny_llama();
  drop_tensor(f, "blk.0.attn_v.bias");
  set_number(f, "llama.attention.head_count", 2);
  set_number(f, "llama.attention.head_count_kv", 1);
  f.number("llama.embedding_length", 8).number("llama.feed_forward_length", 32).number("llama.context_length", 64);
  f.key("llama.rope.freq_base", f32, raw(10000.0f)).key("llama.attention.layer_norm_rms_epsilon", f32, raw(1e-5f));
  f.word("tokenizer.ggml.model", "gpt2").word("tokenizer.ggml.pre", "smollm");
  f.words("tokenizer.ggml.tokens", {"<|end|>", "a", "\xc4\xa0" "a"}).words("tokenizer.ggml.merges", {"\xc4\xa0 a"});
  f.key("tokenizer.ggml.token_type", array, raw(std::uint32_t{i32}) + raw(std::uint64_t{3}) + raw(std::int32_t{3}) + raw(std::int32_t{1}) + raw(std::int32_t{1}));
  f.number("tokenizer.ggml.bos_token_id", 1).number("tokenizer.ggml.eos_token_id", 0).word("tokenizer.chat_template", "{{ messages }}");
  return f;
}

}  // namespace qc::test
