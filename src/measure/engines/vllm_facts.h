#pragma once
// A vLLM that answers -> the facts of its variant, from its log, its files and its own answers.
#include "checkpoint/checkpoint.h"
#include "measure/engines/http_engine.h"
#include "measure/engines/vllm_log.h"

namespace qc {

/// Fills parts.facts and the default endpoint. `log` is empty for a server that we attached to. Fails as engine when the server gives
/// a request less context than the study asks for; whether it is what it says it is stands in facts.identity.
Status describe_vllm(EngineParts& parts, const Variant& variant, const LaunchContext& context, const std::string& log);

/// What the checkpoint's files say: method, size, types of tensors, context, template. Weights that `--quantization` makes smaller while they are
/// loaded are what the log says of them, and not what the file holds.
void add_checkpoint(const Checkpoint& checkpoint, const VllmLog& log, VariantFacts& facts);

/// vLLM tells its cache's size as labels of one metric; releases before 0.11 give blocks only.
void add_vllm_cache(const std::string& metrics, VariantFacts& facts);

/// Chat where the server answers a chat request (60 s at most), else completions; says what is not known.
void choose_endpoint(EngineParts& parts);

}  // namespace qc
