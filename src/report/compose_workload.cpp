// Sections 3, 4 ...: one for each workload of the study, in its order.
#include <fmt/format.h>

#include <algorithm>

#include "report/compose_imported.h"
#include "report/compose_sections.h"

namespace qc {
namespace {

std::string verdict_words(Composer& c, const WorkloadComparison& workload, const Metric& metric, const std::string& who, int concurrency, const Delta& delta) {
  switch (delta.verdict) {
    case Verdict::faster: return ", **faster**";
    case Verdict::slower: return ", **slower**";
    case Verdict::withheld: return ", withheld";
    case Verdict::unknown: return delta.no_verdict.empty() ? "" : ", no verdict";
    case Verdict::not_distinguishable: break;
  }
  if (!delta.smallest_seen) return ", not distinguishable";
  const std::string seen = c.log.number(name_of(workload, concurrency, who, metric.smallest_column), Unit::share_pct, measured(*delta.smallest_seen));
  if (*delta.smallest_seen > 1) return ", not distinguishable (could not see even a doubling)";
  return fmt::format(", not distinguishable (could see {})", seen);
}

std::string delta_cell(Composer& c, Notes& notes, const WorkloadComparison& workload, const Metric& metric, const std::string& who, int concurrency,
                       const Delta& delta) {
  const FigureName name = name_of(workload, concurrency, who, metric.delta_column);
  std::string text = cell_with_interval(c, notes, name, Unit::delta_pct, delta.value);
  if (!delta.value) return text;
  const std::string why = delta.verdict == Verdict::withheld ? "the baseline against itself (A/A) differs in this figure, so this machine drifted" : delta.no_verdict;
  return text + verdict_words(c, workload, metric, who, concurrency, delta) + (why.empty() ? "" : " " + notes.mark(why));
}

std::vector<std::string> delta_row(Composer& c, Notes& notes, const WorkloadComparison& workload, const PointComparison& point, const Candidate& candidate,
                                   const std::string& who, std::initializer_list<const Metric*> metrics) {
  std::vector<std::string> row;
  for (const Metric* m : metrics) {
    row.push_back(cell(c, notes, name_of(workload, point.concurrency, c.base(), m->column), m->unit, point.baseline.*m->figure));
    row.push_back(cell(c, notes, name_of(workload, point.concurrency, who, m->column), m->unit, candidate.cell.*m->figure));
    row.push_back(delta_cell(c, notes, workload, *m, who, point.concurrency, candidate.*m->delta));
  }
  return row;
}

void add_row(Table& t, std::string label, std::vector<std::string> cells) {
  cells.insert(cells.begin(), std::move(label));
  t.rows.push_back(std::move(cells));
}

/// Baseline against one candidate over all points, the A/A control under it.
Table delta_table(Composer& c, Notes& notes, const WorkloadComparison& workload, std::size_t candidate, std::string caption,
                  std::initializer_list<const Metric*> metrics) {
  const std::string who = workload.points.front().candidates[candidate].cell.variant;
  Table t = table(std::move(caption), {"Config"});
  for (const Metric* m : metrics) {
    add_head(t, fmt::format("#{} {}", c.base(), m->head));
    add_head(t, fmt::format("#{} {}", who, m->head));
    add_head(t, "#Delta% [95 % interval]");
  }
  for (const PointComparison& p : workload.points)
    add_row(t, row_of(p.concurrency), delta_row(c, notes, workload, p, p.candidates[candidate], who, metrics));
  for (const PointComparison& p : workload.points)
    if (p.aa) add_row(t, row_of(p.concurrency) + fmt::format(", A/A: {} again", c.base()), delta_row(c, notes, workload, p, *p.aa, aa_name(c.base()), metrics));
  return t;
}

std::vector<std::string> cell_row(Composer& c, Notes& notes, const WorkloadComparison& w, int concurrency, const CellFigures& f, const std::string& who) {
  const auto name = [&](std::string_view column) { return name_of(w, concurrency, who, column); };
  const auto count = [&](std::string_view column, int n) { return c.log.number(name(column), Unit::count, n); };
  const auto requests = [&](std::string_view column, int n) { return f.requests_told ? count(column, n) : notes.na("the imported files do not tell it"); };
  return {row_of(concurrency), f.repeat ? f.variant + " again (A/A)" : f.variant,
          cell_with_interval(c, notes, name("output_tok_s"), Unit::tok_s, f.tok_s), cell_with_interval(c, notes, name("p50_ms"), Unit::ms, f.p50_ms),
          cell_with_interval(c, notes, name("p95_ms"), Unit::ms, f.p95_ms), cell_with_interval(c, notes, name("ttft_mean_ms"), Unit::ms, f.ttft_mean_ms),
          cell(c, notes, name("ttft_p50_ms"), Unit::ms, f.ttft_p50_ms),
          cell_with_interval(c, notes, name("ttft_p95_ms"), Unit::ms, f.ttft_p95_ms),
          cell(c, notes, name("tpot_p50_ms"), Unit::fine_ms, f.tpot_p50_ms), cell(c, notes, name("within_budget_pct"), Unit::share_pct, f.within_budget),
          cell(c, notes, name("goodput_requests_s"), Unit::requests_s, f.goodput), count("blocks", f.blocks), requests("requests_ok", f.requests_ok),
          requests("requests_failed", f.requests_failed) + (f.failed_left_out > 0 ? " " + notes.mark(fmt::format("and {} more in visits that do not count", count("requests_failed_left_out", f.failed_left_out))) : "")};
}

Table cells_table(Composer& c, Notes& notes, const WorkloadComparison& w) {
  Table t = table("Every cell, with its own 95 % interval", {"Config", "Model", "#tok/s", "#p50 (ms)", "#p95 (ms)", "#TTFT mean (ms)", "#TTFT p50 (ms)", "#TTFT p95 (ms)",
                                                           "#TPOT p50 (ms)", "#Within the budget", "#Goodput (requests/s)", "#Blocks", "#Requests ok", "#Failed"});
  for (const PointComparison& p : w.points) {
    t.rows.push_back(cell_row(c, notes, w, p.concurrency, p.baseline, c.base()));
    if (p.aa) t.rows.push_back(cell_row(c, notes, w, p.concurrency, p.aa->cell, aa_name(c.base())));
    for (const Candidate& candidate : p.candidates) t.rows.push_back(cell_row(c, notes, w, p.concurrency, candidate.cell, candidate.cell.variant));
  }
  return t;
}

/// What advice and notes say of latencies and lengths, so that each of their figures is kept too.
void keep_floors_and_lengths(Composer& c, const WorkloadComparison& w) {
  for (const auto& [metric, column] : {std::pair(&kP50, "noise_floor_p50_pct"), {&kP95, "noise_floor_p95_pct"}, {&kTtftMean, "noise_floor_ttft_mean_pct"}, {&kTtftP95, "noise_floor_ttft_p95_pct"}})
    if (const auto floor = noise_floor_of(w, metric->delta)) c.log.keep({w.workload.name, "all", column}, Unit::share_pct, measured(*floor));
  const auto keep = [&](int concurrency, const CellFigures& f, const std::string& who) {
    if (f.mean_output) c.log.keep(name_of(w, concurrency, who, "mean_output_tokens"), Unit::tokens, measured(*f.mean_output));
    if (f.shortest_output) c.log.keep(name_of(w, concurrency, who, "shortest_output_tokens"), Unit::tokens, measured(*f.shortest_output));
    if (f.longest_output) c.log.keep(name_of(w, concurrency, who, "longest_output_tokens"), Unit::tokens, measured(*f.longest_output));
  };
  for (const PointComparison& p : w.points) {
    keep(p.concurrency, p.baseline, c.base());
    for (const Candidate& x : p.candidates) keep(p.concurrency, x.cell, x.cell.variant);
  }
}

/// A server ended answers by itself.
bool are_cut_short(const WorkloadComparison& w) {
  const int asked = w.workload.max_tokens;
  const auto off = [&](const CellFigures& cell) { return cell.ended_by_model && ((cell.shortest_output && *cell.shortest_output != asked) || (cell.longest_output && *cell.longest_output != asked)); };
  return std::ranges::any_of(w.points, [&](const PointComparison& p) { return off(p.baseline) || std::ranges::any_of(p.candidates, [&](const Candidate& x) { return off(x.cell); }); });
}

/// "every answer is 128 tokens long"; where that is not so, what was asked for.
std::string lengths_in_words(const WorkloadComparison& w) {
  const int asked = w.workload.max_tokens;
  const bool answered = std::ranges::any_of(w.points, [](const PointComparison& p) { return p.baseline.requests_ok > 0 || std::ranges::any_of(p.candidates, [](const Candidate& x) { return x.cell.requests_ok > 0; }); });
  if (!answered) return fmt::format("answers of {} were asked for", counted(asked, "token"));
  return are_cut_short(w) ? fmt::format("answers of {} were asked for, and not every one is so long", counted(asked, "token")) : fmt::format("every answer is {} long", counted(asked, "token"));
}

std::string intro(Composer& c, const WorkloadComparison& w) {
  if (is_imported(c)) return imported_intro(c, w);
  const Workload& load = w.workload;
  std::string text = fmt::format("Prompts: `{}`; {}; closed loop at {}; {}.", load.prompts, lengths_in_words(w),
                                 concurrencies(load.concurrency), blocks_run(c));
  const PointComparison& first = w.points.front();
  if (first.baseline.mean_prompt)
    text += fmt::format(" A prompt is {} long on average (at concurrency {}).",
                        c.log.text(name_of(w, first.concurrency, c.base(), "mean_prompt_tokens"), Unit::tokens, *first.baseline.mean_prompt), first.concurrency);
  if (load.p95_budget_ms) text += fmt::format(" The p95 budget is {} ms.", setting(*load.p95_budget_ms));
  return text;
}

}  // namespace

Section compose_workload(Composer& c, const WorkloadComparison& w) {
  Section section{"workload-" + slugged(w.workload.name), capitalized(w.workload.name) + " workload", {}};
  if (w.points.empty()) {
    section.blocks.push_back(Paragraph{"n/a: no operating point of this workload was measured."});
    return section;
  }
  auto& blocks = section.blocks;
  keep_floors_and_lengths(c, w);
  blocks.push_back(Paragraph{intro(c, w)});
  const auto put = [&](Table t, Notes& notes, std::string text) {
    blocks.push_back(std::move(t));
    notes.foot(blocks);
    blocks.push_back(finding(std::move(text)));
  };
  const std::size_t candidates = w.points.front().candidates.size();
  for (std::size_t i = 0; i < candidates; ++i) {
    Notes notes;
    const std::string who = w.points.front().candidates[i].cell.variant;
    Table t = delta_table(c, notes, w, i, fmt::format("{} against {}{}", who, c.base(), are_cut_short(w) ? fmt::format(", up to {} a request", counted(w.workload.max_tokens, "output token")) : length_words(c, w.workload)), {&kThroughput, &kP95});
    put(std::move(t), notes, workload_finding(c, w, i));
  }
  if (has_points(w, kThroughput)) blocks.push_back(throughput_picture(c, w));
  if (has_points(w, kP95)) blocks.push_back(p95_picture(c, w));
  for (std::size_t i = 0; i < candidates; ++i) {
    Notes notes;
    const std::string who = w.points.front().candidates[i].cell.variant;
    Table t = delta_table(c, notes, w, i, fmt::format("Time to first token, and the median request, {} against {}", who, c.base()), {&kTtftMean, &kTtftP95, &kP50});
    put(std::move(t), notes, ttft_finding(c, w, i));
  }
  Notes notes;
  Table cells = cells_table(c, notes, w);
  put(std::move(cells), notes, cells_finding(c, w));
  if (!is_imported(c) || has_requests(c, w.workload)) add_other_counts(c, w, blocks);
  if (is_imported(c)) return section;   // no server and no card was asked
  add_server_truth(c, w, blocks);
  add_pace(c, w, blocks);
  add_gpu(c, w, blocks);
  return section;
}

}  // namespace qc
