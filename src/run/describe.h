#pragma once
// What the run writes down of the program and the machine.
#include <string>

#include "record/record.h"

namespace qc {

/// "NVIDIA RTX 2000 Ada Generation" -> "rtx2000ada", "NVIDIA H100 80GB HBM3" -> "h100".
std::string gpu_short_name(const std::string& name);

/// Program, host and GPUs as they are now; times and sums are the caller's.
RunInfo describe_run(const Study& study, const std::string& command_line);

}  // namespace qc
