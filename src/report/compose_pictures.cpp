// Pictures from the same figures as the tables, and the words that stand for them.
#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "report/compose_sections.h"

namespace qc {
namespace {

ConcurrencyChart chart_of(Composer& c, const WorkloadComparison& w, const Metric& metric) {
  ConcurrencyChart chart;
  std::vector<std::string> names{c.base()};
  for (const Candidate& candidate : w.points.front().candidates) names.push_back(candidate.cell.variant);
  for (std::size_t i = 0; i < names.size(); ++i) {
    Series series{names[i], {}};
    for (const PointComparison& p : w.points) {
      const Measured& m = (i == 0 ? p.baseline : p.candidates[i - 1].cell).*metric.figure;
      c.log.keep(name_of(w, p.concurrency, names[i], metric.column), metric.unit, m);
      if (m) series.points.push_back({static_cast<double>(p.concurrency), *m.value, m.lo, m.hi});
    }
    if (!series.points.empty()) chart.series.push_back(std::move(series));
  }
  return chart;
}

std::string alt_text(const std::string& title, const ConcurrencyChart& chart, const Metric& metric) {
  std::string text = title + ".";
  for (const Series& s : chart.series) {
    std::vector<std::string> points;
    for (const SeriesPoint& p : s.points)
      points.push_back(fmt::format("{}{} at {:g}", print_number(metric.unit, p.y), rule_of(metric.unit).after, p.x));
    text += fmt::format(" {}: {}.", s.name, join_and(points));
  }
  return text;
}

Picture picture_of(Composer& c, const WorkloadComparison& w, const Metric& metric, const std::string& what, const std::string& id) {
  ConcurrencyChart chart = chart_of(c, w, metric);
  chart.y_title = fmt::format("{} ({})", capitalized(what), rule_of(metric.unit).name);
  if (metric.unit == Unit::ms && w.workload.p95_budget_ms)
    chart.limit = Limit{*w.workload.p95_budget_ms, fmt::format("budget {} ms", setting(*w.workload.p95_budget_ms))};
  const std::string title = fmt::format("{}: {} against concurrency", capitalized(w.workload.name), what);
  return {slugged(w.workload.name) + "_" + id, title, alt_text(title, chart, metric), concurrency_chart(chart)};
}

}  // namespace

std::string slugged(const std::string& name) { return lower(slug(name)); }

bool has_points(const WorkloadComparison& w, const Metric& metric) {
  return std::ranges::any_of(w.points, [&](const PointComparison& p) {
    return (p.baseline.*metric.figure) || std::ranges::any_of(p.candidates, [&](const Candidate& x) { return bool(x.cell.*metric.figure); });
  });
}

Picture throughput_picture(Composer& c, const WorkloadComparison& w) { return picture_of(c, w, kThroughput, "output throughput", "throughput"); }
Picture p95_picture(Composer& c, const WorkloadComparison& w) { return picture_of(c, w, kP95, "p95 latency", "p95"); }

namespace {

std::string_view doubt(Verdict verdict) {
  switch (verdict) {
    case Verdict::not_distinguishable: return ", not distinguishable";
    case Verdict::withheld: return ", verdict withheld";
    case Verdict::unknown: return ", no verdict";
    default: return "";
  }
}

}  // namespace

Picture change_picture(Composer& c) {
  DeltaChart chart;
  chart.x_title = fmt::format("Change in output throughput against {} (%)", c.base());
  const std::string title = fmt::format("Throughput of each candidate against {}", c.base());
  std::string alt = title + ".";
  for (const WorkloadComparison& w : c.findings.workloads)
    for (const PointComparison& p : w.points)
      for (const Candidate& candidate : p.candidates) {
        const Measured& m = candidate.tok_s.value;
        if (!m) continue;
        const FigureName name = name_of(w, p.concurrency, candidate.cell.variant, kThroughput.delta_column);
        const bool clear = is_told_apart(candidate.tok_s.verdict);
        const auto percent = [](std::optional<double> x) { return x ? std::optional(*x * 100) : std::nullopt; };
        chart.deltas.push_back({fmt::format("{}, {} concurrent", w.workload.name, p.concurrency), candidate.cell.variant, *m.value * 100, percent(m.lo),
                                percent(m.hi), clear});
        alt += fmt::format(" {} at concurrency {}, {}: {}{}.", capitalized(w.workload.name), p.concurrency, candidate.cell.variant,
                           c.log.number(name, Unit::delta_pct, m), doubt(candidate.tok_s.verdict));
      }
  if (chart.deltas.empty()) return {};
  return {"throughput_change", title, alt, delta_chart(chart)};
}

Picture memory_picture(Composer& c) {
  MemoryChart chart;
  const UnitRule& unit = rule_of(c.memory_unit);
  chart.x_title = fmt::format("Memory ({})", trim(unit.after));
  const std::string title = "Weights and KV cache of each model";
  std::string alt = title + ".";
  for (const MemoryRow& row : c.findings.memory) {
    MemoryBar bar{row.variant, {}};
    if (row.weights_bytes) bar.parts.push_back({"weights", *row.weights_bytes.value * unit.to_print});
    if (row.kv_bytes) bar.parts.push_back({"KV cache", *row.kv_bytes.value * unit.to_print});
    if (bar.parts.empty()) continue;
    alt += fmt::format(" {}: weights {}, KV cache {}.", row.variant, c.log.text({"vram", row.variant, "weights_bytes"}, c.memory_unit, row.weights_bytes),
                       c.log.text({"vram", row.variant, "kv_bytes"}, c.memory_unit, row.kv_bytes));
    chart.bars.push_back(std::move(bar));
  }
  if (chart.bars.empty()) return {};
  return {"memory", title, alt, memory_chart(chart)};
}

}  // namespace qc
