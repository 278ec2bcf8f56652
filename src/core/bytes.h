#pragma once
// Sizes of memory.

namespace qc {
inline constexpr double kGiB = 1024.0 * 1024 * 1024;  ///< bytes
}  // namespace qc
