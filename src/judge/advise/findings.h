#pragma once
// Everything a report says, as values: computed here, rendered in report/.
#include "judge/compare/compare.h"
#include "judge/advise/pace.h"
#include "judge/advise/server_truth.h"
#include "judge/cost/cost.h"
#include "judge/fairness/fairness.h"

namespace qc {

struct MemoryRow {
  std::string variant;
  bool baseline = false;
  Measured file_bytes, weights_bytes, kv_bytes, kv_tokens, idle_bytes, peak_bytes, idle_pct, peak_pct;   ///< pct of the machine's (GPU's) total, as fractions
  std::vector<std::pair<std::string, Measured>> requests_that_fit;   ///< by workload: floor(kv_tokens / (longest prompt + max_tokens))
  bool weights_of_files = false;           ///< weights_bytes is the size of the weight files, for all variants: a server does not tell what it loaded
  Measured activation_bytes, graph_bytes;
  Measured rest_bytes;                     ///< idle use less all parts that the server names; GPU only
  bool beyond_share = false;               ///< vLLM only: its idle use is over gpu_memory_utilization's part of the card and its graphs by more than 1 %
  std::vector<std::pair<std::string, Measured>> more_requests;       ///< by workload: requests that fit, less the baseline's
  Measured context_at_load;                ///< tokens for each request when the study's highest concurrency runs at once
  Measured weights_saving;                 ///< 1 - candidate / baseline, a fraction
  Measured peak_saving;                    ///< the same of the server's whole peak; n/a where its KV cache has another size than the baseline's
  Measured more_kv_tokens;                 ///< KV tokens that the saved weights' bytes would hold (bytes saved / KV bytes a token)
};

/// One suite of one variant beside the baseline.
struct QualityRow {
  std::string suite, variant;
  bool baseline = false;
  int items = 0, graded = 0;
  std::optional<double> score;             ///< mean of graded items, 0..1
  std::optional<double> repeat_score;      ///< the baseline's own repeat (on the baseline's row)
  std::optional<double> chrf, chrf_floor;  ///< mean chrF to the baseline's answers, and of the A/A
  std::optional<double> exact, exact_floor;///< share of identical answers
  std::string issue;                       ///< what went wrong, described; "none seen"
};

enum class QualityVerdict { not_inferior, inferior, inconclusive, unknown };
std::string_view to_string(QualityVerdict);

/// The bound on quality, over all graded items of all spot suites.
struct QualityBound {
  std::string variant;
  int items = 0, lost = 0, gained = 0;     ///< right: a score of at least 0.5; right to wrong, wrong to right
  std::optional<double> baseline_score, score;
  Measured difference_pp;                  ///< candidate - baseline in percentage points, Tango interval
  double mcnemar_p = 1;
  QualityVerdict verdict = QualityVerdict::unknown;
  std::optional<int> items_needed;         ///< when inconclusive
  std::optional<Divergence> divergence;
  int asked = 0;                           ///< prompts
  int unanswered_alone = 0, unanswered_by_baseline = 0;   ///< prompts that the baseline answered and the candidate did not; the other way round
  int unpaired = 0;                        ///< without an answer of one or the other
  [[nodiscard]] bool baseline_fails_all() const { return items > 0 && baseline_score == 0; }   ///< nothing can be lost then
};

/// From here on a model counts as another one: graded answers lost beyond those gained, and the share of positions where its most likely token is the baseline's.
inline constexpr double kAnswersLost = 2, kVisiblyChangedBelow = 0.9;

enum class Stance { recommend, take_care, avoid, undecided };
std::string_view to_string(Stance);

/// One row of the rule table's outcome.
struct Recommendation {
  std::string workload, variant;
  Stance stance = Stance::undecided;
  std::string rule;                        ///< id of the rule that fired
  std::string because;                     ///< one or two sentences that cite their figures
  bool tells_budget = false;               ///< they say where the p95 budget is met or missed
  bool for_memory = false;                 ///< memory alone speaks for it
  bool comes_later = false;                ///< its p95 or its first token is called slower at a load, by no less than the baseline moves against itself
  bool loses_answers = false;              ///< of the graded answers two more were lost than gained, whatever rule fired
  bool visibly_changed = false;            ///< its most likely token is the baseline's in under 90 % of positions, likewise
  [[nodiscard]] bool changed() const { return loses_answers || visibly_changed; }
  [[nodiscard]] bool may_serve() const { return stance == Stance::recommend || stance == Stance::take_care; }
};

struct SettingRow {
  std::string workload, variant;           ///< the variant to serve this workload with
  int concurrency = 0;
  Measured tok_s, p95_ms;
  std::optional<double> budget_ms;
  std::optional<bool> met;
  std::string because;
  bool called_faster = false;              ///< than the baseline, at this load
  bool none_meets = false;                 ///< no model meets the budget at any load measured, whatever is advised
  /// More than 5 % of the requests failed there, and the budget is not met for that alone.
  [[nodiscard]] bool fails() const { return met && !*met && *p95_ms.value <= *budget_ms; }
  /// Who does not meet it, where `met` is false.
  [[nodiscard]] std::string none() const { return none_meets ? "no setting measured" : "no setting that can be recommended"; }
};

struct NextStep { std::string title, because; };

struct Findings {
  Fairness fairness;                       ///< of the variants' servers; what the user allowed is marked
  std::vector<WorkloadComparison> workloads;
  std::vector<CostRow> costs;
  std::vector<MemoryRow> memory;
  std::vector<ServerRow> server;           ///< workload x concurrency x variant
  std::vector<PaceRow> pace;               ///< the same: what a step reads, and what the card can
  std::vector<GpuRow> gpu;                 ///< the same; empty without a GPU
  std::vector<QualityRow> quality;
  std::vector<QualityBound> bounds;        ///< a row for each candidate
  QualityBound repeat;                     ///< the baseline's second answers held against its first; no items: it was asked once
  std::vector<Recommendation> recommendations;   ///< workload x candidate
  std::vector<SettingRow> settings;        ///< a row for each workload
  std::vector<NextStep> next_steps;
  long long requests_failed = 0;           ///< of all visits, without those that we cancelled
  long long prompts_unanswered = 0;        ///< quality prompts whose requests failed, of all variants and of the baseline's repeat
  std::vector<std::string> caveats;        ///< what went wrong or is missing: interrupted, resumed, invalid trials, a server that died ...
  bool complete = true;                    ///< every planned trial is there and valid
  double own_share_of_wall = 0;            ///< the tool's own share of the study's wall time, a fraction
  std::optional<double> own_share_of_cpu;  ///< our CPU / engine CPU
};

/// A server was attached to that is not on this machine: this machine's CPU, GPUs and memory say nothing about it.
bool served_elsewhere(const StudyData& data);

/// A server filled its model with random numbers: its memory stands, its speed nearly so, its answers mean nothing.
bool random_weights(const VariantFacts& facts);
bool random_weights(const StudyData& data);              ///< at least one of them
/// A dummy loader filled one of them: small numbers where they are floating-point, of which FP8 keeps mostly zeros, and integers left as the memory was
/// (vLLM's initialize_single_dummy_weight, 0.25 to 0.32). Power depends on what is multiplied, and at the power limit the clock with it.
bool dummy_weights(const StudyData& data);

Findings judge(const StudyData& data);

/// How many blocks have a visit: fewer than the study file asks for where time ran out.
int blocks_run(const StudyData& data);

}  // namespace qc
