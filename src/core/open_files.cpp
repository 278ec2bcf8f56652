#include "core/open_files.h"

#include <sys/resource.h>

#include <algorithm>

namespace qc {

OpenFileLimit open_file_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  return {limit.rlim_cur, limit.rlim_max};
}

std::optional<std::uint64_t> soft_limit_for(const OpenFileLimit& limit, std::uint64_t needed) {
  if (needed > limit.hard) return std::nullopt;
  return std::max(limit.soft, needed);
}

bool allow_open_files(std::uint64_t needed) {
  const OpenFileLimit limit = open_file_limit();
  const auto enough = soft_limit_for(limit, needed);
  if (enough == limit.soft) return true;
  const rlimit raised{enough.value_or(limit.hard), limit.hard};
  return setrlimit(RLIMIT_NOFILE, &raised) == 0 && enough.has_value();
}

}  // namespace qc
