#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "report/sentences.h"

namespace qc {
namespace {

FigureName saving_name(const CostRow& r) { return {"cost", row_of(r.workload, r.concurrency), r.variant + ".saving_pct"}; }

std::string at(const CostRow& r) { return fmt::format("{} at concurrency {}", r.workload, r.concurrency); }

// "q4_0 costs 12.3 % less for chat at concurrency 16"
std::string saving_words(Composer& c, const CostRow& r) {
  const std::string size = c.log.magnitude(saving_name(r), Unit::delta_pct, r.saving);
  switch (r.verdict) {
    case Verdict::faster:
    case Verdict::slower: return fmt::format("{} costs {} {} for {}", r.variant, size, *r.saving.value >= 0 ? "less" : "more", at(r));
    case Verdict::not_distinguishable: return fmt::format("for {} the cost of {} can't be told from {}'s", at(r), r.variant, c.base());
    case Verdict::withheld: return fmt::format("for {} the verdict on {} is withheld", at(r), r.variant);
    case Verdict::unknown: break;
  }
  return fmt::format("for {} the saving of {} has no interval to rest on", at(r), r.variant);
}

std::string cheapest_words(Composer& c, const std::vector<CostRow>& rows) {
  const auto cheaper = [](const CostRow& a, const CostRow& b) {
    return a.usd_per_1m_output.value.value_or(1e300) < b.usd_per_1m_output.value.value_or(1e300);
  };
  const CostRow& best = *std::ranges::min_element(rows, cheaper);
  if (!best.usd_per_1m_output) return {};
  const FigureName name{"cost", row_of(best.workload, best.concurrency), best.variant + ".usd_per_1m_output"};
  return fmt::format(" The lowest figure of the table is {} for a million output tokens, with {} for {}.", c.log.text(name, Unit::usd, best.usd_per_1m_output),
                     best.variant, at(best));
}

/// The baseline's cheapest figure of its costs at one set of points.
std::optional<double> lowest_of_baseline(const std::vector<CostRow>& rows) {
  std::optional<double> lowest;
  for (const CostRow& r : rows)
    if (r.baseline && r.usd_per_1m_output) lowest = std::min(lowest.value_or(*r.usd_per_1m_output.value), *r.usd_per_1m_output.value);
  return lowest;
}

// Whether load makes tokens cheaper is for the data to say: on saturated hardware it does not.
std::string load_words(const Composer& c, const std::vector<CostRow>& rows) {
  const auto here = lowest_of_baseline(rows), anywhere = lowest_of_baseline(c.findings.costs);
  if (!here || !anywhere) return "What load does to the baseline's price can't be said from these cells.";
  if (*here > *anywhere) return fmt::format("{}'s tokens cost more here than at its best load: hardware that waits for work is paid for all the same.", c.base());
  return fmt::format("{}'s tokens cost no more here than at full load: this hardware is busy already.", c.base());
}

bool priced(const std::vector<CostRow>& rows) {
  return std::ranges::any_of(rows, [](const CostRow& r) { return bool(r.usd_per_1m_output); });
}

}  // namespace

std::string cost_finding(Composer& c, const std::vector<CostRow>& rows) {
  if (!priced(rows)) return "Nothing here has a price, so no saving in dollars is claimed. Give the price in the study file and run `quantcase report` again.";
  std::vector<std::string> words;
  bool doubtful = false;
  for (const CostRow& r : rows) {
    if (r.baseline || !r.saving) continue;
    words.push_back(saving_words(c, r));
    doubtful = doubtful || (r.verdict != Verdict::faster && r.verdict != Verdict::slower);
  }
  if (words.empty()) return "No candidate has a throughput to price, so no saving can be given. The notes say why.";
  std::string text = capitalized(join_and(words)) + "." + cheapest_words(c, rows);
  return text + (doubtful ? " Where the throughputs can't be told apart, do not count on a saving." : " The saving holds only while the hardware is kept this busy.");
}

std::string lower_cost_finding(Composer& c, const std::vector<CostRow>& rows) {
  if (!priced(rows)) return "Nothing here has a price either. The order of the models is that of their throughput.";
  const CostRow* best = nullptr;
  const CostRow* worst = nullptr;
  for (const CostRow& r : rows) {
    if (r.baseline || !r.saving || (r.verdict != Verdict::faster && r.verdict != Verdict::slower)) continue;
    if (!best || *r.saving.value > *best->saving.value) best = &r;
    if (!worst || *r.saving.value < *worst->saving.value) worst = &r;
  }
  const std::string idle = load_words(c, rows);
  if (!best) return "At lower load no saving stands clear of the noise. " + idle;
  std::string text = capitalized(saving_words(c, *best));
  if (worst != best) text += fmt::format("; {}", saving_words(c, *worst));
  return text + ". " + idle;
}

}  // namespace qc
