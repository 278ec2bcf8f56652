#pragma once
// Sentences that follow from the data: one function a table, other outcomes give other words.
#include <string>
#include <string_view>
#include <vector>

#include "report/compose_parts.h"

namespace qc {

/// One measure of a cell, its Delta, and the words for a change. One table of these feeds tables, sentences and v_figure.
struct Metric {
  std::string_view column, delta_column, smallest_column;
  Unit unit;
  std::string_view head;                    ///< "tok/s", "p95 (ms)"
  std::string_view noun;                    ///< "throughput", "p95 latency"
  std::string_view better, worse;
  Measured CellFigures::*figure;
  Delta Candidate::*delta;
};
extern const Metric kThroughput, kP50, kP95, kTtftMean, kTtftP95;

/// How all points of one candidate came out, in the sense of the user.
enum class Outcome { win, loss, mixed, partly_win, partly_loss, same, withheld, no_data };
Outcome outcome_of(const WorkloadComparison& workload, std::size_t candidate, const Metric& metric);

FigureName name_of(const WorkloadComparison& workload, int concurrency, const std::string& who, std::string_view column);
/// What a candidate or the A/A visit is called in v_figure's columns.
std::string aa_name(const std::string& baseline);

/// "**q4_0 is faster than bf16 at every concurrency**, by 8.0 % (concurrency 16) to 54.0 % (concurrency 1)."
std::string movement_sentence(Composer& c, const WorkloadComparison& workload, std::size_t candidate, const Metric& metric);
std::string budget_sentence(Composer& c, const WorkloadComparison& workload, std::size_t candidate);
std::string noise_sentence(Composer& c, const WorkloadComparison& workload);
/// Key findings, 2 to 3 sentences each.
std::string workload_finding(Composer& c, const WorkloadComparison& workload, std::size_t candidate);
std::string ttft_finding(Composer& c, const WorkloadComparison& workload, std::size_t candidate);
std::string cells_finding(Composer& c, const WorkloadComparison& workload);

std::string models_finding(Composer& c);
std::string memory_finding(Composer& c);
/// `enables`: what the saving means in this study's own lengths; empty where that is not known.
std::string room_finding(Composer& c, const std::string& enables);

std::string suites_finding(Composer& c);
std::string bound_finding(Composer& c);
std::string divergence_finding(Composer& c);
std::string quality_assessment(Composer& c);
/// One sentence for page one.
std::string bound_sentence(Composer& c, const QualityBound& bound);

/// What is to be said against a price: " (over the p95 budget; in throughput no more than the noise)". Empty where nothing is.
std::string price_caveats(const Findings& findings, const CostRow& cost, bool tell_budget = true);
std::string cost_finding(Composer& c, const std::vector<CostRow>& rows);
/// "The largest saving at lower load is that for chat at concurrency 1: q4_0 costs 9.1 % less than bf16."; empty where nothing of these rows is decided.
std::string largest_saving(Composer& c, const std::vector<CostRow>& rows);
std::string lower_cost_finding(Composer& c, const std::vector<CostRow>& rows);
std::string settings_finding(Composer& c);

/// The closing section's paragraphs, 150 to 300 words together.
std::vector<std::string> closing_paragraphs(Composer& c);

}  // namespace qc
