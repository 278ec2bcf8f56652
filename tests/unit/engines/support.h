#pragma once
// Recorded texts, and the smallest GGUF file that says what a model's header says.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <unistd.h>
#include <vector>

#include "integration/process/support.h"
#include "support/fixture.h"

namespace qc::test {

/// GGUF version 3, little-endian, as ggml's docs/gguf.md lays it out.
class GgufText {
 public:
  GgufText& text(const std::string& key, const std::string& value) { return start(key, 8).string(value); }
  GgufText& number(const std::string& key, std::uint32_t value) { return start(key, 4).raw(value); }
  std::filesystem::path write(const std::string& name) const {
    GgufText all;
    all.bytes_ = "GGUF";
    all.raw(std::uint32_t{3}).raw(std::uint64_t{1}).raw(count_);
    all.bytes_ += bytes_;
    all.string("token_embd.weight").raw(std::uint32_t{1}).raw(std::uint64_t{32}).raw(std::uint32_t{0}).raw(std::uint64_t{0});  // F32, 32 of them
    all.bytes_.resize((all.bytes_.size() + 31) / 32 * 32 + 128);
    const auto path = scratch() / name;
    std::ofstream(path, std::ios::binary) << all.bytes_;
    return path;
  }

 private:
  template <class Number>
  GgufText& raw(Number value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    bytes_.append(bytes, sizeof value);
    return *this;
  }
  GgufText& string(const std::string& value) {
    raw(static_cast<std::uint64_t>(value.size()));
    bytes_ += value;
    return *this;
  }
  GgufText& start(const std::string& key, std::uint32_t type) {
    ++count_;
    return string(key).raw(type);
  }
  std::string bytes_;
  std::uint64_t count_ = 0;
};

/// The header of SmolLM2-135M: 2 bytes x (64 + 64) x 3 KV heads x 30 layers = 23,040 bytes of KV cache a token.
inline std::filesystem::path smollm2_like(const std::string& name, std::uint32_t trained_context = 8192) {
  return GgufText()
      .text("general.architecture", "llama")
      .number("llama.block_count", 30)
      .number("llama.context_length", trained_context)
      .number("llama.embedding_length", 576)
      .number("llama.attention.head_count", 9)
      .number("llama.attention.head_count_kv", 3)
      .write(name);
}

}  // namespace qc::test
