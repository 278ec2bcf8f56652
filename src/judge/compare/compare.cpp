#include "judge/compare/compare.h"

#include <algorithm>

#include "judge/compare/deltas.h"
#include "stats/stats.h"
#include "study/looks.h"

namespace qc {
namespace {

/// Of a sequential study a point's look is the one after the last block that visited it. A time budget alone asks for nothing: where it puts its
/// blocks does not make plain intervals miss more often (tests/statistical/run).
Strictness strictness_at(const StudyData& data, const std::string& workload, int concurrency) {
  const Study& study = data.study;
  if (!study.sequential) return {study.min_effect, 1};
  int blocks = 1;
  for (const auto& t : data.trials)
    if (t.workload == workload && t.concurrency == concurrency) blocks = std::max(blocks, t.block + 1);
  const int looks = most_looks(study);
  return {study.min_effect, look_share(std::min(look_after(blocks), looks), looks)};
}

PointComparison compare_point(const StudyData& data, const RequestIndex& index, const std::string& workload, int concurrency) {
  const Study& study = data.study;
  const Strictness strictness = strictness_at(data, workload, concurrency);
  const auto cell = [&](const std::string& variant, bool repeat) { return make_cell(data, index, {variant, workload, concurrency, repeat}, strictness.confidence()); };
  PointComparison point;
  point.concurrency = concurrency;
  const CellData base = cell(study.baseline().name, false);
  point.baseline = base.figures;
  std::vector<CellData> cells;
  for (const auto& v : study.variants)
    if (!v.baseline) cells.push_back(cell(v.name, false));
  for (const CellData& one : cells) {
    point.candidates.push_back(judge_candidate(base, one, strictness));
    for (const CellData& other : cells)
      if (&other != &one) point.rivalries.push_back({one.figures.variant, other.figures.variant, throughput_delta(other, one, strictness)});
  }
  const CellData repeat = cell(study.baseline().name, true);
  if (repeat.figures.blocks + repeat.figures.blocks_invalid > 0) point.aa = judge_candidate(base, repeat, strictness);
  return point;
}

}  // namespace

bool CellFigures::meets_p95(double budget_ms) const {
  return p95_ms && *p95_ms.value <= budget_ms && !fails_beyond_p95();
}

std::string_view to_string(Verdict v) {
  static constexpr std::string_view names[] = {"faster", "slower", "not distinguishable", "withheld", "unknown"};
  return names[static_cast<std::size_t>(v)];
}

std::vector<const Rivalry*> not_told_from(const PointComparison& point, const std::string& variant) {
  std::vector<const Rivalry*> found;
  for (const Rivalry& r : point.rivalries)
    if (r.against == variant && (r.tok_s.verdict == Verdict::not_distinguishable || !r.tok_s.no_verdict.empty())) found.push_back(&r);
  return found;
}

bool wins_elsewhere(const WorkloadComparison& w, const PointComparison& point, const std::string& a, const std::string& b) {
  const auto verdict = [&](const PointComparison& p) {
    const auto found = std::ranges::find_if(p.rivalries, [&](const Rivalry& r) { return r.of == a && r.against == b; });
    return found == p.rivalries.end() ? Verdict::unknown : found->tok_s.verdict;
  };
  if (verdict(point) != Verdict::not_distinguishable) return false;
  const auto points = [&](Verdict which) { return std::ranges::count_if(w.points, [&](const PointComparison& p) { return verdict(p) == which; }); };
  return points(Verdict::faster) > points(Verdict::slower);
}

std::vector<WorkloadComparison> compare(const StudyData& data) {
  const RequestIndex index(data);
  std::vector<WorkloadComparison> all;
  for (const auto& workload : data.study.workloads) {
    WorkloadComparison w;
    w.workload = workload;
    std::vector<int> concurrency = workload.concurrency;
    std::ranges::sort(concurrency);
    for (const int c : concurrency) w.points.push_back(compare_point(data, index, workload.name, c));
    apply_control(w);
    all.push_back(std::move(w));
  }
  judge_jointly(all);
  return all;
}

}  // namespace qc
