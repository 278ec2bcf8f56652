#pragma once
// What a tokenizer.json does, as one hash: tools that quantize write the same tokenizer in other bytes.
#include <optional>
#include <string>
#include <string_view>

namespace qc {

/// SHA-256 over kind, words, merges (either way of writing them), added tokens, and the steps before and after, names sorted.
/// Empty when the text is no tokenizer.json.
std::optional<std::string> tokenizer_print(std::string_view text);

}  // namespace qc
