#include "judge/compare/deltas.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "stats/stats.h"

namespace qc {
namespace {

enum class Better { higher, lower };

/// One figure of a cell, how its blocks have it, and its Delta.
struct Judged {
  Measured CellFigures::*cell;
  std::optional<double> BlockSample::*block;
  Delta Candidate::*delta;
  Better better;
  double quantile;   ///< 0: a mean, which every block with a request has
};

constexpr Judged kJudged[] = {
    {&CellFigures::tok_s, &BlockSample::tok_s, &Candidate::tok_s, Better::higher, 0},
    {&CellFigures::p50_ms, &BlockSample::p50_ms, &Candidate::p50, Better::lower, 0.5},
    {&CellFigures::p95_ms, &BlockSample::p95_ms, &Candidate::p95, Better::lower, 0.95},
    {&CellFigures::ttft_mean_ms, &BlockSample::ttft_mean_ms, &Candidate::ttft_mean, Better::lower, 0},
    {&CellFigures::ttft_p95_ms, &BlockSample::ttft_p95_ms, &Candidate::ttft_p95, Better::lower, 0.95},
};

constexpr Judged kRequests = {nullptr, &BlockSample::requests_s, nullptr, Better::higher, 0};
constexpr Judged kCharacters = {nullptr, &BlockSample::characters_s, &Candidate::characters_s, Better::higher, 0};

Verdict verdict_of(const Measured& delta, double min_effect, Better better) {
  if (!delta || !delta.lo || !delta.hi) return Verdict::unknown;
  const bool excludes_zero = *delta.lo > 0 || *delta.hi < 0;
  if (!excludes_zero || std::abs(*delta.value) < min_effect) return Verdict::not_distinguishable;
  return (*delta.value > 0) == (better == Better::higher) ? Verdict::faster : Verdict::slower;
}

/// The blocks that hold both variants.
struct Pairs { std::vector<std::pair<const BlockSample*, const BlockSample*>> blocks; };

Pairs pairs_of(const CellData& a, const CellData& b) {
  Pairs pairs;
  for (const auto& [block, sample] : a.blocks)
    if (const auto other = b.blocks.find(block); other != b.blocks.end()) pairs.blocks.emplace_back(&sample, &other->second);
  return pairs;
}

/// Why a Delta has a value and no interval.
std::string no_interval(const Pairs& pairs, std::size_t with_figure, double quantile) {
  if (pairs.blocks.size() < 2) return "fewer than two blocks hold both variants";
  const int needed = quantile > 0 ? median_unbiased_samples(quantile) : 1;
  const auto requests = [](const auto& pair) { return std::min(pair.first->requests, pair.second->requests); };
  const int fewest = requests(*std::ranges::min_element(pairs.blocks, {}, requests));
  if (with_figure < 2 && fewest < needed) return fmt::format("a block needs {} requests for an interval", needed);
  return "fewer than two blocks have this figure for both variants";
}

/// Delta of two printed figures; its interval pairs the blocks that both have (tests/statistical/compare covers all of them).
/// Throughput and means are paired by their blocks' own, a percentile by its blocks' median-unbiased ones. Where the blocks drift, the pooled
/// percentile leans on the slowest of them and may leave that interval: then the interval is widened to hold what is printed.
Delta delta(const CellData& a, const CellData& b, const Measured& base, const Measured& candidate, const Judged& judged, const Strictness& strictness) {
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
  const Pairs pairs = pairs_of(a, b);
  std::vector<double> xs, ys;
  for (const auto& [first, second] : pairs.blocks) {
    const auto &x = first->*judged.block, &y = second->*judged.block;
    if (x && y && *x > 0 && *y > 0) xs.push_back(*x), ys.push_back(*y);
  }
  const auto paired = paired_ratio(xs, ys, strictness.confidence());
  if (!paired) {
    d.value.interval_na = no_interval(pairs, xs.size(), judged.quantile);
    return d;
  }
  d.value.widen_to(paired->interval.lo - 1, paired->interval.hi - 1);
  // The printed figure need not be the interval's middle: measured from it, no difference that includes zero is larger than what could be seen.
  d.smallest_seen = std::max({(1 + printed) / (1 + *d.value.lo) - 1, (1 + *d.value.hi) / (1 + printed) - 1, strictness.min_effect});
  d.spread = paired->spread_log;
  d.p_value = std::min(1.0, paired->p_value / strictness.share);
  d.verdict = verdict_of(d.value, strictness.min_effect, judged.better);
  return d;
}

bool differs_from_itself(const WorkloadComparison& w, Delta Candidate::*figure) {
  return std::ranges::any_of(w.points, [&](const PointComparison& p) { return p.aa && is_told_apart(((*p.aa).*figure).verdict); });
}

void withhold(WorkloadComparison& w, Delta Candidate::*figure) {
  for (auto& point : w.points)
    for (auto& c : point.candidates)
      if ((c.*figure).verdict != Verdict::unknown) (c.*figure).verdict = Verdict::withheld;
}

}  // namespace

namespace {

/// From here on answers are of unlike length: how long they take can't be compared then; when the first token comes can.
constexpr double kUnlikeLength = 0.05;

/// Its answers' mean length over the baseline's; 1 where one is not known.
double length_ratio(const CellFigures& base, const CellFigures& cell) {
  return base.mean_output && cell.mean_output && *base.mean_output > 0 && *cell.mean_output > 0 ? *cell.mean_output / *base.mean_output : 1;
}

bool are_unlike(const CellFigures& base, const CellFigures& cell, double by) { return std::abs(length_ratio(base, cell) - 1) > by; }

std::string lengths_in_words(const CellFigures& base, const CellFigures& cell) {
  const bool ended = base.ended_by_model || cell.ended_by_model;   // else they are of one length, and counted in another way
  return fmt::format("its answers {} {:.1f} tokens{} on average and the baseline's {:.1f}", ended ? "are" : "count", *cell.mean_output, ended ? " long" : "", *base.mean_output);
}

Delta of_unlike_answers(const CellFigures& base, const CellFigures& cell) {
  Delta d;
  if ((base.ended_by_model || cell.ended_by_model) && are_unlike(base, cell, kUnlikeLength)) d.value.na = lengths_in_words(base, cell) + ": how long they take is not compared";
  return d;
}

/// A shorter answer makes fewer tokens a second, for its first token takes as long, and more requests a second: what the server does with answers
/// of one length lies between the two, so a verdict stands where both give it.
void hold_against_requests(Delta& d, const CellData& base, const CellData& cell, const Strictness& strictness) {
  if (!are_unlike(base.figures, cell.figures, strictness.min_effect) || d.verdict == Verdict::unknown) return;
  Measured of_base, of_cell;
  of_base.value = base.figures.requests_per_s, of_cell.value = cell.figures.requests_per_s;
  const Verdict by_requests = delta(base, cell, of_base, of_cell, kRequests, strictness).verdict;
  if (by_requests == d.verdict) return;
  d.no_verdict = fmt::format("{}: in tokens a second it is {}, in requests a second {}", lengths_in_words(base.figures, cell.figures), to_string(d.verdict), to_string(by_requests));
  d.verdict = Verdict::unknown;
}

/// A longer answer takes longer: with answers of one length its time would lie between what it is and what it is for each of its tokens.
void hold_against_tokens(Delta& d, const CellFigures& base, const CellFigures& cell, double min_effect) {
  if (!(base.ended_by_model || cell.ended_by_model) || !are_unlike(base, cell, min_effect) || d.verdict == Verdict::unknown) return;
  const double longer = length_ratio(base, cell);
  Measured of_token;
  of_token.value = (1 + *d.value.value) / longer - 1, of_token.lo = (1 + *d.value.lo) / longer - 1, of_token.hi = (1 + *d.value.hi) / longer - 1;
  const Verdict by_token = verdict_of(of_token, min_effect, Better::lower);
  if (by_token == d.verdict) return;
  d.no_verdict = fmt::format("{}: by how long an answer takes it is {}, by that over its tokens {}", lengths_in_words(base, cell), to_string(d.verdict), to_string(by_token));
  d.verdict = Verdict::unknown;
}

}  // namespace

Delta throughput_delta(const CellData& base, const CellData& cell, const Strictness& strictness) {
  Delta d = delta(base, cell, base.figures.tok_s, cell.figures.tok_s, kJudged[0], strictness);
  hold_against_requests(d, base, cell, strictness);
  return d;
}

Candidate judge_candidate(const CellData& base, const CellData& cell, const Strictness& strictness) {
  Candidate c;
  c.cell = cell.figures;
  const Delta unlike = of_unlike_answers(base.figures, cell.figures);
  c.tok_s = throughput_delta(base, cell, strictness);
  for (const Judged& judged : kJudged) {
    if (judged.delta == &Candidate::tok_s) continue;
    const bool of_whole_answers = judged.delta == &Candidate::p50 || judged.delta == &Candidate::p95;
    c.*judged.delta = of_whole_answers && !unlike.value.na.empty() ? unlike : delta(base, cell, base.figures.*judged.cell, cell.figures.*judged.cell, judged, strictness);
    if (of_whole_answers) hold_against_tokens(c.*judged.delta, base.figures, cell.figures, strictness.min_effect);
  }
  c.characters_s = delta(base, cell, base.figures.other_counts.characters_s, cell.figures.other_counts.characters_s, kCharacters, strictness);
  return c;
}

std::optional<double> noise_floor_of(const WorkloadComparison& w, Delta Candidate::*figure) {
  std::optional<double> floor;
  for (const PointComparison& p : w.points)
    if (const auto width = p.aa ? ((*p.aa).*figure).value.half_width() : std::nullopt) floor = std::max(floor.value_or(0), *width);
  return floor;
}

void apply_control(WorkloadComparison& w) {
  for (const auto& point : w.points) {
    if (!point.aa) continue;
    const Delta& aa = point.aa->tok_s;
    if (is_told_apart(aa.verdict))
      w.drift_text += fmt::format("{}the baseline against itself at concurrency {} differs by {:+.1f} %", w.drift_text.empty() ? "" : "; ", point.concurrency,
                                  *aa.value.value * 100);
  }
  w.noise_floor = noise_floor_of(w, &Candidate::tok_s);
  w.drifted = differs_from_itself(w, &Candidate::tok_s);
  for (const auto figure : kDeltas)
    if (w.drifted || differs_from_itself(w, figure)) withhold(w, figure);
}

void judge_jointly(std::vector<WorkloadComparison>& workloads) {
  std::vector<Delta*> judged;
  std::vector<double> p_values;
  const auto take = [&](Candidate& c) {
    for (const auto figure : kDeltas)
      if (Delta& d = c.*figure; d.p_value) judged.push_back(&d), p_values.push_back(*d.p_value);
  };
  for (auto& w : workloads)
    for (auto& point : w.points) {
      for (auto& candidate : point.candidates) take(candidate);
      if (point.aa) take(*point.aa);
    }
  const std::vector<bool> rejected = holm_rejects(p_values);
  for (std::size_t i = 0; i < judged.size(); ++i) judged[i]->jointly = rejected[i] && is_told_apart(judged[i]->verdict);
}

Multiplicity multiplicity_of(const std::vector<WorkloadComparison>& workloads) {
  Multiplicity m;
  for (const auto& w : workloads)
    for (const auto& point : w.points)
      for (const auto& candidate : point.candidates)
        for (const auto figure : kDeltas) {
          const Delta& d = candidate.*figure;
          m.judged += is_told_apart(d.verdict) || d.verdict == Verdict::not_distinguishable;
          m.called += is_told_apart(d.verdict), m.jointly += is_told_apart(d.verdict) && d.jointly;
        }
  return m;
}

}  // namespace qc
