#pragma once
// Every key of the study file, for documents and help: the same table that the reader checks against (key_table.h).
#include <optional>
#include <string>
#include <vector>

namespace qc {

struct KeyDoc {
  std::string path;                       ///< "study.blocks", "variant.model"
  std::string accepted;
  std::optional<std::string> fallback;    ///< what holds where the file says nothing; empty: unset or required
  std::string help;
};

/// In the order of the study file.
std::vector<KeyDoc> study_keys();

}  // namespace qc
