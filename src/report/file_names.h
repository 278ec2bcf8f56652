#pragma once
// Names of what a report's folder holds: docs/interface.md.
#include <string>

#include "record/record.h"

namespace qc {

std::string capacity_file(const StudyData& data, const std::string& workload, const std::string& variant);
std::string quality_file(const StudyData& data);

}  // namespace qc
