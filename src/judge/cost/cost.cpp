#include "judge/cost/cost.h"

namespace qc {
namespace {

struct Price {
  double hourly_usd = 0, utilization = 1;
  [[nodiscard]] double per(double count, double rate) const { return hourly_usd * count / (3600 * rate * utilization); }
};

/// Dollars for `count` things that come at `rate` a second; a higher rate is cheaper, so the interval turns over.
Measured dollars(const Price& price, double count, const std::optional<double>& rate, const Measured& throughput) {
  Measured m;
  if (!rate || !throughput || *throughput.value <= 0) {
    m.na = throughput.na.empty() ? "no token counts" : throughput.na;
    return m;
  }
  m.value = price.per(count, *rate);
  m.interval_na = throughput.interval_na;
  if (throughput.lo && throughput.hi) {
    m.lo = *m.value * *throughput.value / *throughput.hi;
    m.hi = *m.value * *throughput.value / *throughput.lo;
  }
  return m;
}

Measured saving_from(const Delta& delta) {
  Measured m;
  if (!delta.value) {
    m.na = delta.value.na;
    return m;
  }
  const auto saved = [](double d) { return 1 - 1 / (1 + d); };
  m.value = saved(*delta.value.value);
  m.interval_na = delta.value.interval_na;
  if (delta.value.lo && delta.value.hi) m.lo = saved(*delta.value.lo), m.hi = saved(*delta.value.hi);
  return m;
}

CostRow row(const std::optional<Price>& price, const std::string& workload, int concurrency, const CellFigures& cell, const Delta* delta) {
  CostRow r;
  r.workload = workload, r.variant = cell.variant, r.concurrency = concurrency, r.baseline = delta == nullptr;
  if (price) {
    r.usd_per_1m_output = dollars(*price, 1e6, cell.tok_s.value, cell.tok_s);
    r.usd_per_1m_total = dollars(*price, 1e6, cell.total_tok_s, cell.tok_s);
    r.usd_per_1k_requests = dollars(*price, 1e3, cell.requests_per_s, cell.tok_s);
  } else {
    r.usd_per_1m_output.na = r.usd_per_1m_total.na = r.usd_per_1k_requests.na = "no hourly price in the study";
  }
  if (delta) r.saving = saving_from(*delta), r.verdict = delta->verdict, r.no_verdict = delta->no_verdict;
  else r.saving.na = "the baseline";
  return r;
}

}  // namespace

std::vector<CostRow> cost_rows(const StudyData& data, const std::vector<WorkloadComparison>& workloads) {
  const auto& hardware = data.study.hardware;
  std::optional<Price> price;
  if (hardware.hourly_usd) price = Price{*hardware.hourly_usd, hardware.utilization};
  std::vector<CostRow> rows;
  for (const auto& w : workloads)
    for (const auto& point : w.points) {
      rows.push_back(row(price, w.workload.name, point.concurrency, point.baseline, nullptr));
      for (const auto& c : point.candidates) rows.push_back(row(price, w.workload.name, point.concurrency, c.cell, &c.tok_s));
    }
  return rows;
}

}  // namespace qc
