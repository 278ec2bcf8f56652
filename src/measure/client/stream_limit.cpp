#include "measure/client/stream_limit.h"

#include <fmt/format.h>

namespace qc {
namespace {

constexpr std::uint64_t kOtherFiles = 64;   // the standard streams, epoll, a log, a store with its journal, libraries

}  // namespace

std::uint64_t files_for_streams(std::uint64_t streams) { return streams + kOtherFiles; }

std::uint64_t streams_allowed(const OpenFileLimit& limit) { return limit.hard > kOtherFiles ? limit.hard - kOtherFiles : 0; }

std::string more_files_remedy(const OpenFileLimit& limit, std::uint64_t streams) {
  const std::uint64_t needed = files_for_streams(streams);
  return fmt::format("raise it (as root `ulimit -n {0}`; else \"nofile\" in /etc/security/limits.conf, LimitNOFILE={0} of a systemd unit, or docker run --ulimit nofile={0}), or take at most {1} streams",
                     needed, streams_allowed(limit));
}

Status allow_streams(std::uint64_t streams) {
  const OpenFileLimit limit = open_file_limit();
  if (allow_open_files(files_for_streams(streams))) return ok();
  return fail(Fault::usage, fmt::format("{} streams at once need {} open files, and the hard limit here is {}: {}", streams, files_for_streams(streams), limit.hard, more_files_remedy(limit, streams)));
}

}  // namespace qc
