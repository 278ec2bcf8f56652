#pragma once
// What a study holds that opens a door (--api-key among the args, HF_TOKEN in the environment): used, but neither kept nor printed.
#include "study/document.h"
#include "study/study.h"

namespace qc {

/// Puts "(hidden)" in place of every secret; true: there was one.
bool hide_secrets(TomlDocument& document);

/// The same of a study's values.
Study with_secrets_hidden(Study study);

}  // namespace qc
