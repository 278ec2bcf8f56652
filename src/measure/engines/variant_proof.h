#pragma once
// The proof of one variant, put together: fills facts.proof and facts.identity of a server that is described already.
#include "checkpoint/checkpoint.h"
#include "measure/engines/probe.h"
#include "measure/engines/vllm_settings.h"
#include "record/record.h"
#include "study/study.h"

namespace qc {

void prove_llama(VariantFacts& facts, const Variant& variant, const Endpoint& server);

/// Asks the server for what it tells of itself. The log in `texts` is empty for a server that was not started by us.
void prove_vllm(VariantFacts& facts, const Variant& variant, const Endpoint& server, VllmTexts texts);
/// The same from texts alone; `checkpoint` is empty where its files are not on this machine.
void prove_vllm(VariantFacts& facts, const Variant& variant, const VllmTexts& texts, const std::optional<Checkpoint>& checkpoint);

/// What the variants' files alone say, before any server runs: shape, tokenizer, template, generation_config, and files that contradict
/// themselves. Variants whose files are not here are left out.
std::vector<VariantFacts> facts_of_files(const Study& study);

/// SGLang and servers that we don't know: what they told already, by the common names.
void prove_other(VariantFacts& facts, const Variant& variant);

}  // namespace qc
