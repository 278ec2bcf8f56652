#pragma once
// The small JSON files beside the weights.
#include <optional>
#include <string>

#include "checkpoint_writer/write.h"
#include "checkpoint_writer/llama_model.h"
#include "checkpoint_writer/tokenizer.h"

namespace qc {

/// config.json; with quantization_config in compressed-tensors' form unless the format is bf16.
Result<std::string> config_json(const SourceModel& model, const CheckpointOptions& options);

/// generation_config.json: greedy, and which words begin and end a text.
Result<std::string> generation_config_json(const SourceModel& model);

/// tokenizer_config.json; without a template where the model has none. The vocabulary must be of the model's size.
Result<std::string> tokenizer_config_json(const SourceModel& model, const Vocabulary& vocabulary, const std::optional<std::string>& chat_template);

}  // namespace qc
