#pragma once
// Which tokenizer a GGUF file carries, as one hash: its words and merges are too long to be kept with the header.
#include <filesystem>
#include <string>

#include "core/result.h"

namespace qc {

/// SHA-256 over the records of all tokenizer.* keys but the chat templates, by name. Empty where there are none. Fails as read_gguf_header.
Result<std::string> gguf_tokenizer_sha256(const std::filesystem::path& path);

}  // namespace qc
