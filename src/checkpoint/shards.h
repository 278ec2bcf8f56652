#pragma once
// A checkpoint's weight files taken together: model.safetensors, or many shards with an index.
#include <filesystem>
#include <vector>

#include "checkpoint/safetensors.h"
#include "core/result.h"

namespace qc {

/// The tensors of all weight files of a folder: those that model.safetensors.index.json names, without it every *.safetensors.
/// None when the folder has none of them. Fails as read_safetensors does, and names a shard that is missing (usage), a tensor
/// that is not in the shard the index names, and a tensor that two files hold (damaged).
Result<std::vector<StoredTensor>> read_folder_tensors(const std::filesystem::path& folder);

/// Of the files that read_folder_tensors would read, those that are there are whole. Fails as whole_safetensors does, or as damaged for the index.
Status whole_weights(const std::filesystem::path& folder);

}  // namespace qc
