#pragma once
// What is allowed, and yet not what most people mean.
#include <string>
#include <vector>

#include "study/study.h"

namespace qc {

/// One sentence each, with the key it is about and the remedy.
std::vector<std::string> warnings_of(const Study& study);

}  // namespace qc
