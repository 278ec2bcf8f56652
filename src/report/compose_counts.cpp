// Throughput counted in other ways: neither the window nor the servers' tokenizers are taken on trust.
#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "core/text.h"
#include "record/rates.h"
#include "record/second_count.h"
#include "report/compose_sections.h"

namespace qc {
namespace {

constexpr double kSame = 0.005, kOne = 1e-9;

struct Row { int concurrency; const CellFigures* cell; std::string who; };

std::vector<Row> rows_of(const Composer& c, const WorkloadComparison& w) {
  std::vector<Row> rows;
  for (const PointComparison& p : w.points) {
    rows.push_back({p.concurrency, &p.baseline, c.base()});
    for (const Candidate& candidate : p.candidates) rows.push_back({p.concurrency, &candidate.cell, candidate.cell.variant});
  }
  return rows;
}

Table counts_table(Composer& c, Notes& notes, const WorkloadComparison& w) {
  Table t = table("The same work, counted in other ways", {"Config", "Model", "#tok/s, steady window", "#tok/s, whole run", "#Characters/s", "#Characters a token",
                                                          "#Second count"});
  for (const Row& row : rows_of(c, w)) {
    const auto put = [&](std::string_view column, Unit unit, const Measured& m) { return cell(c, notes, name_of(w, row.concurrency, row.who, column), unit, m); };
    const OtherCounts& other = row.cell->other_counts;
    t.rows.push_back({row_of(row.concurrency), row.who, put("output_tok_s", Unit::tok_s, row.cell->tok_s), put("whole_run_tok_s", Unit::tok_s, other.whole_run_tok_s),
                      put("characters_per_s", Unit::characters_s, other.characters_s), put("characters_per_token", Unit::characters_token, other.characters_per_token),
                      put("second_count_pct", Unit::share_pct, other.second_count)});
  }
  return t;
}

/// The loads at which every visit has fewer requests than twice the slots: METRICS.md takes the whole of such a visit.
std::vector<std::string> taken_whole(const Composer& c, const WorkloadComparison& w) {
  std::map<int, std::size_t> answered;
  for (const RequestRecord& r : c.data.requests)
    if (!r.warmup) ++answered[r.trial_id];
  std::map<int, bool> whole;
  for (const TrialRecord& t : c.data.trials) {
    if (t.workload != w.workload.name || t.rate || !answered.contains(t.id)) continue;
    bool& all = whole.emplace(t.concurrency, true).first->second;
    all = all && is_taken_whole(answered[t.id], t.concurrency);
  }
  std::vector<std::string> loads;
  for (const auto& [concurrency, all] : whole)
    if (all) loads.push_back(std::to_string(concurrency));
  return loads;
}

std::string window_sentence(Composer& c, const WorkloadComparison& w) {
  std::optional<Row> worst;
  double gap = -1, worst_gap = -1;   // the worst is of those whose rates differ as printed
  for (const Row& row : rows_of(c, w)) {
    const Measured& whole = row.cell->other_counts.whole_run_tok_s;
    if (!whole || !row.cell->tok_s) continue;
    const double own = std::abs(*whole.value / *row.cell->tok_s.value - 1);
    gap = std::max(gap, own);
    const bool as_printed = print_number(Unit::tok_s, *whole.value) != print_number(Unit::tok_s, *row.cell->tok_s.value);
    if (as_printed && own > worst_gap) worst_gap = own, worst = row;
  }
  if (gap < 0) return "No visit was answered, so there is nothing to count again.";
  if (gap < kOne) return "The steady window was the whole run in every cell, so both rates are the same one.";
  const std::vector<std::string> whole = taken_whole(c, w);
  const std::string why = whole.empty() ? "" : fmt::format(": at concurrency {} a visit has fewer than two requests a slot, and the whole of it is taken", join_and(whole));
  if (gap < kSame) return fmt::format("The steady window and the whole run give the same rates within 0.5 %{}.", why);
  if (!worst) return fmt::format("The steady window and the whole run give the same rates in the digits printed{}.", why);
  const auto figure = [&](std::string_view column, const Measured& m) { return c.log.text(name_of(w, worst->concurrency, worst->who, column), Unit::tok_s, m); };
  const std::string all = figure("whole_run_tok_s", worst->cell->other_counts.whole_run_tok_s), steady = figure("output_tok_s", worst->cell->tok_s);
  return fmt::format("Over the whole run, with its start and its thinning end, {} at concurrency {} makes {} instead of {}: no other cell differs more.", worst->who, worst->concurrency, all, steady);
}

/// "q4_0 faster at concurrency 8": verdicts that characters do not give. Empty where the weights are random: those write no words.
std::vector<std::string> lost_by_characters(const Composer& c, const WorkloadComparison& w) {
  std::vector<std::string> lost;
  if (random_weights(c.data)) return lost;
  for (const PointComparison& p : w.points)
    for (const Candidate& candidate : p.candidates) {
      const Measured &base = p.baseline.other_counts.characters_s, &own = candidate.cell.other_counts.characters_s;
      const Verdict called = candidate.tok_s.verdict, by_characters = candidate.characters_s.verdict;
      if (!base || !own || !candidate.tok_s.value || *base.value <= 0 || !is_told_apart(called)) continue;
      const bool same_sign = (*own.value > *base.value) == (*candidate.tok_s.value.value > 0);
      if (by_characters == Verdict::unknown ? !same_sign : by_characters != called) lost.push_back(fmt::format("{} {} at concurrency {}", candidate.cell.variant, to_string(called), p.concurrency));
    }
  return lost;
}

/// How far characters a second would move a Delta, and whether they turn a verdict round.
std::string characters_sentence(Composer& c, const WorkloadComparison& w) {
  const Candidate* worst = nullptr;
  int at = 0;
  double shift = -1, of_characters = 0;
  bool judged_any = false;
  for (const PointComparison& p : w.points)
    for (const Candidate& candidate : p.candidates) {
      const Measured &base = p.baseline.other_counts.characters_s, &own = candidate.cell.other_counts.characters_s;
      if (!base || !own || !candidate.tok_s.value || *base.value <= 0) continue;
      const double delta = *own.value / *base.value - 1, tokens = *candidate.tok_s.value.value;
      if (std::abs(delta - tokens) > shift) shift = std::abs(delta - tokens), worst = &candidate, at = p.concurrency, of_characters = delta;
      const Verdict called = candidate.tok_s.verdict;
      judged_any |= is_told_apart(called);
    }
  if (!worst) return {};
  if (random_weights(c.data)) return " Characters are no check here: random weights write no words, and how many characters a token has is chance.";
  const std::string by_characters = c.log.text(name_of(w, at, worst->cell.variant, "delta_characters_pct"), Unit::delta_pct, of_characters);
  const std::string by_tokens = c.log.text(name_of(w, at, worst->cell.variant, "delta_pct"), Unit::delta_pct, worst->tok_s.value);
  const std::vector<std::string> lost = lost_by_characters(c, w);
  const std::string verdicts = !lost.empty() ? fmt::format("**by that count this report would not call {}**", fmt::join(lost, " or ")) : judged_any ? "every verdict stands" : "there is no verdict that it could change";
  return fmt::format(" Counted in characters, which no tokenizer shapes, the change that moves most is that of {} at concurrency {}, {} instead of {}; {}.", worst->cell.variant, at,
                     by_characters, by_tokens, verdicts);
}

std::string second_sentence(Composer& c, const WorkloadComparison& w) {
  std::optional<Row> worst;
  bool any = false;
  for (const Row& row : rows_of(c, w)) {
    const Measured& second = row.cell->other_counts.second_count;
    if (!second) continue;
    any = true;
    const auto off = [](const Row& r) { return std::abs(*r.cell->other_counts.second_count.value - 1); };
    if (off(row) > kCountsAgree && (!worst || off(row) > off(*worst))) worst = row;
  }
  if (!any) return " There is no second count; the notes say why.";
  if (!worst) return " One tokenizer for all models finds the servers' own token counts within 1 %.";
  const Measured& second = worst->cell->other_counts.second_count;
  const std::string share = c.log.text(name_of(w, worst->concurrency, worst->who, "second_count_pct"), Unit::share_pct, second);
  return fmt::format(" **One tokenizer for all models finds {} of the tokens that the server of {} counts at concurrency {}**: {}.", share, worst->who, worst->concurrency,
                     *second.value < 1 ? "tokens without text, such as an end that the fixed length goes past, are in the server's count alone, and a text may be cut in another way than it was made"
                                       : "the text falls into more pieces than it was made of, as one does that makes no words, or that another model's tokenizer cuts");
}

}  // namespace

std::string characters_in_short(const Composer& c) {
  std::vector<std::string> lost;
  for (const WorkloadComparison& w : c.findings.workloads)
    for (const std::string& each : lost_by_characters(c, w)) lost.push_back(fmt::format("{} in {}", each, w.workload.name));
  if (lost.empty()) return {};
  constexpr std::size_t kMost = 4;
  const std::string which = lost.size() > kMost ? fmt::format("{} of the verdicts in throughput would not be given; the sections of the workloads name them", lost.size()) : fmt::format("this report would not call {}", fmt::join(lost, " or "));
  return fmt::format("**Counted in characters** instead of tokens, {}.", which);
}

void add_other_counts(Composer& c, const WorkloadComparison& w, std::vector<Block>& blocks) {
  Notes notes;
  blocks.push_back(counts_table(c, notes, w));
  notes.foot(blocks);
  blocks.push_back(finding(window_sentence(c, w) + characters_sentence(c, w) + second_sentence(c, w)));
}

}  // namespace qc
