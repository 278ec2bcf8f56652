#pragma once
// For .cpp files only (core/json.h).
#include <string>

#include "core/json.h"

namespace qc {

/// One line for each value, a line's end at the end. Fails as damaged where a text is no UTF-8: it came out of a file.
Result<std::string> json_text(const Json& value);

}  // namespace qc
