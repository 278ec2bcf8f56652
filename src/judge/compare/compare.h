#pragma once
// Cells and Deltas: what each variant did at each operating point, and how sure we are of the difference.
#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "record/record.h"

namespace qc {

/// A figure: value with its 95 % interval, or the reason why there is none. `lo`/`hi` are empty with `interval_na` saying why.
struct Measured {
  std::optional<double> value, lo, hi;
  std::string na;                          ///< why there is no value
  std::string interval_na;                 ///< why there is no interval: "2 blocks needed", "27 more requests needed"
  bool widened = false;                    ///< an end was moved to hold the value: the blocks' own interval does not
  explicit operator bool() const { return value.has_value(); }
  [[nodiscard]] std::optional<double> half_width() const { return lo && hi ? std::optional((*hi - *lo) / 2) : std::nullopt; }
  void widen_to(double low, double high) {
    lo = std::min(low, *value), hi = std::max(high, *value);
    widened = *lo != low || *hi != high;
  }
};

/// One trial's own figures: a row of the capacity CSVs.
struct TrialSummary {
  const TrialRecord* trial = nullptr;
  int requests_ok = 0, requests_failed = 0;
  std::int64_t output_tokens = 0;
  double duration_s = 0;                   ///< the steady window
  std::optional<double> output_tok_s, requests_per_s, ttft_p50_ms, ttft_p95_ms, tpot_p50_ms, itl_p99_ms, e2e_p50_ms, e2e_p95_ms, e2e_p99_ms;
};
std::vector<TrialSummary> summarize_trials(const StudyData& data);

/// A cell's throughput by other definitions than its tok/s: what stands beside it, so that neither the window nor the tokenizer is taken on trust.
struct OtherCounts {
  Measured whole_run_tok_s;                ///< all output tokens of answered requests, from the first byte sent to the last text received
  Measured characters_s;                   ///< code points over the same time
  Measured characters_per_token;
  Measured second_count;                   ///< tokens by the tokenizer that all variants share, over the server's own count, of answers that have both
};

/// One variant at one operating point over all valid blocks.
struct CellFigures {
  std::string variant;                     ///< the baseline's A/A visits: the baseline's name with `repeat`
  bool repeat = false;
  int blocks = 0, blocks_invalid = 0;
  int requests_ok = 0, requests_failed = 0;
  bool requests_told = true;               ///< false: of an imported cell whose files do not say how many there were
  std::array<int, kFailureNames.size()> failures{};
  int failed_left_out = 0;                 ///< of visits that don't count; by kind they are among `failures`
  int failed_with_server = 0;              ///< of failed_left_out those where a server of this variant ended by itself
  int failed_cut_short = 0;                ///< of failed_left_out those of visits that the user interrupted
  int answered_beside_failures = 0;        ///< in the visits of the other requests of failed_left_out
  int visits_with_failures = 0;            ///< of which the server's end and the user's interruption were not the cause
  int failures_made_good = 0;              ///< of these the visits whose repeat counts and had none
  Measured tok_s, p50_ms, p95_ms, ttft_p50_ms, ttft_mean_ms, ttft_p95_ms, tpot_p50_ms;
  Measured within_budget, goodput;         ///< METRICS.md's goodput by the workload's p95 budget as a limit on each `e2e`: the share that keeps it (failed ones do not), and how many a second
  std::optional<double> mean_prompt, mean_output, requests_per_s, total_tok_s;
  std::optional<int> shortest_output{}, longest_output{};   ///< tokens of one answer
  bool ended_by_model = false;             ///< an answer at least, by its finish_reason: lengths may differ
  OtherCounts other_counts;
  double sd_between_blocks = 0;            ///< relative, of throughput
  /// Requests that failed while its server was up and the run went on, also of visits that don't count: an unlucky visit is repeated, and its failures stay.
  [[nodiscard]] int failed_by_itself() const { return requests_failed + failed_left_out - failed_with_server - failed_cut_short; }
  [[nodiscard]] int asked() const { return requests_ok + answered_beside_failures + failed_by_itself(); }   ///< what failed_by_itself is of
  /// Its p95 is within the budget, and no more than 5 % of its requests failed, but by accident: those are within none. False without a p95.
  [[nodiscard]] bool meets_p95(double budget_ms) const;
  [[nodiscard]] bool fails_beyond_p95() const { return !failed_by_accident() && failed_by_itself() * 100 > asked() * 5; }
  /// In one visit, and not when that was made again.
  [[nodiscard]] bool failed_by_accident() const { return visits_with_failures == 1 && failures_made_good == 1; }
};

enum class Verdict { faster, slower, not_distinguishable, withheld, unknown };
std::string_view to_string(Verdict);
constexpr bool is_told_apart(Verdict v) { return v == Verdict::faster || v == Verdict::slower; }

/// Candidate / baseline - 1, as a fraction.
struct Delta {
  Measured value;
  Verdict verdict = Verdict::unknown;      ///< in the sense of the user: a lower latency is `faster`
  std::optional<double> smallest_seen;     ///< the smallest difference this run could have seen, a fraction: from the value to the farther end of its interval, at least min_effect
  std::optional<double> p_value{};         ///< two-sided, of no difference; of a sequential study over the share of the error that its look may spend
  std::optional<double> spread{};          ///< standard deviation of the blocks' log ratios, where there is an interval
  std::string no_verdict{};                ///< why there is none though there is an interval: the answers are of unlike length
  [[nodiscard]] std::string why_unknown() const { return !no_verdict.empty() ? no_verdict : !value.na.empty() ? value.na : value.interval_na; }
  bool jointly = false;                    ///< faster or slower also when all Deltas of the study are judged together, the control's among them (Holm)
};

/// `characters_s` is no Delta of the study's own: throughput counted in characters, to hold tok_s against.
struct Candidate { CellFigures cell; Delta tok_s, p95, ttft_p95, p50{}, ttft_mean{}, characters_s{}; };

/// What is judged of each candidate at each point.
inline constexpr std::array<Delta Candidate::*, 5> kDeltas = {&Candidate::tok_s, &Candidate::p50, &Candidate::p95, &Candidate::ttft_mean, &Candidate::ttft_p95};

/// One candidate's throughput against another's, from the blocks that hold both: it tells only which of them can be told apart, and is none of
/// the study's own Deltas (METRICS.md), which are against the baseline.
struct Rivalry { std::string of, against; Delta tok_s; };

struct PointComparison {
  int concurrency = 0;
  CellFigures baseline;
  std::vector<Candidate> candidates;       ///< in the study's order; a variant without data has blocks = 0
  std::optional<Candidate> aa;             ///< the baseline's second visit
  std::vector<Rivalry> rivalries{};        ///< each candidate against each other one
};

struct WorkloadComparison {
  Workload workload;
  std::vector<PointComparison> points;     ///< by concurrency
  bool drifted = false;                    ///< an A/A of this workload was called different in throughput: verdicts are withheld
  std::string drift_text;
  std::optional<double> noise_floor;       ///< of throughput: half-width of the widest A/A interval, a fraction
};

/// Half-width of the widest A/A interval of a figure, a fraction; empty without one.
std::optional<double> noise_floor_of(const WorkloadComparison& w, Delta Candidate::*figure);

/// Every interval is of 95 %; of a sequential study (study/looks.h) of the confidence that its look leaves, which is more.
std::vector<WorkloadComparison> compare(const StudyData& data);

/// The candidates whose throughput at this point can't be told from that of `variant`.
std::vector<const Rivalry*> not_told_from(const PointComparison& point, const std::string& variant);

/// At `point` the throughputs of two candidates can't be told apart, and over the other points `a` is faster than `b` more often than slower.
bool wins_elsewhere(const WorkloadComparison& workload, const PointComparison& point, const std::string& a, const std::string& b);

/// How many Deltas of candidates have a verdict of their own, how many of these are faster or slower, and how many of those jointly.
struct Multiplicity { int judged = 0, called = 0, jointly = 0; };
Multiplicity multiplicity_of(const std::vector<WorkloadComparison>& workloads);

}  // namespace qc
