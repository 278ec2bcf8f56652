#pragma once
// A byte-level BPE tokenizer in Hugging Face's form, out of a GGUF's vocabulary and merges.
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"
#include "gguf/layout.h"

namespace qc {

struct Vocabulary {
  std::vector<std::string> words;      ///< by number; bytes as GPT-2 writes them, so each is printable text
  std::vector<std::int64_t> kinds;     ///< llama.cpp's: 1 normal, 3 control, 4 added by a user
  std::vector<std::string> merges;     ///< "left right", the first to be applied first
};

/// Fails as usage where the tokenizer is not SmolLM's byte-level BPE or puts a word before every text, as damaged where words and kinds
/// do not fit together or a merge is no pair.
Result<Vocabulary> read_vocabulary(const std::filesystem::path& path, const GgufLayout& layout);

/// The text of tokenizer.json: each digit by itself, then GPT-2's pieces. Fails as damaged where a word is no UTF-8.
Result<std::string> tokenizer_json(const Vocabulary& vocabulary);

}  // namespace qc
