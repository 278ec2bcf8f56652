#pragma once
// What the server and the GPU said of themselves beside the load, on the run's clock. Unknown is std::nullopt, never 0.
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/time.h"

namespace qc {

/// One value of the server's own metrics. Names are ours for all servers and releases (measure/engines/metric_names.cpp).
struct ServerSample {
  int trial_id = 0;
  Instant at;
  std::string name;
  double value = 0;
};

/// A histogram as servers keep it: how many observations were at most each bound.
struct ServerHistogram {
  struct Bucket { double bound = 0; double count = 0; };   ///< cumulative; the last bound is infinity
  std::string name;
  double count = 0, sum = 0;
  std::vector<Bucket> buckets;
};

/// What one histogram gained during one trial.
struct HistogramGrowth {
  int trial_id = 0;
  ServerHistogram grown;
};

/// One answer of /metrics.
struct ServerReading {
  Instant asked, at;                       ///< `at`: the answer was whole
  std::vector<std::pair<std::string, double>> values;
  std::vector<ServerHistogram> histograms;
  [[nodiscard]] std::optional<double> value(const std::string& name) const {
    for (const auto& [key, number] : values)
      if (key == name) return number;
    return std::nullopt;
  }
};

/// NVML's clocks event reasons: why a GPU does not run at its full clock.
namespace event_reason {
inline constexpr std::int64_t kPowerCap = 0x4;
inline constexpr std::int64_t kHeatOrHardware = 0x8 | 0x20 | 0x40 | 0x80;   ///< METRICS.md: no trial counts with one of these
}  // namespace event_reason

struct GpuSample {
  int trial_id = 0;
  Instant at;
  int device = 0;
  std::optional<double> power_w;
  std::optional<int> sm_mhz, mem_mhz, temp_c;
  std::optional<std::int64_t> event_reasons, used_bytes, energy_mj;   ///< energy: since the driver was loaded
};

/// Of one trial, or of a whole study.
struct Telemetry {
  std::vector<ServerSample> server;
  std::vector<HistogramGrowth> histograms;
  std::vector<GpuSample> gpu;
};

}  // namespace qc
