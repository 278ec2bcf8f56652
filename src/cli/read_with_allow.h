#pragma once
// The study of a verb that takes --allow: the file's study.allow and the flag's names together, kept with the study as run.
#include <string>
#include <vector>

#include "core/result.h"
#include "study/study.h"

namespace qc {

/// Fails as read_study does, and as usage for a name that nothing unfair goes by.
Result<Study> read_with_allow(const std::string& file, std::vector<std::string> set, const std::vector<std::string>& only, const std::vector<std::string>& allow);
/// The same of a text; `name` stands for the file in messages.
Result<Study> parse_with_allow(const std::string& text, const std::string& name, std::vector<std::string> set, const std::vector<std::string>& allow);

}  // namespace qc
