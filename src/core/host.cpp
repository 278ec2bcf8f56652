#include "core/host.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <set>
#include <sstream>
#include <string_view>

#include "core/proc_table.h"

namespace qc {
namespace {

/// The value after "key<spaces>:<space>" (or "key=") on the first line that starts with `key`.
std::string value_of(const std::string& text, std::string_view key, char separator) {
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(key)) continue;
    const auto at = line.find(separator);
    if (at == std::string::npos || line.find_first_not_of(" \t", key.size()) != at) continue;
    const auto start = line.find_first_not_of(" \t\"", at + 1);
    if (start == std::string::npos) return {};
    return line.substr(start, line.find_last_not_of(" \t\"") - start + 1);
  }
  return {};
}

/// Hypervisors append "Processor" and clock rates that say nothing; the name is kept as the system tells it otherwise.
std::string cpu_model(const std::string& cpuinfo, const utsname& system) {
  for (const char* key : {"model name", "Model", "cpu model", "Hardware"})
    if (auto name = value_of(cpuinfo, key, ':'); !name.empty()) return name;
  return std::string(system.machine) + " processor";
}

// Vector extensions for which the CPU kernels of serving engines have paths of their own (x86, then Arm).
constexpr std::array<std::string_view, 16> kFeatures = {
    "avx2", "avx512f", "avx512_vnni", "avx512_bf16", "avx512_fp16", "avx_vnni", "amx_tile", "amx_int8",
    "amx_bf16", "asimd", "asimddp", "i8mm", "bf16", "sve", "sve2", "sme"};

std::string cpu_features(const std::string& cpuinfo) {
  auto flags = value_of(cpuinfo, "flags", ':');
  if (flags.empty()) flags = value_of(cpuinfo, "Features", ':');
  std::istringstream in(flags);
  std::set<std::string> have;
  for (std::string flag; in >> flag;) have.insert(flag);
  std::string out;
  for (const auto feature : kFeatures)
    if (have.contains(std::string(feature))) out += (out.empty() ? "" : " ") + std::string(feature);
  return out;
}

std::optional<double> number_in(const std::string& text) {
  std::istringstream in(text);
  double value = 0;
  if (in >> value) return value;
  return std::nullopt;
}

/// Our control group's folder and its parents in the cgroup v2 tree, innermost first: each may set a limit.
std::vector<std::string> cgroup_folders() {
  std::vector<std::string> folders;
  std::string path = "/";
  std::istringstream in(read_proc("/proc/self/cgroup"));
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("0::/")) path = line.substr(3);
  for (std::filesystem::path p = path;; p = p.parent_path()) {
    folders.push_back("/sys/fs/cgroup" + p.string());
    if (p == p.root_path()) return folders;
  }
}

/// CPUs' worth of time that a container limit leaves us; infinite without a limit.
double cpu_quota() {
  double quota = std::numeric_limits<double>::infinity();
  for (const auto& folder : cgroup_folders()) {
    std::istringstream in(read_proc(folder + "/cpu.max"));  // "max 100000" or "200000 100000"
    double allowed = 0, period = 0;
    if (in >> allowed >> period && period > 0) quota = std::min(quota, allowed / period);
  }
  const auto v1_allowed = number_in(read_proc("/sys/fs/cgroup/cpu/cpu.cfs_quota_us"));
  const auto v1_period = number_in(read_proc("/sys/fs/cgroup/cpu/cpu.cfs_period_us"));
  if (v1_allowed && v1_period && *v1_allowed > 0 && *v1_period > 0) quota = std::min(quota, *v1_allowed / *v1_period);
  return quota;
}

std::int64_t memory_bytes() {
  const double kib = number_in(value_of(read_proc("/proc/meminfo"), "MemTotal", ':')).value_or(0);
  double bytes = kib * 1024;
  std::vector<std::string> limits{"/sys/fs/cgroup/memory/memory.limit_in_bytes"};
  for (const auto& folder : cgroup_folders()) limits.push_back(folder + "/memory.max");
  for (const auto& file : limits)
    if (const auto limit = number_in(read_proc(file)); limit && *limit > 0) bytes = std::min(bytes, *limit);
  return static_cast<std::int64_t>(bytes);
}

/// A mask wide enough for any machine; a fixed cpu_set_t fails with EINVAL above 1024 CPUs.
std::vector<int> allowed_cpus() {
  constexpr int kMost = 8192;
  std::vector<int> cpus;
  cpu_set_t* mask = CPU_ALLOC(kMost);
  const auto size = CPU_ALLOC_SIZE(kMost);
  if (mask != nullptr && sched_getaffinity(0, size, mask) == 0)
    for (int cpu = 0; cpu < kMost; ++cpu)
      if (CPU_ISSET_S(static_cast<std::size_t>(cpu), size, mask)) cpus.push_back(cpu);
  if (mask != nullptr) CPU_FREE(mask);
  if (cpus.empty()) cpus.push_back(0);
  return cpus;
}

int distinct_cores(const std::vector<int>& cpus) {
  std::set<std::string> cores;
  for (const int cpu : cpus) {
    const auto folder = "/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/";
    const auto siblings = read_proc(folder + "thread_siblings_list");
    cores.insert(siblings.empty() ? "cpu" + std::to_string(cpu) : siblings);
  }
  return static_cast<int>(cores.size());
}

int at_most(int count, double quota) {
  return static_cast<int>(std::max(1.0, std::min(static_cast<double>(count), std::ceil(quota))));
}

}  // namespace

HostInfo host_info() {
  utsname system{};
  uname(&system);
  const auto cpuinfo = read_proc("/proc/cpuinfo");
  const auto cpus = allowed_cpus();
  const double quota = cpu_quota();
  HostInfo host;
  host.cpu_model = cpu_model(cpuinfo, system);
  host.cores = at_most(static_cast<int>(cpus.size()), quota);
  host.physical_cores = at_most(distinct_cores(cpus), quota);
  host.cpu_features = cpu_features(cpuinfo);
  host.memory_bytes = memory_bytes();
  for (const char* file : {"/etc/os-release", "/usr/lib/os-release"})
    if (host.os.empty()) host.os = value_of(read_proc(file), "PRETTY_NAME", '=');
  if (host.os.empty()) host.os = system.sysname;
  host.kernel = system.release;
  return host;
}

std::int64_t available_memory_bytes() {
  const double kib = number_in(value_of(read_proc("/proc/meminfo"), "MemAvailable", ':')).value_or(0);
  return std::min(static_cast<std::int64_t>(kib * 1024), memory_bytes());
}

double own_cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6; };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

std::int64_t own_peak_resident_bytes() {
  return static_cast<std::int64_t>(number_in(value_of(read_proc("/proc/self/status"), "VmHWM", ':')).value_or(0) * 1024);
}

double tree_cpu_seconds(int pid) {
  double total = 0;
  for (const pid_t p : process_tree(pid))
    if (const auto row = process_row(p)) total += row->cpu_s;
  return total;
}

std::string process_name(int pid) {
  std::string name = read_proc("/proc/" + std::to_string(pid) + "/comm");
  if (name.ends_with('\n')) name.pop_back();
  return name;
}

std::int64_t tree_resident_bytes(int pid) {
  std::int64_t pages = 0;
  for (const pid_t p : process_tree(pid)) {
    std::istringstream in(read_proc("/proc/" + std::to_string(p) + "/statm"));
    std::int64_t size = 0, resident = 0;
    if (in >> size >> resident) pages += resident;
  }
  return pages * sysconf(_SC_PAGESIZE);
}

}  // namespace qc
