#include "report/ranking.h"

#include <algorithm>
#include <array>

namespace qc {
namespace {

constexpr std::array kOrder = {Stance::recommend, Stance::take_care, Stance::undecided, Stance::avoid};

auto place_of(Stance s) { return std::ranges::find(kOrder, s) - kOrder.begin(); }

double weights_saved(const Findings& findings, const std::string& variant) {
  const MemoryRow* row = memory_of(findings, variant);
  return row ? row->weights_saving.value.value_or(0) : 0;
}

/// A change that can't be told from none counts as none, so that noise ranks nobody.
double gain_of(const Findings& findings, const Recommendation& r) {
  if (const WorkloadComparison* w = comparison_of(findings, r.workload)) {
    for (const Candidate& c : w->points.back().candidates)
      if (c.cell.variant == r.variant && is_told_apart(c.tok_s.verdict)) return *c.tok_s.value.value;
  }
  return 0;
}

bool is_faster_than(const PointComparison& point, const std::string& a, const std::string& b) {
  return std::ranges::any_of(point.rivalries, [&](const Rivalry& r) { return r.of == a && r.against == b && r.tok_s.verdict == Verdict::faster; });
}

}  // namespace

const WorkloadComparison* comparison_of(const Findings& findings, const std::string& workload) {
  const auto found = std::ranges::find_if(findings.workloads, [&](const WorkloadComparison& w) { return w.workload.name == workload; });
  return found == findings.workloads.end() || found->points.empty() ? nullptr : &*found;
}

const MemoryRow* memory_of(const Findings& findings, const std::string& variant) {
  const auto found = std::ranges::find(findings.memory, variant, &MemoryRow::variant);
  return found == findings.memory.end() ? nullptr : &*found;
}

std::string_view misses_budget(const Findings& findings, const CostRow& cost) {
  const WorkloadComparison* w = comparison_of(findings, cost.workload);
  if (!w || !w->workload.p95_budget_ms) return {};
  const auto point = std::ranges::find(w->points, cost.concurrency, &PointComparison::concurrency);
  if (point == w->points.end()) return {};
  const auto candidate = std::ranges::find(point->candidates, cost.variant, [](const Candidate& c) { return c.cell.variant; });
  const CellFigures& cell = candidate == point->candidates.end() ? point->baseline : candidate->cell;
  if (cell.variant != cost.variant || !cell.p95_ms || cell.meets_p95(*w->workload.p95_budget_ms)) return {};
  return *cell.p95_ms.value > *w->workload.p95_budget_ms ? "over the p95 budget" : "more than 5 % of its requests failed";
}

bool is_within_noise(const Recommendation& r) { return r.rule.ends_with("-within-noise"); }

bool is_within_noise(const Findings& findings, const std::string& workload, const std::string& variant) {
  return std::ranges::any_of(findings.recommendations, [&](const Recommendation& r) { return r.workload == workload && r.variant == variant && is_within_noise(r); });
}

std::vector<const Recommendation*> ranked(const Findings& findings, const std::string& workload) {
  std::vector<const Recommendation*> found;
  for (const Recommendation& r : findings.recommendations)
    if (r.workload == workload) found.push_back(&r);
  std::ranges::stable_sort(found, [&](const Recommendation* a, const Recommendation* b) {
    const auto at = place_of(a->stance), bt = place_of(b->stance);
    if (at != bt) return at < bt;
    if (a->visibly_changed != b->visibly_changed) return b->visibly_changed;   // as the settings have it
    if (a->for_memory != b->for_memory) return b->for_memory;
    if (a->for_memory && a->comes_later != b->comes_later) return b->comes_later;
    if (a->for_memory) return weights_saved(findings, a->variant) > weights_saved(findings, b->variant);
    return gain_of(findings, *a) > gain_of(findings, *b);
  });
  // Neighbours that are alike beside the baseline at the highest load change places by what they are beside one another there, and by the other loads. Not within the order above: who beats whom may go in circles.
  const WorkloadComparison* w = comparison_of(findings, workload);
  const auto alike = [&](const Recommendation& a, const Recommendation& b) { return a.stance == b.stance && a.visibly_changed == b.visibly_changed && !a.for_memory && !b.for_memory; };
  const auto beats = [&](const Recommendation& a, const Recommendation& b) {
    const bool even = gain_of(findings, a) == gain_of(findings, b);
    return (even && is_faster_than(w->points.back(), a.variant, b.variant)) || wins_elsewhere(*w, w->points.back(), a.variant, b.variant);
  };
  for (std::size_t i = 1; w && i < found.size(); ++i)
    for (std::size_t at = i; at > 0 && alike(*found[at], *found[at - 1]) && beats(*found[at], *found[at - 1]); --at) std::swap(found[at], found[at - 1]);
  return found;
}

std::optional<std::string> named_for(const Findings& findings, const std::string& workload) {
  const auto found = ranked(findings, workload);
  if (found.empty() || !found.front()->may_serve()) return std::nullopt;
  return found.front()->variant;
}

bool is_to_be_avoided(const Findings& findings, const std::string& workload, const std::string& variant) {
  return std::ranges::any_of(findings.recommendations, [&](const Recommendation& r) { return r.workload == workload && r.variant == variant && r.stance == Stance::avoid; });
}

bool is_even_with(const Findings& findings, const Recommendation& r, const std::string& other) {
  const WorkloadComparison* w = comparison_of(findings, r.workload);
  const auto found = std::ranges::find_if(findings.recommendations, [&](const Recommendation& x) { return x.workload == r.workload && x.variant == other; });
  if (!w || found == findings.recommendations.end() || found->stance != r.stance || found->visibly_changed != r.visibly_changed || found->for_memory || r.for_memory) return false;
  return std::ranges::all_of(w->points, [&](const PointComparison& p) {
    return std::ranges::any_of(not_told_from(p, other), [&](const Rivalry* rivalry) { return rivalry->of == r.variant; });
  });
}

std::string leading_candidate(const StudyData& data, const Findings& findings) {
  std::string leader;
  long most = -1;
  for (const Variant& v : data.study.variants) {
    if (v.baseline) continue;
    const long firsts = std::ranges::count_if(data.study.workloads, [&](const Workload& w) {
      const auto found = ranked(findings, w.name);
      return !found.empty() && found.front()->variant == v.name;
    });
    if (firsts > most) leader = v.name, most = firsts;
  }
  return leader;
}

}  // namespace qc
