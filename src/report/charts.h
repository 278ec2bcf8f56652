#pragma once
// Vega-Lite specifications (JSON text) from plain values: no colour and no font here, those come from render_svg's theme.
// A chart's title and alternative text belong to the Picture around it. Order of series is order of colours: the baseline first.
#include <optional>
#include <string>
#include <vector>

namespace qc {

/// One mark. An interval is drawn where both ends are known.
struct SeriesPoint { double x = 0, y = 0; std::optional<double> lo, hi; };
/// One line of a chart: a variant's name as the legend prints it.
struct Series { std::string name; std::vector<SeriesPoint> points; };
/// A dashed rule across the chart, e.g. {3000, "budget 3,000 ms"}.
struct Limit { double value = 0; std::string label; };

/// A measure against concurrency for one workload: x is the concurrency (equal steps, only the measured values), y starts at 0.
/// `y_title` names measure and unit: "Output throughput (tok/s)", "p95 latency (ms)".
struct ConcurrencyChart {
  std::string y_title;
  std::vector<Series> series;
  std::optional<Limit> limit;
};
std::string concurrency_chart(const ConcurrencyChart& chart);

/// A candidate's change against the baseline at one operating point, in percent; hollow when it is not distinguishable or undecided.
struct DeltaPoint {
  std::string point;       ///< row label, e.g. "chat, 8 concurrent"; rows stand in the order of first mention
  std::string candidate;
  double percent = 0;
  std::optional<double> lo, hi;
  bool distinguishable = true;
};
/// Dot and whisker with a zero line. `x_title` names measure and unit: "Change in output throughput against BF16 (%)".
/// Candidates take the colours after the baseline's, in the order of first mention.
struct DeltaChart {
  std::string x_title;
  std::vector<DeltaPoint> deltas;
};
std::string delta_chart(const DeltaChart& chart);

/// The same chart with a line of small words below it, for what must not be lost where the picture is shown alone.
std::string with_note(const std::string& spec, const std::string& note);

/// Parts of one variant's memory in one unit, e.g. {"weights", 0.27}; parts that are not known are left out.
struct MemoryPart { std::string name; double amount = 0; };
struct MemoryBar { std::string variant; std::vector<MemoryPart> parts; };
/// Stacked bars, one a variant, parts in the order of first mention. `x_title` names measure and unit: "Memory (MiB)".
struct MemoryChart {
  std::string x_title;
  std::vector<MemoryBar> bars;
};
std::string memory_chart(const MemoryChart& chart);

}  // namespace qc
