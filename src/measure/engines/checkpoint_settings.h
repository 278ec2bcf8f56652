#pragma once
// What a checkpoint's own files say, as settings: the model's shape, how it is quantized, tokenizer, template, generation_config.
#include "checkpoint/checkpoint.h"
#include "record/proof.h"

namespace qc {

/// `source` says whose files they are ("config.json", "config.json of Qwen/... on this machine").
void add_checkpoint_settings(const Checkpoint& checkpoint, const std::string& where, SettingList& settings);

}  // namespace qc
