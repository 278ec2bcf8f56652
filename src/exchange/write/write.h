#pragma once
// A stored study -> result files that other tools' own loaders take, by those tools' definitions.
#include <string>
#include <vector>

#include "core/result.h"
#include "record/record.h"

namespace qc {

struct ExportedFile { std::string path, text; };   ///< path: below the folder of the export
struct Export {
  std::vector<ExportedFile> files;
  std::vector<std::string> notes;          ///< what was converted, what could not be, what was left out
};

enum class Details { keep, leave_out };

/// The formats' names, in the order in which help lists them.
std::vector<std::string> export_formats();

/// Valid trials with requests, warm-up left out. `details` is vllm's and sglang's: a value for each request. Fails as usage for a
/// format that is none, and where no trial of the study can be told in it.
Result<Export> export_study(const std::string& format, const StudyData& data, Details details);

}  // namespace qc
