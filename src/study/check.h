#pragma once
// What no single key can tell: the study as a whole makes sense, and what it names is there.
#include "study/problems.h"
#include "study/sources.h"
#include "study/study.h"

namespace qc {

/// Whether local models and prompt files are looked for.
enum class ModelFiles { must_exist, may_be_missing };

/// `study` as read, variants in the file's order, paths as typed. Adds every problem found.
void check_study(const Study& study, const Sources& sources, ModelFiles files, Problems& problems);

/// Its parts: urls, commands and kinds that contradict one another; models that are not there.
void check_servers(const Study& study, const Sources& sources, ModelFiles files, Problems& problems);

}  // namespace qc
