#pragma once
// The machine we run on, read from /proc and /sys.
#include <cstdint>
#include <string>

namespace qc {

struct HostInfo {
  std::string cpu_model;      ///< "AMD EPYC"
  int cores = 0;              ///< hardware threads that this process may use (affinity and container limits)
  int physical_cores = 0;     ///< the same, siblings of one core counted once: threads for compute-bound work
  std::string cpu_features;   ///< the vector extensions that decide speed, e.g. "avx2 avx512_bf16"
  std::int64_t memory_bytes = 0;
  std::string os;             ///< "Debian GNU/Linux 12 (bookworm)"
  std::string kernel;
};
HostInfo host_info();

/// What the kernel calls a process, at most 15 characters; empty when there is none of that id here.
std::string process_name(int pid);

/// Bytes of memory that a new process could use now (the kernel's MemAvailable, within container limits).
std::int64_t available_memory_bytes();

/// User plus system CPU seconds of this process so far.
double own_cpu_seconds();
/// The most that was resident of this program at any time; 0 where it can't be read. Not getrusage's figure, which begins with that of
/// whoever started us.
std::int64_t own_peak_resident_bytes();
/// User plus system CPU seconds of a process and its living descendants; 0 when it is gone.
double tree_cpu_seconds(int pid);
/// Resident bytes of a process and its living descendants (shared pages counted once per process); 0 when it is gone.
std::int64_t tree_resident_bytes(int pid);

}  // namespace qc
