#pragma once
// How many streams this process may have open at once: each is a file.
#include <cstdint>
#include <string>

#include "core/open_files.h"
#include "core/result.h"

namespace qc {

/// Files that are needed for so many streams, those that are open beside them included.
std::uint64_t files_for_streams(std::uint64_t streams);
/// The most streams for which the limit can be raised far enough.
std::uint64_t streams_allowed(const OpenFileLimit& limit);
/// Raises the limit of open files, for so many streams at once. Fails as usage where the system's hard limit is lower, with what is needed,
/// what there is and what to do; the limit is then as high as it goes.
Status allow_streams(std::uint64_t streams);

/// "raise it (...), or take at most N streams": what to do about a hard limit that is too low for `streams`.
std::string more_files_remedy(const OpenFileLimit& limit, std::uint64_t streams);

}  // namespace qc
