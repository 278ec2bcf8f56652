#include "judge/compare/told.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "record/rates.h"
#include "stats/stats.h"

namespace qc {
namespace {

constexpr std::pair<Measured CellFigures::*, const char*> kToldPercentiles[] = {
    {&CellFigures::p50_ms, "e2e_p50_ms"}, {&CellFigures::p95_ms, "e2e_p95_ms"}, {&CellFigures::ttft_p50_ms, "ttft_p50_ms"}, {&CellFigures::ttft_mean_ms, "ttft_mean_ms"},
    {&CellFigures::ttft_p95_ms, "ttft_p95_ms"}, {&CellFigures::tpot_p50_ms, "tpot_p50_ms"}};

constexpr std::pair<std::optional<double> TrialSummary::*, const char*> kOfTrial[] = {
    {&TrialSummary::requests_per_s, "requests_per_s"}, {&TrialSummary::ttft_p50_ms, "ttft_p50_ms"}, {&TrialSummary::ttft_p95_ms, "ttft_p95_ms"},
    {&TrialSummary::tpot_p50_ms, "tpot_p50_ms"}, {&TrialSummary::itl_p99_ms, "itl_p99_ms"}, {&TrialSummary::e2e_p50_ms, "e2e_p50_ms"},
    {&TrialSummary::e2e_p95_ms, "e2e_p95_ms"}, {&TrialSummary::e2e_p99_ms, "e2e_p99_ms"}};

int whole(const std::optional<double>& n) { return static_cast<int>(std::lround(n.value_or(0))); }

}  // namespace

const ImportedRun* imported_of(const StudyData& data, int trial_id) {
  const auto at = std::ranges::find(data.imported, trial_id, &ImportedRun::trial_id);
  return at == data.imported.end() ? nullptr : &*at;
}

std::optional<double> rate_of(const TrialRecord& trial, const std::vector<const RequestRecord*>& requests, const ImportedRun* told) {
  const bool has_events = std::ranges::any_of(requests, [](const RequestRecord* r) { return !r->events.empty(); });
  return told && !has_events ? told->figure("output_tok_s") : window_rate(trial, requests);
}

void ToldCell::add(const ImportedRun& run, const Samples& own) {
  ++runs_;
  for (const auto& [name, value] : run.figures) figures_[name].push_back(value);
  counted_ &= own.ok + own.failed > 0 || run.figure("requests_ok").has_value();
  if (own.ok + own.failed == 0) ok_ += whole(run.figure("requests_ok")), failed_ += whole(run.figure("requests_failed"));
}

Measured ToldCell::mean_of(const std::string& name) const {
  Measured m;
  const auto at = figures_.find(name);
  if (at == figures_.end()) {
    m.na = "the imported files do not tell it";
    return m;
  }
  m.value = mean(at->second);
  m.interval_na = runs_ == 1 ? "the imported file tells the figure, not its samples" : fmt::format("the mean of {} runs' own figures: without samples they can't be pooled", at->second.size());
  return m;
}

void ToldCell::fill(CellFigures& cell) const {
  if (empty()) return;
  for (const auto& [member, name] : kToldPercentiles)
    if (!(cell.*member)) cell.*member = mean_of(name);
  cell.requests_ok += ok_, cell.requests_failed += failed_, cell.requests_told = counted_;
  if (cell.tok_s && !cell.tok_s.lo) cell.tok_s.interval_na = "one run: an interval needs two";
  if (!cell.mean_prompt) cell.mean_prompt = mean_of("mean_prompt_tokens").value;
  if (!cell.mean_output) cell.mean_output = mean_of("mean_output_tokens").value;
  for (Measured* m : {&cell.other_counts.whole_run_tok_s, &cell.other_counts.characters_s, &cell.other_counts.characters_per_token, &cell.other_counts.second_count})
    if (!*m) m->na = "the imported files do not tell it";
}

void fill_told(TrialSummary& summary, const ImportedRun& run) {
  if (summary.requests_ok + summary.requests_failed == 0) {
    summary.requests_ok = whole(run.figure("requests_ok")), summary.requests_failed = whole(run.figure("requests_failed"));
    if (const auto tokens = run.figure("output_tokens")) summary.output_tokens = std::llround(*tokens);
  }
  if (!summary.output_tok_s) summary.output_tok_s = run.figure("output_tok_s");
  if (summary.duration_s <= 0) summary.duration_s = run.figure("duration_s").value_or(0);
  for (const auto& [member, name] : kOfTrial)
    if (!(summary.*member)) summary.*member = run.figure(name);
}

}  // namespace qc
