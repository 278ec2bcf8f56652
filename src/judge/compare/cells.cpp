#include "judge/compare/cells.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "judge/compare/limits.h"
#include "judge/compare/other_counts.h"
#include "judge/compare/told.h"
#include "stats/stats.h"

namespace qc {
namespace {

constexpr double kMedian = 0.5, kTail = 0.95;

BlockSample block_sample(double tok_s, const Samples& own, const ImportedRun* told) {
  const auto of = [&](const std::vector<double>& samples, const auto& figure, const char* name) { return told && samples.empty() ? told->figure(name) : figure(samples); };
  const auto p50 = [](const std::vector<double>& xs) { return median_unbiased_quantile(xs, kMedian); };
  const auto p95 = [](const std::vector<double>& xs) { return median_unbiased_quantile(xs, kTail); };
  const auto average = [](const std::vector<double>& xs) { return mean(xs); };
  return {own.ok, tok_s, of(own.e2e_ms, p50, "e2e_p50_ms"), of(own.e2e_ms, p95, "e2e_p95_ms"), of(own.ttft_ms, p50, "ttft_p50_ms"), of(own.ttft_ms, average, "ttft_mean_ms"),
          of(own.ttft_ms, p95, "ttft_p95_ms"), of(own.tpot_ms, p50, "tpot_p50_ms"), {}};
}

using Blocks = std::map<int, BlockSample>;
using OfBlock = std::optional<double> BlockSample::*;

std::vector<double> of_blocks(const Blocks& blocks, OfBlock figure) {
  std::vector<double> values;
  for (const auto& [block, sample] : blocks)
    if (const auto& value = sample.*figure) values.push_back(*value);
  return values;
}

/// Student's t on the blocks' own logarithms: requests of one block share its luck, so only blocks are independent of one another. Blocks
/// that drift apart may leave what is printed of all requests together outside: then the interval is widened to hold it.
bool add_interval_of_blocks(Measured& m, const Blocks& blocks, OfBlock figure, double confidence) {
  const auto interval = log_t_interval(of_blocks(blocks, figure), confidence);
  if (interval) m.widen_to(interval->lo, interval->hi);
  return interval.has_value();
}

/// Pooled; of several blocks with an interval over them, of one block with that of its requests' order statistics.
Measured percentile(const std::vector<double>& pooled, const Blocks& blocks, OfBlock figure, double q, const std::string& nothing, double confidence) {
  Measured m;
  m.value = quantile(pooled, q);
  if (!m.value) {
    m.na = nothing;
    return m;
  }
  if (const int missing = samples_needed(q) - static_cast<int>(pooled.size()); missing > 0) {
    m.interval_na = fmt::format("{} more request{} needed for an interval", missing, missing == 1 ? "" : "s");
  } else if (blocks.size() == 1) {
    const auto interval = quantile_interval(pooled, q, confidence);
    if (interval) m.lo = interval->lo, m.hi = interval->hi;
    else m.interval_na = "one block has too few requests for an interval of this confidence";
  } else if (!add_interval_of_blocks(m, blocks, figure, confidence)) {
    m.interval_na = fmt::format("two blocks of {} requests or more are needed for an interval", median_unbiased_samples(q));
  }
  return m;
}

Measured mean_of(const std::vector<double>& pooled, const Blocks& blocks, OfBlock figure, const std::string& nothing, double confidence) {
  Measured m;
  m.value = mean(pooled);
  if (!m.value) m.na = nothing;
  else if (!add_interval_of_blocks(m, blocks, figure, confidence)) m.interval_na = "one block: an interval needs two";
  return m;
}

bool server_died(const StudyData& data, const std::string& variant) {
  return std::ranges::any_of(data.starts, [&](const EngineStart& s) { return s.variant == variant && s.ended == "died"; });
}

/// What we ourselves cancelled, as at the second Ctrl-C, is no failure of a server's.
int failed_of(const Samples& s) { return s.failed - s.failures[static_cast<std::size_t>(Failure::cancelled)]; }

void add_failures(CellFigures& f, Samples s, bool counts) {
  (counts ? f.requests_failed : f.failed_left_out) += failed_of(s);
  s.failures[static_cast<std::size_t>(Failure::cancelled)] = 0;
  for (std::size_t i = 0; i < f.failures.size(); ++i) f.failures[i] += s.failures[i];
}

std::string nothing_because(const CellFigures& f) {
  if (f.blocks > 0 || !f.requests_told) return "no request was answered";
  return f.blocks_invalid > 0 ? "no visit of it counts (section Methodology says why)" : "it was not visited";
}

/// Figures of all requests of valid visits together, with intervals over the blocks.
void fill_figures(CellData& cell, const Samples& pooled, const ToldCell& told, double confidence) {
  CellFigures& f = cell.figures;
  const Blocks& blocks = cell.blocks;
  f.blocks = static_cast<int>(blocks.size()), f.requests_ok = pooled.ok;
  const std::vector<double> rates = of_blocks(blocks, &BlockSample::tok_s);
  const std::string nothing = nothing_because(f);
  f.tok_s = mean_of(rates, blocks, &BlockSample::tok_s, "no valid trial", confidence);
  f.p50_ms = percentile(pooled.e2e_ms, blocks, &BlockSample::p50_ms, kMedian, nothing, confidence);
  f.p95_ms = percentile(pooled.e2e_ms, blocks, &BlockSample::p95_ms, kTail, nothing, confidence);
  f.ttft_p50_ms = percentile(pooled.ttft_ms, blocks, &BlockSample::ttft_p50_ms, kMedian, nothing, confidence);
  f.ttft_mean_ms = mean_of(pooled.ttft_ms, blocks, &BlockSample::ttft_mean_ms, nothing, confidence);
  f.ttft_p95_ms = percentile(pooled.ttft_ms, blocks, &BlockSample::ttft_p95_ms, kTail, nothing, confidence);
  f.tpot_p50_ms = percentile(pooled.tpot_ms, blocks, &BlockSample::tpot_p50_ms, kMedian, pooled.ok > 0 ? "an answer of one token has no time between tokens" : nothing, confidence);
  f.mean_prompt = mean(pooled.prompt_tokens), f.mean_output = mean(pooled.output_tokens);
  if (const auto [least, most] = std::ranges::minmax_element(pooled.output_tokens); least != pooled.output_tokens.end()) f.shortest_output = static_cast<int>(*least), f.longest_output = static_cast<int>(*most);
  f.ended_by_model = pooled.ended_by_model;
  told.fill(f);
  if (f.tok_s && f.mean_output && *f.mean_output > 0) {
    f.requests_per_s = *f.tok_s.value / *f.mean_output;
    if (f.mean_prompt) f.total_tok_s = *f.tok_s.value * (*f.mean_prompt + *f.mean_output) / *f.mean_output;
  }
  if (const auto sd = sample_stddev(rates); sd && f.tok_s) f.sd_between_blocks = *sd / *f.tok_s.value;
}

/// What the workload's budget allows each request of valid visits.
void add_goodput(CellFigures& f, const StudyData& data, const std::string& workload, const std::vector<const RequestRecord*>& requests) {
  const auto w = std::ranges::find(data.study.workloads, workload, &Workload::name);
  const std::optional<double> budget = w == data.study.workloads.end() ? std::nullopt : w->p95_budget_ms;
  if (!budget) {
    f.within_budget.na = f.goodput.na = "the study sets no budget for this workload";
    return;
  }
  const Goodput found = goodput_among(requests, {{.name = "e2e", .what = Bounded::e2e, .share = 1, .ms = *budget}}, f.requests_per_s);
  f.within_budget.value = found.share, f.goodput.value = found.requests_per_s;
  const bool left_out = f.blocks == 0 && f.blocks_invalid > 0;
  if (!found.share) f.within_budget.na = left_out ? nothing_because(f) : "no single request is known";
  if (!found.requests_per_s) f.goodput.na = left_out ? nothing_because(f) : "no single request is known to have been answered, or not how long its answer was";
}

}  // namespace

CellData make_cell(const StudyData& data, const RequestIndex& index, const CellKey& key, double confidence) {
  CellData cell;
  cell.figures.variant = key.variant, cell.figures.repeat = key.repeat;
  Samples pooled;
  std::vector<const RequestRecord*> requests;   // of valid visits
  OtherCounter other;
  ToldCell told_cell;
  std::vector<int> left_out;                    // blocks of visits that don't count since requests failed in them
  std::set<int> failing, clean;                 // blocks of those that do
  for (const auto& trial : data.trials) {
    if (!key.holds(trial)) continue;
    const Samples own = collect(index.of(trial.id));
    const ImportedRun* told = imported_of(data, trial.id);
    const auto rate = rate_of(trial, index.of(trial.id), told);
    const bool counts = trial.valid && rate && *rate > 0;
    add_failures(cell.figures, own, counts);
    if (!counts) {
      ++cell.figures.blocks_invalid;
      const int failed = failed_of(own);
      if (trial.invalid_because == "interrupted") cell.figures.failed_cut_short += failed;
      else if (server_died(data, trial.variant)) cell.figures.failed_with_server += failed;
      else if (failed > 0) cell.figures.answered_beside_failures += own.ok, left_out.push_back(trial.block);
      continue;
    }
    (failed_of(own) > 0 ? failing : clean).insert(trial.block);
    cell.blocks[trial.block] = block_sample(*rate, own, told);
    if (const auto length = own.output_tokens.empty() && told ? told->figure("mean_output_tokens") : mean(own.output_tokens); length && *length > 0) cell.blocks[trial.block].requests_s = *rate / *length;
    if (told) told_cell.add(*told, own), cell.unpaired |= !told->block_told;
    pooled.add(own);
    requests.insert(requests.end(), index.of(trial.id).begin(), index.of(trial.id).end());
    cell.blocks[trial.block].characters_s = other.add(index.of(trial.id));
  }
  cell.figures.visits_with_failures = static_cast<int>(left_out.size() + failing.size());
  cell.figures.failures_made_good = static_cast<int>(std::ranges::count_if(left_out, [&](int block) { return clean.contains(block); }));
  cell.figures.other_counts = other.result();
  fill_figures(cell, pooled, told_cell, confidence);
  add_goodput(cell.figures, data, key.workload, requests);
  return cell;
}

}  // namespace qc
