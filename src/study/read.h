#pragma once
// Study file -> Study. The only reader of TOML.
#include <span>
#include <string>

#include "core/result.h"
#include "study/study.h"

namespace qc {

struct ReadOptions {
  std::vector<std::string> set;   ///< "study.blocks=2", "variant.awq.model=..."
  std::vector<std::string> only;  ///< keep these variants and the baseline; empty: all
  bool files_must_exist = true;   ///< false for a stored study, which is read again on a machine without its models
};

/// Reads and checks the whole file before anything starts. Fails as usage with *every* problem found, one a line:
/// `FILE:LINE: KEY: what was found; what is accepted; did you mean NEAREST?` (broken TOML: `FILE:LINE: parse error: ...`).
/// A problem of a value given with --set begins with `--set KEY=VALUE: ` instead of file and line.
/// Local model and prompt files must exist (not checked where `command` or `url` is remote); prompt set names must be built in.
Result<Study> read_study(const std::string& path, const ReadOptions& options);

/// The same for text that is already in memory; `name` stands for the file in messages.
Result<Study> parse_study(std::string_view text, const std::string& name, const ReadOptions& options);

}  // namespace qc
