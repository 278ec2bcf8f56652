#pragma once
// One look at one thing of this machine each. Internal to doctor.
#include <string_view>

#include "doctor/machine_facts.h"

namespace qc {

ClockFacts probe_clock();
CpuFacts probe_cpu();
/// Empty: no power supply is shown (a server, a VM).
std::optional<bool> probe_battery();
PortFacts probe_ports();
/// Of the folder, or of the nearest above it that is there.
FolderRoom probe_folder(std::string what, const std::string& path);
StampFacts probe_stamps();
RingFacts probe_ring();

/// First line of /proc/stat, in ticks.
struct CpuTicks { std::uint64_t busy = 0, stolen = 0, all = 0; };
/// Empty where the text is none such.
std::optional<CpuTicks> cpu_ticks(std::string_view stat);
/// Who used the processors between two looks, `spent` apart, in which we used `own_s` seconds of them. `load` is left empty.
CpuUse cpu_use_between(const CpuTicks& before, const CpuTicks& after, double ticks_per_s, double own_s, Seconds spent);

/// What others did on this machine, and what happened to the wall clock, from construction to end(): the processes that we wait for
/// meanwhile (our server) count as ours.
class LoadWatch {
 public:
  LoadWatch();
  void end(MachineFacts& facts) const;

 private:
  Instant begun_;
  std::optional<CpuTicks> ticks_;
  std::optional<double> load_;
  double own_s_;
  Nanos wall_offset_;
};

/// Everything that can be looked at in a moment; cpu_use and wall are LoadWatch's.
MachineFacts look_around();

}  // namespace qc
