#pragma once
// What a model's or a prompt set's words mean: a path on this machine, a name on a server, a built-in set.
#include <string_view>

#include "study/study.h"

namespace qc {

/// A model is local when it begins with '/', '.', '~' or '$' or ends in ".gguf"; all else is a hub id.
bool is_local_path(std::string_view model);

/// The variant's server is started on this machine: nobody gave a url, and no ssh, container or `connect` stands between.
bool runs_here(const EngineSpec& engine, const Variant& variant);

/// Neither a built-in set nor random:N.
bool is_prompt_file(const std::string& prompts);

}  // namespace qc
