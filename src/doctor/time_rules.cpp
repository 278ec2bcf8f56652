// Clocks and processors.
#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "doctor/rules.h"

namespace qc {
namespace {

constexpr double kSlowReadNs = 1'000;
constexpr Nanos kCoarse{1'000}, kMovedALittle{100'000};

/// Read by a system call and at a device, a microsecond or more each time.
bool is_slow_source(std::string_view source) {
  constexpr std::array<std::string_view, 4> kSlow = {"hpet", "acpi_pm", "jiffies", "refined-jiffies"};
  return std::ranges::find(kSlow, source) != kSlow.end();
}

}  // namespace

Judgement rule_stamps(const Diagnosis& d) {
  const StampFacts& s = d.machine.stamps;
  const auto word = [](bool given) { return given ? "given" : "not given"; };
  std::string found = fmt::format("SO_TIMESTAMPING on the loopback: receive stamps are {}, send stamps {}", word(s.receive), word(s.send));
  if (s.receive && s.send) return {Severity::fine, std::move(found)};
  if (s.receive) return {Severity::note, std::move(found), "a request's sending is the instant after our call; nothing to do where own_error.send is fine"};
  return {Severity::warning, std::move(found), "instants are those of our reads: take a kernel with CONFIG_NET timestamping and no sandbox (gVisor has none), and keep this machine idle"};
}

Judgement rule_clock(const Diagnosis& d) {
  const ClockFacts& c = d.machine.clock;
  std::string found = fmt::format("{}, read in {:.0f} ns, steps of {} ns, resolution {} ns", c.source.empty() ? "source not told" : c.source, c.read_ns, c.smallest_step_ns, c.resolution_ns);
  if (Nanos(c.resolution_ns) > kCoarse || Nanos(c.smallest_step_ns) > std::max(kCoarse, Nanos(std::llround(2 * c.read_ns))))
    return {Severity::warning, std::move(found), "this clock is coarse: boot with high-resolution timers (no highres=off, nohz=off), and a clocksource of tsc, kvm-clock or arch_sys_counter"};
  if (is_slow_source(c.source) || c.read_ns > kSlowReadNs)
    return {Severity::warning, std::move(found), "each reading costs a system call: choose a faster one of /sys/devices/system/clocksource/clocksource0/available_clocksource (boot with clocksource=tsc)"};
  return {Severity::fine, std::move(found)};
}

Judgement rule_wall_clock(const Diagnosis& d) {
  const WallClockMove& w = d.machine.wall;
  std::string found = fmt::format("the wall clock moved {:.0f} us against ours in {:.0f} s", millis(w.moved) * 1e3, w.watched.count());
  if (std::chrono::abs(w.moved) <= kMovedALittle) return {Severity::fine, std::move(found)};
  return {Severity::warning, std::move(found), "someone sets it in steps, and the kernel's stamps with it: let chrony or ntpd slew it, and let no hypervisor agent set it"};
}

Judgement rule_load(const Diagnosis& d) {
  const CpuUse& use = d.machine.cpu_use;
  const int cores = d.machine.cpu.cores;
  std::string found = fmt::format("{} {}; load {} before; meanwhile others kept {} cores busy, the hypervisor {} of the time", cores, cores == 1 ? "core" : "cores", use.load ? fmt::format("{:.2f}", *use.load) : "n/a",
                                  use.others ? fmt::format("{:.2f}", *use.others) : "n/a", use.stolen_share ? fmt::format("{:.1f} %", 100 * *use.stolen_share) : "n/a");
  if (cores < 2) return {Severity::warning, std::move(found), "a server on the same core is slowed down by its client: give this machine another core, or serve elsewhere"};
  if (use.others.value_or(0) > 0.1 * cores) return {Severity::warning, std::move(found), "other programs disturb what is measured: end them (`top` shows them)"};
  if (use.stolen_share.value_or(0) > 0.01) return {Severity::warning, std::move(found), "other machines on this host disturb what is measured: take one with cores of its own"};
  return {Severity::fine, std::move(found)};
}

Judgement rule_scheduling(const Diagnosis& d) {
  std::string found = fmt::format("our thread is scheduled as: {}", d.error.scheduling.empty() ? "n/a" : d.error.scheduling);
  if (d.error.scheduling != "ordinary") return {Severity::fine, std::move(found)};
  return {Severity::note, std::move(found), "an engine on the same cores may delay us: run as root, with CAP_SYS_NICE (docker run --cap-add SYS_NICE), or a limit `rtprio` above 0"};
}

Judgement rule_governor(const Diagnosis& d) {
  const auto& all = d.machine.cpu.governors;
  if (all.empty()) return {Severity::fine, fmt::format("the governor of the processor's frequency is not told{}", d.machine.cpu.is_virtual ? " (usual in a virtual machine)" : "")};
  std::string found = fmt::format("the governor of the processor's frequency: {}", fmt::join(all, ", "));
  if (std::ranges::all_of(all, [](const std::string& g) { return g == "performance"; })) return {Severity::fine, std::move(found)};
  return {Severity::note, std::move(found), "a CPU engine's speed then depends on what ran before: `cpupower frequency-set -g performance`"};
}

Judgement rule_power(const Diagnosis& d) {
  const auto& battery = d.machine.on_battery;
  if (!battery) return {Severity::fine, "no battery or power supply is shown"};
  if (!*battery) return {Severity::fine, "on mains power"};
  return {Severity::warning, "on battery: clocks are lowered as it runs down", "plug it in"};
}

}  // namespace qc
