#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "report/ranking.h"
#include "report/sentences.h"

namespace qc {
namespace {

FigureName saving_name(const CostRow& r) { return {"cost", row_of(r.workload, r.concurrency), r.variant + ".saving_pct"}; }

std::string at(const CostRow& r) { return fmt::format("{} at concurrency {}", r.workload, r.concurrency); }

// "q8_0 costs 10.9 % more". Where a whole table is told, its last sentence names what misses its budget.
std::string cost_words(Composer& c, const CostRow& r, bool tell_budget = false) {
  const std::string size = c.log.magnitude(saving_name(r), Unit::delta_pct, r.saving);
  return fmt::format("{} costs {} {}{}", r.variant, size, *r.saving.value >= 0 ? "less" : "more", price_caveats(c.findings, r, tell_budget));
}

bool decided(const CostRow& r) { return r.saving && is_told_apart(r.verdict); }

/// Of the candidates whose saving is decided: the largest and the smallest; null where there is none.
struct Ends { const CostRow* best = nullptr; const CostRow* worst = nullptr; };
Ends ends_of(const std::vector<CostRow>& rows) {
  Ends ends;
  for (const CostRow& r : rows) {
    if (r.baseline || !decided(r)) continue;
    if (!ends.best || *r.saving.value > *ends.best->saving.value) ends.best = &r;
    if (!ends.worst || *r.saving.value < *ends.worst->saving.value) ends.worst = &r;
  }
  return ends;
}

std::vector<std::string> named(const std::vector<const CostRow*>& rows, Verdict verdict) {
  std::vector<std::string> names;
  for (const CostRow* r : rows)
    if (r->saving && r->verdict == verdict) names.push_back(r->variant);
  return names;
}

// "for chat at concurrency 16 q8_0 costs 10.9 % more and q4_0 costs 9.1 % less than bf16"
std::string point_words(Composer& c, const std::vector<const CostRow*>& rows) {
  std::vector<std::string> clear, parts;
  for (const CostRow* r : rows)
    if (decided(*r)) clear.push_back(cost_words(c, *r));
  if (!clear.empty()) parts.push_back(fmt::format("{} than {}", join_and(clear), c.base()));
  if (const auto same = named(rows, Verdict::not_distinguishable); !same.empty())
    parts.push_back(fmt::format("the cost of {} can't be told from {}'s", join_and(same), c.base()));
  if (const auto held = named(rows, Verdict::withheld); !held.empty()) parts.push_back(fmt::format("the verdict on {} is withheld", join_and(held)));
  std::vector<std::string> open, unlike;
  for (const CostRow* r : rows)
    if (r->saving && r->verdict == Verdict::unknown) (r->no_verdict.empty() ? open : unlike).push_back(r->variant);
  if (!open.empty()) parts.push_back(fmt::format("the saving of {} has no interval to rest on", join_and(open)));
  if (!unlike.empty()) parts.push_back(fmt::format("the saving of {} is not judged, since answers are of unlike length", join_and(unlike)));
  return parts.empty() ? "" : fmt::format("for {} {}", at(*rows.front()), join_and(parts));
}

std::string cheapest_words(Composer& c, const std::vector<CostRow>& rows) {
  const auto cheaper = [](const CostRow& a, const CostRow& b) {
    return a.usd_per_1m_output.value.value_or(1e300) < b.usd_per_1m_output.value.value_or(1e300);
  };
  const CostRow& best = *std::ranges::min_element(rows, cheaper);
  if (!best.usd_per_1m_output) return {};
  const FigureName name{"cost", row_of(best.workload, best.concurrency), best.variant + ".usd_per_1m_output"};
  const std::string_view missed = misses_budget(c.findings, best);
  return fmt::format(" The lowest price at these loads is {} for a million output tokens, with {}{} for {}{}.", c.log.text(name, Unit::usd, best.usd_per_1m_output), best.variant,
                     missed.empty() && is_to_be_avoided(c.findings, best.workload, best.variant) ? ", which is to be avoided," : "", at(best), missed.empty() ? "" : fmt::format(", {}", missed));
}

/// The baseline's rows of one workload that have a price.
std::vector<const CostRow*> priced_baseline(const std::vector<CostRow>& rows, const std::string& workload) {
  std::vector<const CostRow*> found;
  for (const CostRow& r : rows)
    if (r.baseline && r.workload == workload && r.usd_per_1m_output) found.push_back(&r);
  return found;
}

// Whether load makes tokens cheaper is for the data to say: on saturated hardware it does not. Dearer is only a load whose price lies wholly above that of the best.
std::string load_words(const Composer& c, const std::vector<CostRow>& rows) {
  const auto price = [](const CostRow* r) { return *r->usd_per_1m_output.value; };
  std::vector<std::string> dearer, alike, open;
  bool waits = true;                                         // each dearer load is a lower one than the best
  for (const WorkloadComparison& w : c.findings.workloads) {
    const auto here = priced_baseline(rows, w.workload.name), all = priced_baseline(c.findings.costs, w.workload.name);
    if (here.empty() || all.size() < 2 || all.back()->concurrency != w.points.back().concurrency) continue;   // nothing to hold it against
    const CostRow& cheapest = **std::ranges::min_element(all, {}, price);
    const Measured& best = cheapest.usd_per_1m_output;
    std::vector<std::string> above;
    for (const CostRow* r : here)
      if (r->usd_per_1m_output.lo && best.hi && *r->usd_per_1m_output.lo > *best.hi) above.push_back(std::to_string(r->concurrency)), waits &= r->concurrency < cheapest.concurrency;
    if (!above.empty()) dearer.push_back(fmt::format("{} at concurrency {}", w.workload.name, join_and(above)));
    else (price(*std::ranges::max_element(here, {}, price)) > *best.value ? open : alike).push_back(w.workload.name);
  }
  if (dearer.empty() && alike.empty() && open.empty()) return "What load does to the baseline's price can't be said from these cells.";
  if (dearer.empty() && open.empty()) return fmt::format("{}'s tokens cost no more here than at full load: this hardware is busy already.", c.base());
  std::vector<std::string> parts;
  if (!dearer.empty()) parts.push_back(fmt::format("{}'s tokens cost more for {} than at its best load{}", c.base(), join_and(dearer), waits ? ": fewer tokens share the price of the same hour" : ""));
  if (!alike.empty()) parts.push_back(dearer.empty() ? fmt::format("{}'s tokens cost no more here than at full load for {}", c.base(), join_and(alike)) : fmt::format("for {} they cost no more than at full load", join_and(alike)));
  if (!open.empty()) parts.push_back(parts.empty() ? fmt::format("Whether {}'s tokens cost more here than at its best load can't be told", c.base()) : fmt::format("for {} that can't be told", join_and(open)));
  return fmt::format("{}.", fmt::join(parts, "; "));
}

bool priced(const std::vector<CostRow>& rows) {
  return std::ranges::any_of(rows, [](const CostRow& r) { return bool(r.usd_per_1m_output); });
}

}  // namespace

std::string price_caveats(const Findings& findings, const CostRow& r, bool tell_budget) {
  std::vector<std::string_view> all;
  if (const auto missed = misses_budget(findings, r); tell_budget && !missed.empty()) all.push_back(missed);
  if (is_to_be_avoided(findings, r.workload, r.variant) && r.saving.value.value_or(0) > 0) all.push_back("to be avoided");
  if (is_within_noise(findings, r.workload, r.variant)) all.push_back("in throughput no more than the noise");
  return all.empty() ? "" : fmt::format(" ({})", fmt::join(all, "; "));
}

std::string cost_finding(Composer& c, const std::vector<CostRow>& rows) {
  if (!priced(rows)) return c.data.study.hardware.hourly_usd ? "Nothing here has a throughput to price. So no saving in dollars is claimed."
                                                                        : "Nothing here has a price, so no saving in dollars is claimed. `quantcase report DIR --set hardware.hourly_usd=PRICE` puts one on it.";
  std::vector<std::pair<std::string, std::vector<const CostRow*>>> points;
  for (const CostRow& r : rows) {
    if (r.baseline || !r.saving) continue;
    if (points.empty() || points.back().first != at(r)) points.push_back({at(r), {}});
    points.back().second.push_back(&r);
  }
  if (points.empty()) return std::ranges::any_of(rows, [](const CostRow& r) { return !r.baseline && r.usd_per_1m_output; })
                                 ? fmt::format("{} has no valid throughput here, so no saving can be given. What the others cost stands in the table.", c.base())
                                 : "No candidate has a throughput to price, so no saving can be given. The notes say why.";
  std::string text;
  bool doubtful = false, saves = false;
  for (const auto& [where, of_point] : points) {
    text += (text.empty() ? "" : "; ") + point_words(c, of_point);
    doubtful = doubtful || !std::ranges::all_of(of_point, [](const CostRow* r) { return decided(*r); });
    saves = saves || std::ranges::any_of(of_point, [](const CostRow* r) { return decided(*r) && *r->saving.value > 0; });
  }
  text = capitalized(text) + "." + cheapest_words(c, rows);
  if (doubtful) return text + " Where the throughputs can't be told apart, do not count on a saving.";
  return text + (saves ? " A saving holds only while the hardware is kept this busy." : " There is no saving here: speed is what makes tokens cheap.");
}

std::string largest_saving(Composer& c, const std::vector<CostRow>& rows) {
  const CostRow* best = ends_of(rows).best;
  return best ? fmt::format("The largest saving at lower load is that for {}: {} than {}.", at(*best), cost_words(c, *best, true), c.base()) : "";
}

std::string lower_cost_finding(Composer& c, const std::vector<CostRow>& rows) {
  if (!priced(rows)) return "Nothing can be priced here either. Where there are throughputs, the order of the models is that of theirs.";
  const auto [best, worst] = ends_of(rows);
  const std::string load = load_words(c, rows);
  if (!best) {
    const bool unlike = std::ranges::any_of(rows, [](const CostRow& r) { return !r.no_verdict.empty(); }), withheld = std::ranges::count(rows, Verdict::withheld, &CostRow::verdict) > 0;
    return fmt::format("{} {}", withheld ? "At lower load no saving is shown; where the machine drifted, the verdict is withheld." : unlike ? "At lower load no saving is shown; where answers are of unlike length, none is judged." : "At lower load no saving stands clear of the noise.", load);
  }
  std::string text = fmt::format("{} that for {}: {} than {}", *best->saving.value >= 0 ? "The largest saving of this table is" : "This table has no saving; the nearest to one is", at(*best), cost_words(c, *best, true), c.base());
  if (worst != best) text += fmt::format("; the {} that stands clear of zero is that for {}, where {}", *worst->saving.value >= 0 ? "smallest" : "other end", at(*worst), cost_words(c, *worst, true));
  const auto open = std::ranges::count_if(rows, [](const CostRow& r) { return !r.baseline && r.saving && r.verdict == Verdict::not_distinguishable; });
  return fmt::format("{}.{} {}", text, open == 0 ? "" : fmt::format(" {} of its savings can't be told from none.", open), load);
}

}  // namespace qc
