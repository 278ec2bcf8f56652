#pragma once
// A diagnosis as text for a person and as JSON for a program (docs/interface.md).
#include <string>

#include "doctor/findings.h"

namespace qc {

/// One line a finding, aligned, its remedy on the line below it; then the stages of our own error as a table.
std::string doctor_text(const Diagnosis& facts, const std::vector<Finding>& findings);
std::string doctor_json(const Diagnosis& facts, const std::vector<Finding>& findings);
/// The requests of one stage, a JSON line each: what we took down beside what the server sent.
std::string records_beside_truth(std::size_t stage, const std::vector<RequestRecord>& records, const std::vector<TrueAnswer>& truth);

}  // namespace qc
