#include "judge/compare/compare.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "judge/compare/other_counts.h"
#include "judge/compare/samples.h"
#include "judge/compare/told.h"
#include "stats/stats.h"

namespace qc {
namespace {

constexpr double kTail = 0.95;

/// One valid visit of a point, by its block. Its own p95s are median-unbiased, since they are paired; the pooled ones that the
/// report prints are not these.
struct BlockSample {
  double tok_s = 0;
  int requests = 0;
  std::optional<double> p95_ms, ttft_p95_ms;
};

struct CellData {
  CellFigures figures;
  bool unpaired = false;                   ///< measured elsewhere, and nobody says in which block
  std::map<int, BlockSample> blocks;
};

Measured percentile(std::vector<double> xs, double q) {
  Measured m;
  m.value = quantile(xs, q);
  if (!m.value) {
    m.na = "no request was answered";
    return m;
  }
  if (const auto interval = quantile_interval(xs, q)) {
    m.lo = interval->lo, m.hi = interval->hi;
  } else {
    const int missing = samples_needed(q) - static_cast<int>(xs.size());
    m.interval_na = fmt::format("{} more request{} needed for an interval", missing, missing == 1 ? "" : "s");
  }
  return m;
}

Measured throughput(const std::map<int, BlockSample>& blocks) {
  Measured m;
  std::vector<double> rates;
  rates.reserve(blocks.size());
  for (const auto& [block, sample] : blocks) rates.push_back(sample.tok_s);
  m.value = mean(rates);
  if (!m.value) m.na = "no valid trial";
  else if (const auto interval = log_t_interval(rates)) m.lo = interval->lo, m.hi = interval->hi;
  else m.interval_na = "one block: an interval needs two";
  return m;
}

struct CellKey {
  std::string variant, workload;
  int concurrency = 0;
  bool repeat = false;
  [[nodiscard]] bool holds(const TrialRecord& t) const {
    return t.variant == variant && t.workload == workload && t.concurrency == concurrency && t.repeat == repeat;
  }
};

/// A percentile that no samples are behind is its file's own.
BlockSample block_of(double rate, const Samples& own, const ImportedRun* told) {
  const auto p95 = [&](const std::vector<double>& samples, const char* name) {
    return told && samples.empty() ? told->figure(name) : median_unbiased_quantile(samples, kTail);
  };
  return {rate, own.ok, p95(own.e2e_ms, "e2e_p95_ms"), p95(own.ttft_ms, "ttft_p95_ms")};
}

CellData make_cell(const StudyData& data, const RequestIndex& index, const CellKey& key) {
  CellData cell;
  CellFigures& f = cell.figures;
  f.variant = key.variant, f.repeat = key.repeat;
  Samples pooled;
  OtherCounter other;
  ToldCell told_cell;
  for (const auto& trial : data.trials) {
    if (!key.holds(trial)) continue;
    const Samples own = collect(index.of(trial.id));
    const ImportedRun* told = imported_of(data, trial.id);
    const auto rate = rate_of(trial, index.of(trial.id), told);
    if (!trial.valid || !rate || *rate <= 0) {
      ++f.blocks_invalid;
      f.requests_failed += own.failed;
      for (std::size_t i = 0; i < f.failures.size(); ++i) f.failures[i] += own.failures[i];
      continue;
    }
    cell.blocks[trial.block] = block_of(*rate, own, told);
    if (told) told_cell.add(*told, own), cell.unpaired |= !told->block_told;
    pooled.add(own);
    other.add(index.of(trial.id));
  }
  f.blocks = static_cast<int>(cell.blocks.size());
  f.requests_ok = pooled.ok, f.requests_failed += pooled.failed;
  for (std::size_t i = 0; i < f.failures.size(); ++i) f.failures[i] += pooled.failures[i];
  f.tok_s = throughput(cell.blocks), f.other_counts = other.result();
  f.p50_ms = percentile(pooled.e2e_ms, 0.5), f.p95_ms = percentile(pooled.e2e_ms, kTail);
  f.ttft_p50_ms = percentile(pooled.ttft_ms, 0.5), f.ttft_p95_ms = percentile(pooled.ttft_ms, kTail);
  f.tpot_p50_ms = percentile(pooled.tpot_ms, 0.5);
  f.mean_prompt = mean(pooled.prompt_tokens), f.mean_output = mean(pooled.output_tokens);
  told_cell.fill(f);
  if (f.tok_s && f.mean_output && *f.mean_output > 0) {
    f.requests_per_s = *f.tok_s.value / *f.mean_output;
    if (f.mean_prompt) f.total_tok_s = *f.tok_s.value * (*f.mean_prompt + *f.mean_output) / *f.mean_output;
  }
  std::vector<double> rates;
  for (const auto& [block, sample] : cell.blocks) rates.push_back(sample.tok_s);
  if (const auto sd = sample_stddev(rates); sd && f.tok_s) f.sd_between_blocks = *sd / *f.tok_s.value;
  return cell;
}

enum class Better { higher, lower };

Verdict verdict_of(const Measured& delta, double min_effect, Better better) {
  if (!delta || !delta.lo || !delta.hi) return Verdict::unknown;
  const bool excludes_zero = *delta.lo > 0 || *delta.hi < 0;
  if (!excludes_zero || std::abs(*delta.value) < min_effect) return Verdict::not_distinguishable;
  return (*delta.value > 0) == (better == Better::higher) ? Verdict::faster : Verdict::slower;
}

/// Why a Delta has a value and no interval.
std::string no_interval(const CellData& a, const CellData& b, std::size_t pairs, Better better) {
  int blocks = 0, fewest = 0;
  for (const auto& [block, sample] : a.blocks) {
    const auto other = b.blocks.find(block);
    if (other == b.blocks.end()) continue;
    const int requests = std::min(sample.requests, other->second.requests);
    fewest = blocks++ == 0 ? requests : std::min(fewest, requests);
  }
  if (blocks < 2) return "fewer than two blocks hold both variants";
  const int needed = median_unbiased_samples(kTail);
  if (better == Better::lower && pairs < 2 && fewest < needed)
    return fmt::format("a block needs {} requests for an interval and has {}", needed, fewest);
  return "fewer than two blocks have this figure for both variants";
}

/// Delta of two printed figures; its interval pairs the blocks that both have (tests/statistical/compare covers both kinds).
/// Throughput is paired by its blocks' rates, a percentile by its blocks' median-unbiased ones. Where the blocks drift, the pooled
/// percentile leans on the slowest of them and may leave that interval: then the interval is widened to hold what is printed.
template <class Pick>
Delta delta(const Measured& base, const Measured& candidate, const CellData& a, const CellData& b, Pick pick, double min_effect, Better better) {
  Delta d;
  if (!base || !candidate) {
    d.value.na = !base ? "the baseline has no figure here" : "the candidate has no figure here";
    return d;
  }
  const double printed = *candidate.value / *base.value - 1;
  d.value.value = printed;
  if (a.unpaired || b.unpaired) {
    d.value.interval_na = "the imported files do not say which runs were one block, so nothing can be paired";
    return d;
  }
  std::vector<double> xs, ys;
  for (const auto& [block, sample] : a.blocks) {
    const auto other = b.blocks.find(block);
    if (other == b.blocks.end()) continue;
    const std::optional<double> x = pick(sample), y = pick(other->second);
    if (x && y && *x > 0 && *y > 0) xs.push_back(*x), ys.push_back(*y);
  }
  const auto paired = paired_ratio(xs, ys);
  if (!paired) {
    d.value.interval_na = no_interval(a, b, xs.size(), better);
    return d;
  }
  d.value.lo = std::min(paired->interval.lo - 1, printed), d.value.hi = std::max(paired->interval.hi - 1, printed);
  d.smallest_seen = std::max(std::exp(paired->half_width_log) - 1, min_effect);
  d.verdict = verdict_of(d.value, min_effect, better);
  return d;
}

Candidate judge_candidate(const CellData& base, const CellData& cell, double min_effect) {
  Candidate c;
  c.cell = cell.figures;
  const auto tok_s = [](const BlockSample& s) { return std::optional(s.tok_s); };
  c.tok_s = delta(base.figures.tok_s, cell.figures.tok_s, base, cell, tok_s, min_effect, Better::higher);
  c.p95 = delta(base.figures.p95_ms, cell.figures.p95_ms, base, cell, [](const BlockSample& s) { return s.p95_ms; }, min_effect, Better::lower);
  c.ttft_p95 = delta(base.figures.ttft_p95_ms, cell.figures.ttft_p95_ms, base, cell, [](const BlockSample& s) { return s.ttft_p95_ms; }, min_effect, Better::lower);
  return c;
}

bool called_different(const Delta& d) { return d.verdict == Verdict::faster || d.verdict == Verdict::slower; }

void withhold(Delta& d) {
  if (d.verdict != Verdict::unknown) d.verdict = Verdict::withheld;
}

/// Where the A/A of the workload is itself called different, the verdicts of that metric are withheld.
void apply_control(WorkloadComparison& w) {
  bool tok_s = false, p95 = false, ttft = false;
  for (const auto& point : w.points) {
    if (!point.aa) continue;
    const Delta& aa = point.aa->tok_s;
    tok_s |= called_different(aa), p95 |= called_different(point.aa->p95), ttft |= called_different(point.aa->ttft_p95);
    if (aa.value.lo && aa.value.hi) w.noise_floor = std::max(w.noise_floor.value_or(0), (*aa.value.hi - *aa.value.lo) / 2);
    if (called_different(aa))
      w.drift_text += fmt::format("{}the baseline against itself at concurrency {} differs by {:+.1f} %", w.drift_text.empty() ? "" : "; ", point.concurrency,
                                  *aa.value.value * 100);
  }
  w.drifted = tok_s;
  for (auto& point : w.points)
    for (auto& c : point.candidates) {
      if (tok_s) withhold(c.tok_s);
      if (p95) withhold(c.p95);
      if (ttft) withhold(c.ttft_p95);
    }
}

PointComparison compare_point(const StudyData& data, const RequestIndex& index, const std::string& workload, int concurrency) {
  const Study& study = data.study;
  PointComparison point;
  point.concurrency = concurrency;
  const CellData base = make_cell(data, index, {study.baseline().name, workload, concurrency, false});
  point.baseline = base.figures;
  for (const auto& v : study.variants)
    if (!v.baseline) point.candidates.push_back(judge_candidate(base, make_cell(data, index, {v.name, workload, concurrency, false}), study.min_effect));
  const CellData repeat = make_cell(data, index, {study.baseline().name, workload, concurrency, true});
  if (repeat.figures.blocks + repeat.figures.blocks_invalid > 0) point.aa = judge_candidate(base, repeat, study.min_effect);
  return point;
}

}  // namespace

std::string_view to_string(Verdict v) {
  static constexpr std::string_view names[] = {"faster", "slower", "not distinguishable", "withheld", "unknown"};
  return names[static_cast<std::size_t>(v)];
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
  return all;
}

}  // namespace qc
