#include "report/ranking.h"

#include <algorithm>
#include <array>

namespace qc {
namespace {

constexpr std::array kOrder = {Stance::recommend, Stance::take_care, Stance::undecided, Stance::avoid};

auto place_of(Stance s) { return std::ranges::find(kOrder, s) - kOrder.begin(); }

/// Its reason is that the model is visibly another one.
bool changed(const Recommendation& r) { return r.rule.ends_with("-changed"); }

/// A change that can't be told from none counts as none, so that noise ranks nobody.
double gain_of(const Findings& findings, const Recommendation& r) {
  for (const WorkloadComparison& w : findings.workloads) {
    if (w.workload.name != r.workload || w.points.empty()) continue;
    for (const Candidate& c : w.points.back().candidates)
      if (c.cell.variant == r.variant && (c.tok_s.verdict == Verdict::faster || c.tok_s.verdict == Verdict::slower)) return *c.tok_s.value.value;
  }
  return 0;
}

}  // namespace

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
    if (at == bt && changed(*a) != changed(*b)) return changed(*b);
    return at != bt ? at < bt : gain_of(findings, *a) > gain_of(findings, *b);
  });
  return found;
}

std::optional<std::string> named_for(const Findings& findings, const std::string& workload) {
  const auto found = ranked(findings, workload);
  if (found.empty() || (found.front()->stance != Stance::recommend && found.front()->stance != Stance::take_care)) return std::nullopt;
  return found.front()->variant;
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
