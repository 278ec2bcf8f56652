#pragma once
// The real engine and the real sample model, where set-up has brought them; tests that need them are skipped aloud elsewhere.
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "core/files.h"

namespace qc::test {

/// llama.cpp's programs and libraries: $QC_TEST_LLAMA_BIN, else the cache's current build.
inline std::optional<std::filesystem::path> llama_bin() {
  const char* own = std::getenv("QC_TEST_LLAMA_BIN");
  const std::filesystem::path bin = own ? std::filesystem::path(own) : cache_dir() / "llama/current/bin";
  std::error_code ignored;
  if (!std::filesystem::is_directory(bin, ignored)) return std::nullopt;
  return bin;
}

/// The sample model as its package holds it (Q4_1): $QC_TEST_MODEL, else the file of that name in the cache's models.
inline std::optional<std::filesystem::path> sample_model() {
  if (const char* own = std::getenv("QC_TEST_MODEL")) return own;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(cache_dir() / "models", ignored))
    if (entry.path().filename() == "SmolLM2-135M-Instruct.Q4_1.gguf") return entry.path();
  return std::nullopt;
}

inline const char* kNoSample = "no llama.cpp or no sample model in the cache: make deps brings them";

}  // namespace qc::test
