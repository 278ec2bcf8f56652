#include "report/closing_money.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "report/ranking.h"
#include "report/sentences.h"

namespace qc {
namespace {

enum class Money { unknown, open, saves, costs };

Money money_of(const CostRow& row) {
  if (!row.saving || !row.usd_per_1m_output) return Money::unknown;
  if (!is_told_apart(row.verdict)) return Money::open;
  return *row.saving.value >= 0 ? Money::saves : Money::costs;
}

/// What each workload costs with the candidate that the answer names for it, else with the lead: first at the load that the settings serve it at within the budget, where that is
/// another one that saves, then at its highest load. Where neither saves, the largest saving at the other loads stands first.
std::vector<const CostRow*> costs_of(const Composer& c, const std::string& lead) {
  std::vector<const CostRow*> rows;
  for (const WorkloadComparison& w : c.findings.workloads) {
    if (w.points.empty()) continue;
    const std::string who = named_for(c.findings, w.workload.name).value_or(lead);
    const CostRow *top = nullptr, *served = nullptr, *best = nullptr;
    for (const CostRow& r : c.findings.costs) {
      if (r.variant != who || r.workload != w.workload.name) continue;
      if (r.concurrency == w.points.back().concurrency) { top = &r; continue; }
      if (money_of(r) != Money::saves) continue;
      if (std::ranges::any_of(c.findings.settings, [&](const SettingRow& s) { return s.workload == r.workload && s.variant == who && s.concurrency == r.concurrency && s.met.value_or(true); })) served = &r;
      if (!best || *r.saving.value > *best->saving.value) best = &r;
    }
    const bool top_saves = top && money_of(*top) == Money::saves;
    if (served || (best && !top_saves)) rows.push_back(served ? served : best);
    if (top) rows.push_back(top);
  }
  return rows;
}

/// A saving anywhere has to be weighed; else what costs more, else what is open.
Money money_of(const std::vector<const CostRow*>& rows) {
  for (const Money each : {Money::saves, Money::costs, Money::open})
    if (std::ranges::any_of(rows, [&](const CostRow* row) { return money_of(*row) == each; })) return each;
  return Money::unknown;
}

std::string money_line(Composer& c, const std::vector<const CostRow*>& rows) {
  std::vector<std::string> decided_parts, open;
  for (const CostRow* row : rows) {
    const std::string where = fmt::format("for {} at concurrency {} with {}", row->workload, row->concurrency, row->variant);
    const Money money = money_of(*row);
    if (money == Money::open) open.push_back(where);
    if (money != Money::saves && money != Money::costs) continue;
    const std::string size = c.log.magnitude({"cost", row_of(row->workload, row->concurrency), row->variant + ".saving_pct"}, Unit::delta_pct, row->saving);
    decided_parts.push_back(fmt::format("{} {} {}{}", size, money == Money::saves ? "less" : "more", where, price_caveats(c.findings, *row)));
  }
  if (decided_parts.empty() && open.empty()) return fmt::format("In money nothing can be claimed here, because there is no {}.", c.data.study.hardware.hourly_usd ? "throughput of both models to put the price on" : "price");
  if (decided_parts.empty()) return fmt::format("In money no saving can be shown {}.", join_and(open));
  const std::string rest = open.empty() ? "" : fmt::format("; {} no change can be shown", join_and(open));
  return fmt::format("In money, a token costs {}{}.", join_and(decided_parts), rest);
}

// How to weigh cost against quality; there must be something to weigh.
std::string weighing_line(Money money) {
  switch (money) {
    case Money::saves: return "Set that against what one wrong answer costs you: if checking answers costs more than the tokens save, keep the better model.";
    case Money::costs: return "Paying more for a token and risking answers as well makes sense only where the memory is needed and a bigger machine would cost more still.";
    case Money::open:
    case Money::unknown: break;
  }
  return "So weigh memory against quality: count what a smaller machine would save you in an hour, and what one wrong answer costs you.";
}

}  // namespace

std::vector<ClosingLine> closing_money(Composer& c, const std::string& lead, int paragraph) {
  using Want = ClosingLine::Want;
  const std::vector<const CostRow*> costs = costs_of(c, lead);
  std::vector<ClosingLine> lines = {{paragraph, Want::must, money_line(c, costs)}, {paragraph, Want::must, weighing_line(money_of(costs))}};
  if (money_of(costs) == Money::saves) lines.push_back({paragraph, Want::may, "If the answers are checked anyway, or are cheap to repeat, the smaller model is easier to defend."});
  return lines;
}

}  // namespace qc
