#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <sstream>
#include <string>

#include "core/host.h"
#include "core/proc_table.h"
#include "doctor/probes.h"

namespace qc {
namespace {

/// Wall time less ours: changes only where someone sets the wall clock. Of some readings the one that was interrupted least.
Nanos wall_offset() {
  Nanos best{0}, narrowest = Nanos::max();
  for (int i = 0; i < 8; ++i) {
    timespec wall{};
    const Instant before = monotonic_clock().now();
    clock_gettime(CLOCK_REALTIME, &wall);
    const Nanos between = monotonic_clock().now() - before;
    if (between >= narrowest) continue;
    narrowest = between;
    best = Nanos(static_cast<std::int64_t>(wall.tv_sec) * 1'000'000'000 + wall.tv_nsec - before.ns) - between / 2;
  }
  return best;
}

std::optional<double> load_average() {
  std::istringstream in(read_proc("/proc/loadavg"));
  double load = 0;
  return in >> load ? std::optional(load) : std::nullopt;
}

/// Of this process and those that it has waited for.
double our_cpu_seconds() {
  rusage children{};
  getrusage(RUSAGE_CHILDREN, &children);
  const auto seconds_of = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6; };
  return own_cpu_seconds() + seconds_of(children.ru_utime) + seconds_of(children.ru_stime);
}

}  // namespace

std::optional<CpuTicks> cpu_ticks(std::string_view stat) {
  std::istringstream in{std::string(stat.substr(0, stat.find('\n')))};
  std::string name;
  std::array<std::uint64_t, 8> t{};   // user nice system idle iowait irq softirq steal; guests are in user already
  if (!(in >> name) || name != "cpu") return std::nullopt;
  for (std::uint64_t& each : t)
    if (!(in >> each)) return std::nullopt;
  const std::uint64_t busy = t[0] + t[1] + t[2] + t[5] + t[6];
  return CpuTicks{busy, t[7], busy + t[3] + t[4] + t[7]};
}

CpuUse cpu_use_between(const CpuTicks& before, const CpuTicks& after, double ticks_per_s, double own_s, Seconds spent) {
  CpuUse out;
  if (after.all <= before.all || spent.count() <= 0) return out;
  const double busy_s = static_cast<double>(after.busy - before.busy) / ticks_per_s;
  out.others = std::max(0.0, busy_s - own_s) / spent.count();
  out.stolen_share = static_cast<double>(after.stolen - before.stolen) / static_cast<double>(after.all - before.all);
  return out;
}

LoadWatch::LoadWatch() : begun_(monotonic_clock().now()), ticks_(cpu_ticks(read_proc("/proc/stat"))), load_(load_average()), own_s_(our_cpu_seconds()), wall_offset_(wall_offset()) {}

void LoadWatch::end(MachineFacts& facts) const {
  const Seconds spent = monotonic_clock().now() - begun_;
  facts.wall = {spent, wall_offset() - wall_offset_};
  const auto ticks = cpu_ticks(read_proc("/proc/stat"));
  if (ticks && ticks_) facts.cpu_use = cpu_use_between(*ticks_, *ticks, static_cast<double>(sysconf(_SC_CLK_TCK)), our_cpu_seconds() - own_s_, spent);
  facts.cpu_use.load = load_;
}

}  // namespace qc
