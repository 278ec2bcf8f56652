// Which variant and concurrency to serve each workload with.
#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "core/text.h"
#include "judge/advise/parts.h"

namespace qc {
namespace {

struct Choice { const CellFigures* cell; int concurrency; bool met, called_faster; std::vector<std::string> alike; std::string instead_of{}; std::vector<std::string> passed_over{}; bool only = false, other_faster = false, p95_untold = false; };   // p95_untold: the p95 is not told from the baseline's; only: no other that may be served is called faster here; other_faster: one that may not is; alike: others that may be served, whose throughput can't be told from this one's; instead_of: the one of them that is faster here by its printed value alone; passed_over: what is called faster here, faster than this one too, and not to be served

const Recommendation* advice_on(const Findings& f, const std::string& workload, const std::string& variant) {
  const auto found = std::ranges::find_if(f.recommendations, [&](const Recommendation& r) { return r.workload == workload && r.variant == variant; });
  return found == f.recommendations.end() ? nullptr : &*found;
}

/// The first model that may be served and is not visibly changed; null where there is none.
const Recommendation* unchanged_one(const Findings& f, const std::string& workload) {
  const auto found = std::ranges::find_if(f.recommendations, [&](const Recommendation& r) { return r.workload == workload && r.may_serve() && !r.visibly_changed; });
  return found == f.recommendations.end() ? nullptr : &*found;
}

/// Not advised against; and not visibly changed where another may be served that is not, which page one then names.
bool may_serve(const Findings& f, const std::string& workload, const std::string& variant) {
  const Recommendation* advice = advice_on(f, workload, variant);
  return advice && advice->may_serve() && (!advice->visibly_changed || !unchanged_one(f, workload));
}

/// "q4_0 (visibly changed)": why it is not to be served.
std::string not_to_serve(const Findings& f, const std::string& workload, const std::string& variant) {
  const Recommendation* advice = advice_on(f, workload, variant);
  const Recommendation* instead = unchanged_one(f, workload);
  if (advice && advice->may_serve() && instead)
    return fmt::format("{} (visibly changed, and {} is not)", variant, instead->variant);
  return fmt::format("{} ({})", variant, advice && advice->stance == Stance::avoid ? "advised against" : "not decided");
}

/// A reason that says to serve it only where it gains.
bool gains_only(const Findings& f, const std::string& workload, const std::string& variant) {
  const Recommendation* advice = advice_on(f, workload, variant);
  return advice && advice->rule.starts_with("mixed");
}

/// What one point offers: the baseline, and the candidates that are not advised against and are called faster than it, or meet a budget that
/// it misses.
std::vector<Choice> choices_at(const Findings& f, const Workload& workload, const PointComparison& point) {
  const auto meets = [&](const CellFigures& cell) { return !workload.p95_budget_ms || cell.meets_p95(*workload.p95_budget_ms); };
  std::vector<Choice> all;
  const bool has_baseline = point.baseline.tok_s && point.baseline.p95_ms;
  if (has_baseline) all.push_back({&point.baseline, point.concurrency, meets(point.baseline), false, {}});
  for (const auto& c : point.candidates) {
    if (!c.cell.tok_s || !c.cell.p95_ms || !may_serve(f, workload.name, c.cell.variant)) continue;
    const bool faster = c.tok_s.verdict == Verdict::faster, alone = has_baseline && !meets(point.baseline) && meets(c.cell) && c.tok_s.verdict != Verdict::slower && c.tok_s.no_verdict.empty() && !gains_only(f, workload.name, c.cell.variant);
    if (!faster && !alone) continue;
    Choice choice{&c.cell, point.concurrency, meets(c.cell), faster, {}};
    choice.p95_untold = !is_told_apart(c.p95.verdict);
    for (const Rivalry* r : not_told_from(point, c.cell.variant))
      if (may_serve(f, workload.name, r->of)) choice.alike.push_back(r->of);
    all.push_back(std::move(choice));
  }
  for (const auto& c : point.candidates)
    if (c.cell.tok_s && c.tok_s.verdict == Verdict::faster && !may_serve(f, workload.name, c.cell.variant))
      for (Choice& choice : all)
        if (*c.cell.tok_s.value > *choice.cell->tok_s.value) choice.passed_over.push_back(not_to_serve(f, workload.name, c.cell.variant));
  const bool one = std::ranges::count_if(all, &Choice::called_faster) == 1;
  const bool other_faster = std::ranges::any_of(point.candidates, [&](const Candidate& c) { return c.tok_s.verdict == Verdict::faster && !may_serve(f, workload.name, c.cell.variant); });
  for (Choice& choice : all) choice.only = one && choice.called_faster, choice.other_faster = other_faster;
  return all;
}

bool better(const Choice& a, const Choice& b) {
  if (a.met != b.met) return a.met;
  return a.met ? *a.cell->tok_s.value > *b.cell->tok_s.value : *a.cell->p95_ms.value < *b.cell->p95_ms.value;
}

/// Where another choice of the same point can't be told from the best one and is the faster of the two at the other loads, that one.
Choice by_other_loads(const Findings& f, const WorkloadComparison& w, Choice best) {
  if (!best.met || best.cell->variant == w.points.front().baseline.variant) return best;
  const auto point = std::ranges::find(w.points, best.concurrency, &PointComparison::concurrency);
  for (Choice& other : choices_at(f, w.workload, *point)) {
    if (!other.met || other.called_faster != best.called_faster || !wins_elsewhere(w, *point, other.cell->variant, best.cell->variant)) continue;
    other.instead_of = best.cell->variant;
    best = std::move(other);   // the next may be the faster one of these two, as in the order in which page one names them
  }
  return best;
}

std::string why_baseline(const Choice& c) {
  return c.passed_over.empty() ? "no candidate is called faster here" : fmt::format("of what is called faster here none is to be served: {}", join_and(c.passed_over));
}

/// A cell that is no choice meets the budget with a higher throughput than the chosen one.
bool is_passed_by_figures(const WorkloadComparison& w, const std::vector<Choice>& choices, const Choice& chosen) {
  const auto higher = [&](const CellFigures& cell) {
    return cell.tok_s && cell.p95_ms && *cell.tok_s.value > *chosen.cell->tok_s.value && (!w.workload.p95_budget_ms || cell.meets_p95(*w.workload.p95_budget_ms)) &&
           std::ranges::find(choices, &cell, &Choice::cell) == choices.end();
  };
  return std::ranges::any_of(w.points, [&](const PointComparison& p) {
    return higher(p.baseline) || std::ranges::any_of(p.candidates, [&](const Candidate& x) { return higher(x.cell); });
  });
}

/// "; 8 of its 32 requests failed". Failed requests are in no latency.
std::string failed_there(const CellFigures& cell) {
  const int failed = cell.failed_by_itself();
  return failed == 0 ? "" : fmt::format("; {} of its {} requests failed{}", failed, cell.asked(), cell.fails_beyond_p95() ? ", and those are within no budget" : "");
}

/// "; visibly changed, so check it on your own tasks first"
std::string to_check(const Findings& f, const std::string& workload, const std::string& variant) {
  const Recommendation* advice = advice_on(f, workload, variant);
  return advice && advice->changed() ? fmt::format("; it {}, so check it on your own tasks first", advice->visibly_changed ? "is visibly changed" : "loses graded answers") : "";
}

std::string reason(const Choice& c, const std::optional<double>& budget, const std::string& baseline, const std::string& none, bool passed) {
  const std::string alike = !c.instead_of.empty() ? fmt::format("; {} can't be told from it here, and at the other loads it is the faster one", c.instead_of)
                            : c.alike.empty()     ? "" : fmt::format(", though {} can't be told from it", join_and(c.alike));
  const std::string among = (!c.instead_of.empty() ? "called faster" : !c.only ? "the fastest of those called faster" : c.other_faster ? "the only one fit to serve that is called faster" : "the only one called faster") + alike;
  const std::string over = c.passed_over.empty() ? "" : fmt::format("{} {} is faster still", c.only ? ";" : ", of those fit to serve:", join_and(c.passed_over));
  const std::string who = c.cell->variant == baseline ? why_baseline(c) : c.called_faster ? among + over : fmt::format("{} misses the budget at this load, where no difference in throughput is shown between the two{}{}", baseline, c.p95_untold ? ", nor one in p95" : "", alike);
  const std::string highest = (passed ? fmt::format("of {} and what may be served instead, ", baseline) : "") + (c.instead_of.empty() ? "the highest throughput" : "the load of the highest throughput");
  if (!budget) return fmt::format("{}; the study sets no p95 budget, so {} is taken", who, highest);
  if (!c.met) return fmt::format("{} meets the p95 budget: of {} and what is called faster and fit to serve this has the lowest p95", none, baseline);
  const std::string_view unsure = !c.cell->p95_ms.hi ? " (it has no interval)" : *c.cell->p95_ms.hi > *budget ? " (its interval reaches beyond it)" : "";
  return fmt::format("{}; {} whose p95 meets the budget{}", who, highest, unsure);
}

bool nothing_meets(const WorkloadComparison& w, double budget_ms) {
  const auto misses = [&](const CellFigures& cell) { return !cell.meets_p95(budget_ms); };
  return std::ranges::all_of(w.points, [&](const PointComparison& p) {
    return misses(p.baseline) && std::ranges::all_of(p.candidates, [&](const Candidate& c) { return misses(c.cell); });
  });
}

SettingRow setting(const Findings& f, const WorkloadComparison& w) {
  SettingRow row;
  row.workload = w.workload.name, row.budget_ms = w.workload.p95_budget_ms;
  std::vector<Choice> choices;
  for (const auto& point : w.points) std::ranges::move(choices_at(f, w.workload, point), std::back_inserter(choices));
  std::optional<Choice> best;
  for (const Choice& choice : choices)
    if (!best || better(choice, *best)) best = choice;
  if (!best) {
    const bool any = std::ranges::any_of(w.points, [](const PointComparison& p) { return std::ranges::any_of(p.candidates, [](const Candidate& x) { return x.cell.tok_s.value.has_value(); }); });
    row.tok_s.na = row.p95_ms.na = row.because = any ? "nothing of the baseline was measured that it could be held against" : "nothing valid was measured";
    return row;
  }
  best = by_other_loads(f, w, *best);
  row.variant = best->cell->variant, row.concurrency = best->concurrency, row.called_faster = best->called_faster, row.tok_s = best->cell->tok_s, row.p95_ms = best->cell->p95_ms;
  if (row.budget_ms) row.met = best->met, row.none_meets = nothing_meets(w, *row.budget_ms);
  row.because = reason(*best, row.budget_ms, w.points.front().baseline.variant, row.none(), is_passed_by_figures(w, choices, *best)) + to_check(f, w.workload.name, row.variant) + failed_there(*best->cell);
  return row;
}

}  // namespace

std::vector<SettingRow> settings(const Findings& so_far) {
  std::vector<SettingRow> rows;
  for (const auto& w : so_far.workloads) rows.push_back(setting(so_far, w));
  return rows;
}

}  // namespace qc
