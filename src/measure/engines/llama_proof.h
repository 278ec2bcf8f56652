#pragma once
// A llama-server's settings by the names that vLLM's go by, so that one table compares both.
#include "gguf/gguf.h"
#include "measure/engines/probe.h"
#include "record/record.h"

namespace qc {

/// The model's shape, tensor types and template out of a GGUF header.
void add_gguf_settings(const GgufHeader& header, SettingList& settings);

/// What the facts and /props hold. `props` may be null. Call it when the facts are complete.
void add_llama_settings(const VariantFacts& facts, const LlamaProps* props, SettingList& settings);

/// A file that we handed over and whose bytes the server says it loaded is proved; a server's own words alone prove nothing.
Identity llama_identity(const VariantFacts& facts, const std::optional<std::string>& expect);

}  // namespace qc
