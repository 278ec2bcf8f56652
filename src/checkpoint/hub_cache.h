#pragma once
// Where the Hugging Face libraries keep what they fetched: HUB/models--ORG--NAME/snapshots/REVISION.
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace qc {

/// $HF_HUB_CACHE, else $HF_HOME/hub, else ${XDG_CACHE_HOME:-~/.cache}/huggingface/hub.
std::filesystem::path hub_cache_dir();

/// The folder of a hub id ("Qwen/Qwen2.5-3B-Instruct") at a branch, tag or commit; nullopt when it was not fetched to this machine.
std::optional<std::filesystem::path> hub_snapshot(std::string_view id, const std::string& revision = "main");

}  // namespace qc
