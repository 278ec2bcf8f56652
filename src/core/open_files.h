#pragma once
// How many files this process may have open at once; a connection is one of them.
#include <cstdint>
#include <optional>

namespace qc {

/// RLIMIT_NOFILE: what counts now, and how far we may raise it ourselves. Unlimited is the largest number.
struct OpenFileLimit { std::uint64_t soft = 0, hard = 0; };
OpenFileLimit open_file_limit();

/// The soft limit that is enough for `needed` files: today's where it is, else `needed` itself, so that what we start inherits no more than
/// that. Empty: more than the hard limit.
std::optional<std::uint64_t> soft_limit_for(const OpenFileLimit& limit, std::uint64_t needed);

/// Raises the soft limit for `needed` files, as far as the hard one allows. False: that is not enough.
bool allow_open_files(std::uint64_t needed);

}  // namespace qc
