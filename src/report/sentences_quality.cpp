#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/text.h"
#include "report/sentences.h"

namespace qc {
namespace {

std::string margin(const Composer& c) { return setting(c.data.study.quality.margin_pp) + " pp"; }

std::string count(Composer& c, const QualityBound& b, std::string_view column, int n) {
  return c.log.number({"quality", b.variant, std::string(column)}, Unit::count, n);
}

std::string items_words(Composer& c, const QualityBound& b) {
  return fmt::format("{} graded {}", count(c, b, "items", b.items), b.items == 1 ? "item" : "items");
}

std::string difference(Composer& c, const QualityBound& b) {
  const FigureName name{"quality", b.variant, "difference_pp"};
  const std::string interval = c.log.interval(name, Unit::pp, b.difference_pp);
  return fmt::format("{}{}", c.log.text(name, Unit::pp, b.difference_pp), interval.empty() ? "" : " " + interval);
}

// How bad the loss may still be: the lower end of the interval.
std::string worst_loss(const QualityBound& b) {
  if (!b.difference_pp.lo || *b.difference_pp.lo >= 0) return {};
  return print_number(Unit::pp, *b.difference_pp.lo).substr(1) + " pp";
}

std::string flips(Composer& c, const QualityBound& b) {
  const std::string of_items = fmt::format("of {}", items_words(c, b));
  if (b.lost == 0 && b.gained == 0) return fmt::format("{} {} flips none", of_items, b.variant);
  const auto or_none = [&](std::string_view column, int n) { return n == 0 ? "none" : count(c, b, column, n); };
  return fmt::format("{} {} loses {} and gains {}", of_items, b.variant, or_none("lost", b.lost), or_none("gained", b.gained));
}

std::string verdict_sentence(Composer& c, const QualityBound& b) {
  switch (b.verdict) {
    case QualityVerdict::not_inferior:
      return fmt::format("**{} is not inferior** within the margin of {}: the difference is {}.", b.variant, margin(c), difference(c, b));
    case QualityVerdict::inferior:
      return fmt::format("**{} is worse** by more than the margin of {}: the difference is {}.", b.variant, margin(c), difference(c, b));
    case QualityVerdict::inconclusive: {
      const std::string needed = b.items_needed ? fmt::format("; about {} items would decide it", count(c, b, "items_needed", *b.items_needed)) : "";
      return fmt::format("For {} the margin of {} is **not decided**: the difference is {}{}.", b.variant, margin(c), difference(c, b), needed);
    }
    case QualityVerdict::unknown: break;
  }
  return fmt::format("For {} no answer could be graded in pairs, so there is no bound.", b.variant);
}

}  // namespace

std::string suites_finding(Composer& c) {
  std::vector<std::string> with_issue;
  double similarity = 0;
  const QualityRow* least = nullptr;
  for (const QualityRow& r : c.findings.quality) {
    if (r.baseline) continue;
    if (!r.issue.empty() && r.issue != "none seen") with_issue.push_back(fmt::format("{} ({})", r.suite, r.variant));
    if (r.chrf && (!least || *r.chrf < similarity)) { least = &r; similarity = *r.chrf; }
  }
  std::string text = with_issue.empty() ? "No issue was seen in any prompt type." : fmt::format("At least one answer changed its grade or failed in {}.", join_and(with_issue));
  if (!least) return text + " Similarity can't be given: no answer pairs with one of the baseline.";
  return text + fmt::format(" The least alike are the {} answers of {}, with a chrF of {} of 100; wording that differs is no fault in itself, which is why grades look at content.",
                            least->suite, least->variant, c.log.number({"quality", least->variant, least->suite + ".chrf"}, Unit::chrf, *least->chrf));
}

std::string bound_sentence(Composer& c, const QualityBound& b) { return verdict_sentence(c, b); }

std::string bound_finding(Composer& c) {
  std::vector<std::string> words;
  std::string verdicts;
  for (const QualityBound& b : c.findings.bounds) {
    words.push_back(flips(c, b));
    if (verdicts.size() < 1 || c.findings.bounds.size() <= 2) verdicts += " " + verdict_sentence(c, b);
  }
  if (c.findings.bounds.size() > 2) verdicts = " The verdict of each candidate stands in the table.";
  std::string text;
  for (const std::string& w : words) text += (text.empty() ? "" : "; ") + w;
  return capitalized(text) + "." + verdicts;
}

std::string divergence_finding(Composer& c) {
  const QualityBound* closest = nullptr;
  const QualityBound* farthest = nullptr;
  for (const QualityBound& b : c.findings.bounds) {
    if (!b.divergence) continue;
    if (!closest || b.divergence->kld_mean < closest->divergence->kld_mean) closest = &b;
    if (!farthest || b.divergence->kld_mean > farthest->divergence->kld_mean) farthest = &b;
  }
  const auto words = [&](const QualityBound& b) {
    return fmt::format("{} agrees with the baseline on the next token in {} of the places scored (mean KLD {})", b.variant,
                       c.log.text({"quality", b.variant, "top1_agreement_pct"}, Unit::share_pct, b.divergence->top1_agreement),
                       c.log.text({"quality", b.variant, "kld_mean"}, Unit::nats, b.divergence->kld_mean));
  };
  std::string text = words(*closest);
  if (farthest != closest) text += "; " + words(*farthest);
  return text + ". Divergence screens a candidate out when it is large; a small one does not prove that answers stay right.";
}

std::string quality_assessment(Composer& c) {
  if (c.findings.bounds.empty()) return "No answer was graded, so this run bounds no loss of quality. Read the answers below before deciding anything.";
  const auto has = [&](QualityVerdict v) { return std::ranges::any_of(c.findings.bounds, [&](const QualityBound& b) { return b.verdict == v; }); };
  std::string text;
  for (const QualityBound& b : c.findings.bounds) {
    if (b.verdict != QualityVerdict::inferior) continue;
    text += (text.empty() ? "" : " ") + verdict_sentence(c, b);
  }
  if (!text.empty())
    return text + " That is a loss this run can show, not a suspicion: do not use it where these kinds of answers matter without a test on your own task.";
  if (has(QualityVerdict::inconclusive) || has(QualityVerdict::unknown)) {
    std::vector<std::string> bounds;
    for (const QualityBound& b : c.findings.bounds)
      if (const std::string loss = worst_loss(b); !loss.empty()) bounds.push_back(fmt::format("{} for {}", loss, b.variant));
    text = "This is a sanity check and not a proof: so few items can show a collapse, but not a small loss.";
    if (!bounds.empty()) text += fmt::format(" A true loss of up to {} can't be ruled out by them.", join_and(bounds));
    return text + " Test the candidate on your own task before it replaces the baseline.";
  }
  return fmt::format("Every candidate stays within the margin of {} on these items. The bound holds for prompts like these and this way of grading; your own task may ask for "
                     "more, so test it there too.", margin(c));
}

}  // namespace qc
