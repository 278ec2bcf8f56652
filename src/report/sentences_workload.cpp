#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/text.h"
#include "report/compose_imported.h"
#include "report/sentences.h"

namespace qc {

const Metric kThroughput = {"output_tok_s", "delta_pct", "smallest_seen_pct", Unit::tok_s, "tok/s", "throughput", "faster", "slower",
                            &CellFigures::tok_s, &Candidate::tok_s};
const Metric kP50 = {"p50_ms", "delta_p50_pct", "smallest_seen_p50_pct", Unit::ms, "p50 (ms)", "median latency", "lower", "higher",
                     &CellFigures::p50_ms, &Candidate::p50};
const Metric kP95 = {"p95_ms", "delta_p95_pct", "smallest_seen_p95_pct", Unit::ms, "p95 (ms)", "p95 latency", "lower", "higher",
                     &CellFigures::p95_ms, &Candidate::p95};
const Metric kTtftMean = {"ttft_mean_ms", "delta_ttft_mean_pct", "smallest_seen_ttft_mean_pct", Unit::ms, "TTFT mean (ms)", "mean time to first token",
                          "lower", "higher", &CellFigures::ttft_mean_ms, &Candidate::ttft_mean};
const Metric kTtftP95 = {"ttft_p95_ms", "delta_ttft_p95_pct", "smallest_seen_ttft_p95_pct", Unit::ms, "TTFT p95 (ms)", "p95 time to first token",
                         "lower", "higher", &CellFigures::ttft_p95_ms, &Candidate::ttft_p95};

namespace {

struct Move { int concurrency; const Delta* delta; };

/// The points of one candidate, sorted by what can be said of them.
struct Moves {
  std::vector<Move> better, worse, same, withheld, unknown;
  std::size_t total = 0;
};

std::vector<Move>& group_of(Moves& moves, Verdict verdict) {
  switch (verdict) {
    case Verdict::faster: return moves.better;
    case Verdict::slower: return moves.worse;
    case Verdict::not_distinguishable: return moves.same;
    case Verdict::withheld: return moves.withheld;
    case Verdict::unknown: break;
  }
  return moves.unknown;
}

Moves moves_of(const WorkloadComparison& workload, std::size_t candidate, const Metric& metric) {
  Moves moves;
  for (const PointComparison& point : workload.points) {
    if (candidate >= point.candidates.size()) continue;
    const Delta& delta = point.candidates[candidate].*metric.delta;
    group_of(moves, delta.verdict).push_back({point.concurrency, &delta});
    ++moves.total;
  }
  return moves;
}

std::string variant_of(const WorkloadComparison& workload, std::size_t candidate) {
  return workload.points.front().candidates[candidate].cell.variant;
}

/// Everything that a clause about one candidate's metric needs.
struct Telling {
  Composer& c;
  const WorkloadComparison& workload;
  const Metric& metric;
  std::string variant;

  [[nodiscard]] FigureName name(const Move& m, std::string_view column) const { return name_of(workload, m.concurrency, variant, column); }
  [[nodiscard]] std::string size(const Move& m) const { return c.log.magnitude(name(m, metric.delta_column), Unit::delta_pct, m.delta->value); }
  [[nodiscard]] std::string change(const Move& m) const { return c.log.number(name(m, metric.delta_column), Unit::delta_pct, m.delta->value); }
  [[nodiscard]] std::string smallest(const Move& m) const {
    return c.log.text(name(m, metric.smallest_column), Unit::share_pct, measured(m.delta->smallest_seen, "not known"));
  }
};

std::vector<int> points_of(const std::vector<Move>& moves) {
  std::vector<int> values;
  values.reserve(moves.size());
  for (const Move& m : moves) values.push_back(m.concurrency);
  return values;
}

// "by 8.0 % (concurrency 16) to 54.0 % (concurrency 1)"
std::string range_of(const Telling& t, const std::vector<Move>& moves) {
  const auto by_size = [](const Move& a, const Move& b) { return std::abs(*a.delta->value.value) < std::abs(*b.delta->value.value); };
  const auto [low, high] = std::ranges::minmax_element(moves, by_size);
  if (t.size(*low) == t.size(*high)) return fmt::format("by {} each time", t.size(*low));
  return fmt::format("by {} (concurrency {}) to {} (concurrency {})", t.size(*low), low->concurrency, t.size(*high), high->concurrency);
}

// "concurrency 1 (+16.5 %) and 8 (+3.1 %)"
std::string listed(const Telling& t, const std::vector<Move>& moves) {
  std::vector<std::string> words;
  words.reserve(moves.size());
  for (const Move& m : moves) words.push_back(fmt::format("{} ({})", m.concurrency, t.change(m)));
  return "concurrency " + join_and(words);
}

std::string subject(const Telling& t) {
  return t.metric.column == kThroughput.column ? t.variant : fmt::format("The {} of {}", t.metric.noun, t.variant);
}

std::string than(const Telling& t) {
  return t.metric.column == kThroughput.column ? " than " + t.c.base() : fmt::format(" than {}'s", t.c.base());
}

// Every point went the same way.
std::string one_way(const Telling& t, const std::vector<Move>& moves, std::string_view word) {
  if (moves.size() == 1)
    return fmt::format("**{} is {}{}** at concurrency {}, by {}.", subject(t), word, than(t), moves.front().concurrency, t.size(moves.front()));
  return fmt::format("**{} is {}{} at every concurrency**, {}.", subject(t), word, than(t), range_of(t, moves));
}

// The largest of the smallest differences: what every one of these points could have seen.
std::string could_have_seen(const Telling& t, const std::vector<Move>& moves) {
  const auto by_size = [](const Move& a, const Move& b) { return a.delta->smallest_seen.value_or(0) < b.delta->smallest_seen.value_or(0); };
  const Move& largest = *std::ranges::max_element(moves, by_size);
  if (!largest.delta->smallest_seen) return {};
  if (*largest.delta->smallest_seen > 1) return moves.size() == 1 ? "this run could not have seen even a doubling" : "at the least steady of them this run could not have seen even a doubling";
  return moves.size() == 1 ? fmt::format("this run could have seen one of {}", t.smallest(largest))
                           : fmt::format("this run could have seen one of {} at each of them", t.smallest(largest));
}

std::string all_same(const Telling& t, const std::vector<Move>& moves) {
  const std::string where = moves.size() == 1 ? fmt::format("at concurrency {}", moves.front().concurrency) : "at any concurrency";
  const std::string seen = could_have_seen(t, moves);
  return fmt::format("**No difference in {} between {} and {} can be distinguished** {}{}{}.", t.metric.noun, t.variant, t.c.base(), where,
                     seen.empty() ? "" : "; ", seen);
}

std::string reason_of(const Delta& delta) {
  const std::string why = delta.why_unknown();
  return why.empty() ? "the sample allows no interval" : why;
}

std::string all_unknown(const Telling& t, const std::vector<Move>& moves) {
  return fmt::format("The {} of {} can't be judged against {}'s: {}.", t.metric.noun, t.variant, t.c.base(),
                     one_line(reason_of(*moves.front().delta), 200));
}

/// "the baseline against itself at concurrency 16 differs by +17.6 %"
std::string drift_words(const Telling& t) {
  for (const PointComparison& p : t.workload.points) {
    if (!p.aa) continue;
    const Delta& aa = (*p.aa).*t.metric.delta;
    if (!is_told_apart(aa.verdict)) continue;
    const FigureName name = name_of(t.workload, p.concurrency, aa_name(t.c.base()), t.metric.delta_column);
    return fmt::format("the baseline against itself at concurrency {} differs by {}", p.concurrency, t.c.log.text(name, Unit::delta_pct, aa.value));
  }
  return "the baseline's A/A differs from itself";
}

std::string all_withheld(const Telling& t) {
  return fmt::format("The verdict on the {} of {} is withheld: in it {}, so this machine drifted.", t.metric.noun, t.variant, drift_words(t));
}

std::string several_ways(const Telling& t, const Moves& m) {
  std::vector<std::string> parts;
  if (!m.better.empty()) parts.push_back(fmt::format("{} at {}", t.metric.better, listed(t, m.better)));
  if (!m.worse.empty()) parts.push_back(fmt::format("{} at {}", t.metric.worse, listed(t, m.worse)));
  const bool moved = !parts.empty();
  const std::string from = moved ? "it" : than(t).substr(std::string(" than ").size());
  if (!m.same.empty()) parts.push_back(fmt::format("not distinguishable from {} at {}", from, concurrencies(points_of(m.same))));
  if (moved) parts.front().insert(parts.front().find(' '), than(t));
  std::string text = parts.empty() ? "" : fmt::format("{} is {}", subject(t), join_and(parts));
  if (!m.withheld.empty()) text += fmt::format("{}at {} the verdict is withheld", text.empty() ? "" : "; ", concurrencies(points_of(m.withheld)));
  for (std::size_t i = 0; i < m.unknown.size();) {   // neighbours of one reason are said together
    const std::string reason = reason_of(*m.unknown[i].delta);
    std::size_t end = i;
    while (end < m.unknown.size() && reason_of(*m.unknown[end].delta) == reason) ++end;
    const std::vector alike(m.unknown.begin() + static_cast<std::ptrdiff_t>(i), m.unknown.begin() + static_cast<std::ptrdiff_t>(end));
    text += fmt::format("{}at {} there is no verdict ({})", text.empty() ? "" : "; ", concurrencies(points_of(alike)), one_line(reason, 160));
    i = end;
  }
  return sentence(text.starts_with("at ") ? capitalized(text) : text);
}

}  // namespace

FigureName name_of(const WorkloadComparison& workload, int concurrency, const std::string& who, std::string_view column) {
  return {workload.workload.name, row_of(concurrency), fmt::format("{}.{}", who, column)};
}

std::string aa_name(const std::string& baseline) { return baseline + ".aa"; }

Outcome outcome_of(const WorkloadComparison& workload, std::size_t candidate, const Metric& metric) {
  const Moves m = moves_of(workload, candidate, metric);
  if (workload.drifted || !m.withheld.empty()) return Outcome::withheld;
  if (!m.better.empty() && !m.worse.empty()) return Outcome::mixed;
  const std::size_t judged = m.better.size() + m.worse.size() + m.same.size();
  if (judged == 0) return Outcome::no_data;
  if (!m.better.empty()) return m.same.empty() ? Outcome::win : Outcome::partly_win;
  if (!m.worse.empty()) return m.same.empty() ? Outcome::loss : Outcome::partly_loss;
  return Outcome::same;
}

std::string movement_sentence(Composer& c, const WorkloadComparison& workload, std::size_t candidate, const Metric& metric) {
  const Moves m = moves_of(workload, candidate, metric);
  const Telling t{c, workload, metric, variant_of(workload, candidate)};
  if (m.better.size() == m.total) return one_way(t, m.better, metric.better);
  if (m.worse.size() == m.total) return one_way(t, m.worse, metric.worse);
  if (m.same.size() == m.total) return all_same(t, m.same);
  const auto alike = [&](const Move& one) { return reason_of(*one.delta) == reason_of(*m.unknown.front().delta); };
  if (m.unknown.size() == m.total && std::ranges::all_of(m.unknown, alike)) return all_unknown(t, m.unknown);
  if (m.withheld.size() == m.total) return all_withheld(t);
  return several_ways(t, m);
}

namespace {

struct Met { std::vector<int> met, missed, failing, unknown; };   ///< failing: too many requests failed, though the p95 of the others is within it

Met budget_of(const WorkloadComparison& workload, const auto& cell_of) {
  Met result;
  for (const PointComparison& point : workload.points) {
    const CellFigures* cell = cell_of(point);
    if (!cell || !cell->p95_ms) result.unknown.push_back(point.concurrency);
    else (cell->meets_p95(*workload.workload.p95_budget_ms) ? result.met : *cell->p95_ms.value > *workload.workload.p95_budget_ms ? result.missed : result.failing).push_back(point.concurrency);
  }
  return result;
}

std::string met_words(const Met& m) {
  if (!m.failing.empty()) {
    const std::string failing = fmt::format("is not met at {}, where more than 5 % of the requests failed", concurrencies(m.failing));
    return m.met.empty() && m.missed.empty() ? failing : fmt::format("{} and {}", met_words({m.met, m.missed, {}, m.unknown}), failing);
  }
  if (m.met.empty() && m.missed.empty()) return "can't be judged";
  if (m.missed.empty()) return "holds at " + (m.met.size() == 1 ? concurrencies(m.met) : std::string("every concurrency"));
  if (m.met.empty()) return "is missed at " + (m.missed.size() == 1 ? concurrencies(m.missed) : std::string("every concurrency"));
  return fmt::format("holds at {} and is missed at {}", concurrencies(m.met), concurrencies(m.missed).substr(std::string("concurrency ").size()));
}

}  // namespace

std::string budget_sentence(Composer& c, const WorkloadComparison& workload, std::size_t candidate) {
  if (!workload.workload.p95_budget_ms) return {};
  const std::string budget = setting(*workload.workload.p95_budget_ms);
  const std::string base = met_words(budget_of(workload, [](const PointComparison& p) { return &p.baseline; }));
  const std::string mine = met_words(budget_of(workload, [&](const PointComparison& p) {
    return candidate < p.candidates.size() ? &p.candidates[candidate].cell : nullptr;
  }));
  const std::string variant = variant_of(workload, candidate);
  if (base == mine) return fmt::format("The p95 budget of {} ms {} with either model.", budget, mine);
  return fmt::format("With {} the p95 budget of {} ms {}; with {} it {}.", variant, budget, mine, c.base(), base);
}

std::string workload_finding(Composer& c, const WorkloadComparison& workload, std::size_t candidate) {
  const std::string variant = variant_of(workload, candidate);
  const Outcome outcome = outcome_of(workload, candidate, kThroughput);
  if (outcome == Outcome::withheld) {
    const std::string why = workload.drift_text.empty() ? "the baseline differed from itself" : workload.drift_text;
    return fmt::format("**The verdicts of this workload are withheld.** {} What {} did can't be told from that drift: repeat the study on a quiet machine.",
                       c.opening(sentence(one_line(why, 400))), variant);
  }
  const auto blocks = [&](const PointComparison& p) { return candidate < p.candidates.size() ? p.candidates[candidate].cell.blocks : 0; };
  if (std::ranges::all_of(workload.points, [&](const PointComparison& p) { return blocks(p) == 0; }))
    return fmt::format("**There are no figures for {} here**: {} Nothing can be concluded about it from this workload.", variant,
                       sentence(one_line(c.missing_because(variant, workload.workload.name), 300)));
  const std::string budget = budget_sentence(c, workload, candidate);
  return fmt::format("{} {} {}", movement_sentence(c, workload, candidate, kThroughput), movement_sentence(c, workload, candidate, kP95),
                     budget.empty() ? noise_sentence(c, workload) : budget);
}

std::string ttft_finding(Composer& c, const WorkloadComparison& workload, std::size_t candidate) {
  if (workload.drifted)
    return "The verdicts on the time to first token are withheld as well, for the same drift. The figures stand for the record.";
  const std::string text = movement_sentence(c, workload, candidate, kTtftMean) + " " + movement_sentence(c, workload, candidate, kTtftP95);
  // The same table has the median request: its story is that of the throughput, but where they part.
  const bool told = std::ranges::any_of(workload.points, [&](const PointComparison& p) { return candidate < p.candidates.size() && is_told_apart(p.candidates[candidate].p50.verdict); });
  if (told && outcome_of(workload, candidate, kP50) != outcome_of(workload, candidate, kThroughput)) return text + " " + movement_sentence(c, workload, candidate, kP50);
  return candidate > 0 ? text : text + (is_imported(c) ? " It counts as the tool that measured it counts." : " It counts from the last byte sent to the first text received, so waiting for a free slot, or for the prompts of others, is part of it.");
}

std::string cells_finding(Composer& c, const WorkloadComparison& workload) {
  long long ok = 0, failed = 0, invalid = 0;
  const auto add = [&](const CellFigures& cell) { ok += cell.requests_ok; failed += cell.requests_failed + cell.failed_left_out; invalid += cell.blocks_invalid; };
  for (const PointComparison& p : workload.points) {
    add(p.baseline);
    for (const Candidate& candidate : p.candidates) add(candidate.cell);
    if (p.aa) add(p.aa->cell);
  }
  const std::string section = workload.workload.name;
  c.log.keep({section, "all", "requests_ok"}, Unit::count, measured(static_cast<double>(ok)));
  c.log.keep({section, "all", "requests_failed"}, Unit::count, measured(static_cast<double>(failed)));
  c.log.keep({section, "all", "visits_invalid"}, Unit::count, measured(static_cast<double>(invalid)));
  const bool told = std::ranges::all_of(workload.points, [](const PointComparison& p) { return p.baseline.requests_told && std::ranges::all_of(p.candidates, [](const Candidate& x) { return x.cell.requests_told; }); });
  if (!told) return "How many requests are behind each of these figures, and how many failed, the imported files do not say.";
  if (ok + failed + invalid == 0) return "No visit was made here. So no request stands behind a figure.";
  std::string text = failed == 0 ? fmt::format("These figures rest on {}; none failed.", counted(ok, "answered request"))
                                 : fmt::format("These figures rest on {}; **{} failed** and {} in no latency figure.", counted(ok, "answered request"), counted(failed, "request"), failed == 1 ? "is" : "are");
  text += invalid == 0 ? " Every visit was valid." : fmt::format(" {} left out as invalid (section Methodology says why).",
                                                                invalid == 1 ? "1 visit was" : fmt::format("{} visits were", invalid));
  return text + (workload.workload.p95_budget_ms ? " " + noise_sentence(c, workload) : "");
}

}  // namespace qc
