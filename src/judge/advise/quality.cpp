#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "core/text.h"
#include "judge/advise/parts.h"
#include "stats/stats.h"

namespace qc {
namespace {

// An answer passes when its rule finds at least half of what it looks for (yes-or-no rules score 0 or 1).
constexpr double kPass = 0.5;

using Key = std::pair<std::string, std::string>;  // suite, item

std::map<Key, const Answer*> answers_of(const StudyData& data, const std::string& variant, int run) {
  std::map<Key, const Answer*> out;
  for (const auto& a : data.answers)
    if (a.variant == variant && a.run == run) out[{a.suite, a.item}] = &a;
  return out;
}

bool passes(const Answer& a) { return a.score && *a.score >= kPass; }

std::optional<double> mean_score(const std::map<Key, const Answer*>& answers, const std::string& suite) {
  std::vector<double> scores;
  for (const auto& [key, a] : answers)
    if (key.first == suite && a->score) scores.push_back(*a->score);
  return mean(scores);
}

void fill_similarity(const std::map<Key, const Answer*>& answers, const std::string& suite, std::optional<double>& chrf, std::optional<double>& exact) {
  std::vector<double> similar, same;
  for (const auto& [key, a] : answers) {
    if (key.first != suite) continue;
    if (a->similarity) similar.push_back(*a->similarity);
    if (a->exact) same.push_back(*a->exact ? 1 : 0);
  }
  chrf = mean(similar), exact = mean(same);
}

/// `mona-lisa (does not name "Leonardo")`: the item, and what its rule missed.
std::string with_reason(const Answer& a) {
  std::string why = a.score_because;
  if (why.empty()) return a.item;
  if (why.ends_with('.')) why.pop_back();
  why.replace(0, 1, lower(why.substr(0, 1)));
  return fmt::format("{} ({})", a.item, why);
}

std::string describe(const std::map<Key, const Answer*>& base, const std::map<Key, const Answer*>& own, const std::string& suite) {
  std::vector<std::string> lost, gained, failed;
  for (const auto& [key, a] : own) {
    if (key.first != suite) continue;
    if (!a->failure.empty()) {
      failed.push_back(key.second + " (" + a->failure + ")");
      continue;
    }
    const auto before = base.find(key);
    if (before == base.end() || !before->second->score || !a->score) continue;
    if (passes(*before->second) && !passes(*a)) lost.push_back(with_reason(*a));
    if (!passes(*before->second) && passes(*a)) gained.push_back(key.second);
  }
  std::vector<std::string> parts;
  if (!failed.empty()) parts.push_back("no answer: " + join_and(failed));
  if (!lost.empty()) parts.push_back("lost: " + join_and(lost));
  if (!gained.empty()) parts.push_back("gained: " + join_and(gained));
  std::string text;
  for (const auto& p : parts) text += (text.empty() ? "" : "; ") + p;
  return text.empty() ? "none seen" : text;
}

void count_flips(const std::map<Key, const Answer*>& base, const std::map<Key, const Answer*>& own, QualityBound& b) {
  std::vector<double> before, after;
  for (const auto& [key, a] : own) {
    const auto other = base.find(key);
    if (other == base.end() || !other->second->score || !a->score) continue;
    ++b.items;
    b.lost += passes(*other->second) && !passes(*a);
    b.gained += !passes(*other->second) && passes(*a);
    before.push_back(passes(*other->second) ? 1 : 0), after.push_back(passes(*a) ? 1 : 0);
  }
  b.baseline_score = mean(before), b.score = mean(after);
}

void count_unanswered(const std::map<Key, const Answer*>& base, const std::map<Key, const Answer*>& own, QualityBound& b) {
  b.asked = static_cast<int>(own.size());
  for (const auto& [key, a] : own) {
    const auto other = base.find(key);
    const bool missing = !a->failure.empty(), of_base = other != base.end() && !other->second->failure.empty();
    b.unanswered_alone += missing && other != base.end() && !of_base, b.unanswered_by_baseline += of_base && !missing, b.unpaired += missing || of_base;
  }
}

void decide(QualityBound& b, double margin_pp) {
  const auto interval = tango_interval(b.items, b.lost, b.gained);
  if (!interval) {
    b.difference_pp.na = "no graded answers of both variants";
    return;
  }
  b.difference_pp.value = 100.0 * (b.gained - b.lost) / b.items;
  b.difference_pp.lo = interval->lo * 100, b.difference_pp.hi = interval->hi * 100;
  b.mcnemar_p = mcnemar_exact(b.lost, b.gained);
  if (*b.difference_pp.lo > -margin_pp && b.baseline_score > 0) b.verdict = QualityVerdict::not_inferior;
  else if (*b.difference_pp.hi < -margin_pp) b.verdict = QualityVerdict::inferior;
  else b.verdict = QualityVerdict::inconclusive;
  if (b.unpaired > 0 && b.verdict != QualityVerdict::inferior) {   // what was not answered can't be bounded
    b.verdict = QualityVerdict::unknown, b.difference_pp = {};
    b.difference_pp.na = fmt::format("{} of {} prompts got no answer of one or both models", b.unpaired, b.asked);
    return;
  }
  // With no flip seen the rate is still not 0: one flip in n is what such a sample can hide.
  const double flips = std::max(b.lost + b.gained, 1) / static_cast<double>(b.items);
  if (b.verdict == QualityVerdict::inconclusive && b.baseline_score > 0) b.items_needed = std::max(non_inferiority_items(flips, margin_pp / 100), b.items + 1);
}

std::vector<std::string> suites_of(const StudyData& data) {
  std::vector<std::string> suites = data.study.quality.spot;
  for (const auto& a : data.answers)
    if (std::ranges::find(suites, a.suite) == suites.end()) suites.push_back(a.suite);
  return suites;
}

}  // namespace

std::string_view to_string(QualityVerdict v) {
  static constexpr std::string_view names[] = {"not inferior", "inferior", "inconclusive", "unknown"};
  return names[static_cast<std::size_t>(v)];
}

QualityBound repeat_flips(const StudyData& data) {
  const std::string& name = data.study.baseline().name;
  QualityBound repeat;
  repeat.variant = name;
  count_flips(answers_of(data, name, 0), answers_of(data, name, 1), repeat);
  return repeat;
}

std::vector<QualityRow> quality_rows(const StudyData& data) {
  std::vector<QualityRow> rows;
  const auto base = answers_of(data, data.study.baseline().name, 0);
  const auto repeat = answers_of(data, data.study.baseline().name, 1);
  for (const auto& suite : suites_of(data)) {
    std::optional<double> floor_chrf, floor_exact;
    fill_similarity(repeat, suite, floor_chrf, floor_exact);
    for (const auto& v : data.study.variants) {
      const auto own = answers_of(data, v.name, 0);
      QualityRow r;
      r.suite = suite, r.variant = v.name, r.baseline = v.baseline, r.chrf_floor = floor_chrf, r.exact_floor = floor_exact;
      for (const auto& [key, a] : own) {
        if (key.first != suite) continue;
        ++r.items;
        r.graded += a->score.has_value();
      }
      r.score = mean_score(own, suite);
      if (v.baseline) r.repeat_score = mean_score(repeat, suite);
      else fill_similarity(own, suite, r.chrf, r.exact);
      r.issue = v.baseline ? describe(base, repeat, suite) : describe(base, own, suite);
      rows.push_back(r);
    }
  }
  return rows;
}

std::vector<QualityBound> quality_bounds(const StudyData& data) {
  std::vector<QualityBound> bounds;
  const auto base = answers_of(data, data.study.baseline().name, 0);
  for (const auto& v : data.study.variants) {
    if (v.baseline) continue;
    QualityBound b;
    b.variant = v.name;
    const auto own = answers_of(data, v.name, 0);
    count_flips(base, own, b), count_unanswered(base, own, b);
    decide(b, data.study.quality.margin_pp);
    const auto d = std::ranges::find(data.divergences, v.name, &Divergence::variant);
    if (d != data.divergences.end()) b.divergence = *d;
    bounds.push_back(b);
  }
  return bounds;
}

}  // namespace qc
