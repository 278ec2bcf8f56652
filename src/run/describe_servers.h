#pragma once
// Every variant's server started (or attached to) in turn, asked what it is, and stopped: nothing is measured.
#include <filesystem>
#include <vector>

#include "core/result.h"
#include "core/stop.h"
#include "run/run.h"
#include "study/study.h"

namespace qc {

/// Logs go to `logs`. `start_s`: a first guess of a start, for the time left. Fails as launch() does, naming the variant, and as interrupted.
Result<std::vector<VariantFacts>> describe_servers(const Study& study, const std::filesystem::path& logs, double start_s, const StopFlag& stop, const Watcher& watcher);

}  // namespace qc
