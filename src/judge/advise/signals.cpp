#include "judge/advise/signals.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/text.h"

namespace qc {
namespace {

std::string percent(double fraction) { return fmt::format("{:+.1f} %", fraction * 100); }

std::string at_points(const std::vector<std::string>& parts) { return parts.empty() ? "no point" : join_and(parts); }

const Candidate* find(const PointComparison& point, const std::string& name) {
  const auto at = std::ranges::find(point.candidates, name, [](const Candidate& c) { return c.cell.variant; });
  return at == point.candidates.end() ? nullptr : &*at;
}

bool meets(const CellFigures& cell, const std::optional<double>& budget) { return !budget || cell.meets_p95(*budget); }

/// Over the budget beyond doubt: its interval lies above, or it is called slower than a baseline that meets it.
bool loses(const Candidate& c, const std::optional<double>& budget) {
  if (!budget || !c.cell.p95_ms || *c.cell.p95_ms.value <= *budget) return false;
  return c.p95.verdict == Verdict::slower || (c.cell.p95_ms.lo && *c.cell.p95_ms.lo > *budget);
}

constexpr int kFewestItems = 10;   // of fewer answers, some of them lost, nothing can be told
constexpr double kSharp = 0.10;   // a run that could not have seen 10 % says little by seeing nothing

/// Where one latency is later: "TTFT p95 +37.5 % at concurrency 16", and whether any of it is more than the baseline moves against itself.
struct Later {
  Delta Candidate::*figure;
  const char* name;
  std::vector<std::string> where{};
  double largest = 0;
};

struct Points {
  std::vector<std::string> faster, slower, same, met, base_met, lost;
  Later p95{&Candidate::p95, ""}, first_p95{&Candidate::ttft_p95, "TTFT p95 "}, first_mean{&Candidate::ttft_mean, "mean TTFT "};
  double could_see = 0;
  std::string no_interval;   ///< why there is none, of the last point without
  std::vector<std::pair<std::string, std::string>> unlike;   ///< where, and how
  int asked = 0, base_asked = 0, visits_with_failures = 0, failures_made_good = 0;
};

void read_same(const Delta& d, const std::string& where, Signals& s, Points& points) {
  ++s[Signal::same], points.same.push_back(where);
  const double could_see = d.smallest_seen.value_or(1);
  s[Signal::blunt] += could_see > kSharp;
  points.could_see = std::max(points.could_see, could_see);
}

void read_point(const PointComparison& point, const Candidate& c, double noise_floor, Signals& s, Points& points) {
  ++s[Signal::points];
  const std::string where = fmt::format("concurrency {}", point.concurrency);
  const auto with_delta = [&](const Delta& d) { return fmt::format("{} at {}", percent(*d.value.value), where); };
  switch (c.tok_s.verdict) {
    case Verdict::faster:
      ++s[Signal::faster], points.faster.push_back(with_delta(c.tok_s));
      s[Signal::clear_of_noise] += *c.tok_s.value.value >= noise_floor;
      break;
    case Verdict::slower:
      ++s[Signal::slower], points.slower.push_back(with_delta(c.tok_s));
      s[Signal::loss_clear_of_noise] += -*c.tok_s.value.value >= noise_floor;
      break;
    case Verdict::not_distinguishable: read_same(c.tok_s, where, s, points); break;
    case Verdict::withheld: ++s[Signal::withheld]; break;
    case Verdict::unknown:
      ++s[Signal::unknown];
      if (c.tok_s.no_verdict.empty()) points.no_interval = c.tok_s.why_unknown();
      else ++s[Signal::unlike], points.unlike.emplace_back(where, c.tok_s.no_verdict);
      break;
  }
  const auto is_later = [&](Later& later) {
    const Delta& d = c.*later.figure;
    if (d.verdict != Verdict::slower) return false;
    later.where.push_back(with_delta(d)), later.largest = std::max(later.largest, *d.value.value);
    return true;
  };
  s[Signal::p95_slower] += is_later(points.p95);
  s[Signal::first_token_later] += is_later(points.first_p95) || is_later(points.first_mean);
  // A server that ended took its visit with it: that is told as what it is, and its repeated visits stand.
  s[Signal::failed] += c.cell.failed_by_itself(), s[Signal::baseline_failed] += point.baseline.failed_by_itself();
  points.asked += c.cell.asked(), points.base_asked += point.baseline.asked();
  points.visits_with_failures += c.cell.visits_with_failures, points.failures_made_good += c.cell.failures_made_good;
  s[Signal::died] += c.cell.failed_with_server;
}

void read_quality(const Findings& findings, const std::string& candidate, Signals& s) {
  s[Signal::top1_agreement] = 1, s[Signal::quality_unchecked] = 1;
  s.words["quality"] = "quality was not checked";
  const auto b = std::ranges::find(findings.bounds, candidate, &QualityBound::variant);
  if (b == findings.bounds.end()) return;
  s[Signal::unanswered_alone] = b->unanswered_alone - 2 * b->unanswered_by_baseline;   // as of failed requests: what both do is no reason against one
  s.words["unanswered"] = fmt::format("{} of the {} quality prompts", b->unanswered_alone, b->asked);
  s[Signal::quality_inferior] = b->verdict == QualityVerdict::inferior;
  s[Signal::net_lost] = b->lost - b->gained;
  if (b->divergence) s[Signal::top1_agreement] = b->divergence->top1_agreement;
  const bool none_to_lose = b->baseline_fails_all();
  const bool too_few = b->items > 0 && b->items < kFewestItems && b->lost > b->gained && b->verdict == QualityVerdict::inconclusive && !b->divergence;
  s[Signal::quality_unchecked] = b->unpaired > 0 || ((b->items == 0 || none_to_lose || too_few) && !b->divergence);
  std::vector<std::string> words;
  if (none_to_lose) words.push_back(fmt::format("the baseline itself had none of {} graded answers right, so none could be lost", b->items));
  else if (b->items > 0) words.push_back(fmt::format("of {} graded answers {} {} lost and {} gained", b->items, b->lost, b->lost == 1 ? "was" : "were", b->gained));
  if (b->divergence) words.push_back(fmt::format("{} most likely token agrees with the baseline's in {:.1f} % of positions", none_to_lose ? candidate + "'s" : "its", b->divergence->top1_agreement * 100));
  if (b->unpaired > 0) words.push_back(fmt::format("{} of {} quality prompts got no answer of one or both models", b->unpaired, b->asked));
  if (!words.empty()) s.words["quality"] = fmt::format("{}{}", fmt::join(words, ", and "), too_few ? ", too few to tell" : "");
}

/// A candidate whose weights take no more, and whose most likely token was found to agree with the baseline's as it should.
/// Nothing measured in this workload speaks against it.
bool holds_up(const WorkloadComparison& workload, const std::string& variant) {
  return std::ranges::all_of(workload.points, [&](const PointComparison& p) {
    return std::ranges::all_of(p.candidates, [&](const Candidate& c) {
      return c.cell.variant != variant || (c.tok_s.verdict != Verdict::slower && c.ttft_mean.verdict != Verdict::slower && c.cell.failed_by_itself() == 0 && c.cell.tok_s);
    });
  });
}

void read_outdone(const Findings& findings, const WorkloadComparison& workload, const std::string& candidate, Signals& s) {
  const auto own = std::ranges::find(findings.memory, candidate, &MemoryRow::variant);
  if (own == findings.memory.end() || !own->weights_saving) return;
  for (const QualityBound& b : findings.bounds) {
    const auto other = std::ranges::find(findings.memory, b.variant, &MemoryRow::variant);
    const bool as_it_was = b.divergence && b.divergence->top1_agreement >= kVisiblyChangedBelow && b.verdict != QualityVerdict::inferior && holds_up(workload, b.variant);
    if (b.variant == candidate || !as_it_was || other == findings.memory.end() || !other->weights_saving || *other->weights_saving.value < *own->weights_saving.value) continue;
    s[Signal::outdone] = 1, s.words["outdone_by"] = b.variant;
  }
}

void read_memory(const Findings& findings, const std::string& candidate, Signals& s) {
  s.words["memory"] = "its memory saving is not known", s.words["memory_case"] = "Its memory saving is not known";
  s[Signal::memory_unknown] = 1;
  const auto m = std::ranges::find(findings.memory, candidate, &MemoryRow::variant);
  if (m == findings.memory.end() || !m->weights_saving) return;
  s[Signal::weights_saving] = *m->weights_saving.value, s[Signal::memory_unknown] = 0;
  const double pct = *m->weights_saving.value * 100;
  const double peak = m->peak_saving.value.value_or(0) * 100;
  s.words["memory"] = pct > 0 && peak > 0 ? fmt::format("its weights take {:.1f} % less memory, its whole server {:.1f} % less", pct, peak)
                      : pct >= 0 ? fmt::format("its weights take {:.1f} % less memory", pct) : fmt::format("its weights take {:.1f} % more memory", -pct);
  s.words["memory_case"] = pct > 0 ? "Only memory speaks for it: " + s.words["memory"] : "Nor does memory speak for it: " + s.words["memory"];
}

/// " at concurrency 16": where the baseline was visited twice.
std::string controls_at(const WorkloadComparison& workload) {
  std::vector<std::string> where;
  for (const PointComparison& p : workload.points)
    if (p.aa) where.push_back(fmt::format("{}", p.concurrency));
  return where.empty() ? "" : fmt::format(" at concurrency {}", join_and(where));
}

/// "TTFT p95 +37.5 % at concurrency 16": with the baseline's own width where none of it is larger. Empty where it is nowhere later.
std::string words_of(const Later& later, const WorkloadComparison& workload) {
  if (later.where.empty()) return {};
  const double floor = noise_floor_of(workload, later.figure).value_or(0);
  return later.name + at_points(later.where) + (later.largest < floor ? fmt::format(", no more than the plus or minus {:.1f} % of the baseline against itself{}", floor * 100, controls_at(workload)) : "");
}

}  // namespace

Signals read_signals(const Findings& findings, const WorkloadComparison& workload, const std::string& candidate) {
  Signals s;
  Points points;
  for (const auto& point : workload.points) {
    const Candidate* c = find(point, candidate);
    if (!c) continue;
    read_point(point, *c, workload.noise_floor.value_or(0), s, points);
    const std::string where = fmt::format("concurrency {}", point.concurrency);
    if (meets(c->cell, workload.workload.p95_budget_ms)) ++s[Signal::budget_points], points.met.push_back(where);
    if (meets(point.baseline, workload.workload.p95_budget_ms)) ++s[Signal::baseline_budget_points], points.base_met.push_back(where);
    if (meets(point.baseline, workload.workload.p95_budget_ms) && loses(*c, workload.workload.p95_budget_ms)) ++s[Signal::budget_lost_points], points.lost.push_back(where);
  }
  s[Signal::baseline_missing] = std::ranges::none_of(workload.points, [](const PointComparison& p) { return p.baseline.tok_s.value.has_value(); });
  read_quality(findings, candidate, s);
  read_memory(findings, candidate, s);
  read_outdone(findings, workload, candidate, s);
  const auto clear = [&](const Later& later) { return !later.where.empty() && later.largest >= noise_floor_of(workload, later.figure).value_or(0); };
  s[Signal::later_clear_of_noise] = clear(points.p95) || clear(points.first_p95) || clear(points.first_mean);
  s.words["changed"] = s[Signal::top1_agreement] < kVisiblyChangedBelow ? ", so the model is visibly changed" : "";
  s.words["variant"] = candidate;
  s.words["workload"] = workload.workload.name;
  s.words["faster_at"] = at_points(points.faster), s.words["slower_at"] = at_points(points.slower), s.words["same_at"] = at_points(points.same);
  s.words["gains"] = s.words["faster_at"] + " in throughput" + (points.same.empty() ? "" : " and is not distinguishable at " + s.words["same_at"]);
  s.words["and_slower"] = points.slower.empty() ? "" : "; in throughput it loses too, " + s.words["slower_at"];
  s.words["same_too"] = points.same.empty() ? "" : " and not distinguishable at " + s.words["same_at"];
  s.words["check_first"] = s[Signal::net_lost] >= kAnswersLost || s[Signal::top1_agreement] < kVisiblyChangedBelow || s[Signal::quality_unchecked] > 0 ? ", and check it on your own tasks first" : "";
  std::vector<std::string> first;
  for (const Later* later : {&points.first_p95, &points.first_mean})
    if (!later->where.empty()) first.push_back(words_of(*later, workload));
  s.words["first_later_at"] = fmt::format("{}", fmt::join(first, "; "));
  s.words["first_token"] = first.empty() ? "" : ", and its first token comes later (" + s.words["first_later_at"] + ")";
  s.words["p95_slower_at"] = words_of(points.p95, workload);
  s.words["slower_too"] = (points.p95.where.empty() ? "" : ", and its p95 latency changes by " + s.words["p95_slower_at"]) + s.words["first_token"];
  s[Signal::has_budget] = workload.workload.p95_budget_ms.has_value();
  if (workload.workload.p95_budget_ms) s.words["budget"] = fmt::format("the p95 budget of {:g} ms", *workload.workload.p95_budget_ms);
  s.words["elsewhere"] = workload.points.front().concurrency > 1 ? "at a lower load, or on faster hardware" : "with shorter answers, or on faster hardware";
  s.words["met_at"] = at_points(points.met), s.words["base_met_at"] = at_points(points.base_met);
  s.words["meets"] = !workload.workload.p95_budget_ms ? "no p95 budget was set" : points.met.size() == workload.points.size() ? s.words["budget"] + " is met at every load" : s.words["budget"] + " is met at " + s.words["met_at"];
  s.words["if_budget"] = workload.workload.p95_budget_ms ? s.words["meets"] + "; " : "";
  s.words["no_interval"] = points.no_interval.empty() ? "nothing valid was measured" : points.no_interval;
  s.words["floor"] = fmt::format("{}{}", workload.noise_floor.value_or(0) > 1 ? "more than 100 %" : fmt::format("{:.1f} %", workload.noise_floor.value_or(0) * 100), controls_at(workload));
  s.words["could_see"] = points.could_see > 1 ? "more than 100 %" : fmt::format("{:.1f} % or more", points.could_see * 100);
  s[Signal::failed_above] = s[Signal::failed] - 2 * s[Signal::baseline_failed];
  s.words["budget_lost_at"] = at_points(points.lost);
  s[Signal::failed_once] = points.visits_with_failures == 1 && points.failures_made_good == 1;
  s.words["failed"] = fmt::format("{:.0f} of {} requests", s[Signal::failed], points.asked);
  s.words["baseline_failed"] = s[Signal::baseline_failed] == 0 ? "none" : fmt::format("{:.0f} of {}", s[Signal::baseline_failed], points.base_asked);
  s.words["once"] = s[Signal::failed_once] > 0 ? ", in one visit and not when that was made again" : "";
  s.words["failed_once"] = s[Signal::failed_once] > 0 ? fmt::format("; {} failed{}", s.words["failed"], s.words["once"]) : "";
  const bool alike = std::ranges::all_of(points.unlike, [&](const auto& each) { return each.second == points.unlike.front().second; });
  std::vector<std::string> where, why;
  for (const auto& [at, reason] : points.unlike) where.push_back(at), why.push_back(fmt::format("at {} {}", at, reason));
  s.words["unlike_at"] = at_points(where), s.words["unlike"] = points.unlike.empty() ? "" : alike ? points.unlike.front().second : fmt::format("{}", fmt::join(why, "; "));
  s.words["drift"] = workload.drift_text;
  return s;
}

}  // namespace qc
