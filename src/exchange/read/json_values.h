#pragma once
// Values of foreign JSON, whatever type their writer gave them.
#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "record/record.h"

namespace qc {

/// The documents of a text: one, an array's, or one a line. NaN and Infinity, which Python writes and JSON has not, become null.
Result<std::vector<Json>> foreign_json(std::string_view text);

/// A number, or a string that is one ("8", as `--metadata` of vLLM keeps it); empty for all else, "inf" among it.
std::optional<double> number_at(const Json& object, const char* key);
std::optional<int> whole_at(const Json& object, const char* key);
std::string text_at(const Json& object, const char* key);
std::vector<double> numbers_at(const Json& object, const char* key);

/// Seconds of a clock of the file's own -> nanoseconds on one axis.
Instant instant_of(double seconds);

/// The kind of failure that an error's text speaks of; bad_stream where it names none that we know.
Failure failure_of(const std::string& error_text);

}  // namespace qc
