#pragma once
// A llama-server that answers -> the facts of its variant, from its files, its log and its own answers.
#include "measure/engines/http_engine.h"
#include "measure/engines/llama_command.h"

namespace qc {

/// Fills parts.facts and the default endpoint. Fails as engine when the server gives fewer slots or less context than it was asked for.
Status describe_llama(EngineParts& parts, const Variant& variant, const LlamaSettings& asked, const std::vector<std::string>& program,
                      const std::string& log);

/// What a /props answer says, for started and attached servers alike.
void add_props(const LlamaProps& props, EngineParts& parts);

}  // namespace qc
