// Section 6: dollars out of throughput.
#include <fmt/format.h>

#include <algorithm>

#include "report/compose_sections.h"
#include "report/ranking.h"

namespace qc {
namespace {

// A price is quoted at the load that the hardware is bought for: the highest concurrency of each workload.
bool at_full_load(const Composer& c, const CostRow& r) {
  const WorkloadComparison* w = comparison_of(c.findings, r.workload);
  return !w || r.concurrency == w->points.back().concurrency;
}

Measured throughput_of(const Composer& c, const CostRow& r) {
  if (const WorkloadComparison* w = comparison_of(c.findings, r.workload))
    for (const PointComparison& p : w->points) {
      if (p.concurrency != r.concurrency) continue;
      if (r.baseline) return p.baseline.tok_s;
      for (const Candidate& candidate : p.candidates)
        if (candidate.cell.variant == r.variant) return candidate.cell.tok_s;
    }
  return measured(std::nullopt, "no such cell was measured");
}

/// Money stands under "cost" and, for who looks there, beside the throughput it came from.
std::string money(Composer& c, Notes& notes, const CostRow& r, std::string_view column, Unit unit, const Measured& m) {
  const std::string name = fmt::format("{}.{}", r.variant, column);
  c.log.keep({r.workload, row_of(r.concurrency), name}, unit, m);
  return cell_with_interval(c, notes, {"cost", row_of(r.workload, r.concurrency), name}, unit, m);
}

std::string saving_cell(Composer& c, Notes& notes, const CostRow& r) {
  if (r.baseline) return "the reference";
  std::string text = money(c, notes, r, "saving_pct", Unit::delta_pct, r.saving);
  if (!r.saving) return text;
  if (!r.no_verdict.empty()) return text + ", no verdict " + notes.mark(r.no_verdict);
  return text + (r.verdict == Verdict::not_distinguishable ? ", not distinguishable" : r.verdict == Verdict::withheld ? ", withheld" : "");
}

std::vector<std::string> cost_row(Composer& c, Notes& notes, const CostRow& r) {
  const FigureName speed{r.workload, row_of(r.concurrency), r.variant + ".output_tok_s"};
  return {fmt::format("{}, conc={}", r.workload, r.concurrency), r.variant, cell_with_interval(c, notes, speed, Unit::tok_s, throughput_of(c, r)),
          money(c, notes, r, "usd_per_1m_output", Unit::usd, r.usd_per_1m_output), money(c, notes, r, "usd_per_1m_total", Unit::usd, r.usd_per_1m_total),
          money(c, notes, r, "usd_per_1k_requests", Unit::usd, r.usd_per_1k_requests), saving_cell(c, notes, r)};
}

void add_costs(Composer& c, std::vector<Block>& blocks, const std::string& caption, const std::vector<CostRow>& rows, const std::string& text) {
  if (rows.empty()) return;
  Notes notes;
  Table t = table(caption, {"Workload", "Model", "#Throughput (tok/s)", "#$/1M output tokens", "#$/1M total tokens", "#$/1k requests", "#Saving [95 % interval]"});
  for (const CostRow& r : rows) t.rows.push_back(cost_row(c, notes, r));
  blocks.push_back(std::move(t));
  notes.foot(blocks);
  blocks.push_back(finding(text));
}

std::string assumptions(Composer& c) {
  const Hardware& h = c.data.study.hardware;
  if (!h.hourly_usd)
    return "n/a: the study file gives no price (`hardware.hourly_usd`), so there are no dollars. Costs per token still stand to one another as throughputs do.";
  c.log.keep({"cost", "all", "hourly_usd"}, Unit::usd, measured(*h.hourly_usd));
  c.log.keep({"cost", "all", "utilization"}, Unit::ratio, measured(h.utilization));
  std::string text = fmt::format("Assumed: ${} an hour for this hardware", setting(*h.hourly_usd));
  std::vector<std::string> about;
  if (!h.provider.empty()) about.push_back("provider: " + one_line(h.provider, 100));
  if (!h.price_note.empty()) about.push_back(one_line(h.price_note, 160));
  if (!about.empty()) text += fmt::format(" ({})", fmt::join(about, "; "));
  text += fmt::format(", serving for {} % of each hour. ", setting(h.utilization * 100));
  return text + "$/1M output tokens = $/h x 1,000,000 / (3,600 x tok/s x utilization); the intervals are those of the throughput.";
}

}  // namespace

Section compose_cost(Composer& c) {
  Section section{"cost", "Cost analysis", {}};
  auto& blocks = section.blocks;
  blocks.push_back(Paragraph{assumptions(c)});
  std::vector<CostRow> full, lower;
  for (const CostRow& r : c.findings.costs) (at_full_load(c, r) ? full : lower).push_back(r);
  if (full.empty()) blocks.push_back(Paragraph{"n/a: no operating point was measured, so there is no throughput to price."});
  add_costs(c, blocks, "At the highest concurrency of each workload", full, cost_finding(c, full));
  add_costs(c, blocks, "At lower concurrency", lower, lower_cost_finding(c, lower));
  return section;
}

}  // namespace qc
