#include <algorithm>
#include <ctime>
#include <limits>
#include <string>

#include "core/proc_table.h"
#include "core/text.h"
#include "doctor/probes.h"

namespace qc {

ClockFacts probe_clock() {
  constexpr int kReadings = 20'000;
  ClockFacts out;
  out.source = trim(read_proc("/sys/devices/system/clocksource/clocksource0/current_clocksource"));
  timespec resolution{};
  if (clock_getres(CLOCK_MONOTONIC, &resolution) == 0) out.resolution_ns = static_cast<std::int64_t>(resolution.tv_sec) * 1'000'000'000 + resolution.tv_nsec;
  out.smallest_step_ns = std::numeric_limits<std::int64_t>::max();
  const Instant begin = monotonic_clock().now();
  Instant last = begin;
  for (int i = 0; i < kReadings; ++i) {
    const Instant now = monotonic_clock().now();
    if (now > last) out.smallest_step_ns = std::min(out.smallest_step_ns, (now - last).count());
    last = now;
  }
  out.read_ns = static_cast<double>((last - begin).count()) / kReadings;
  return out;
}

}  // namespace qc
