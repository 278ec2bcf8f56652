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

// "q4_0 loses 1 and gains none"; `columns`: what the figures are called before "lost" and "gained".
std::string flips(Composer& c, const QualityBound& b, const std::string& who, const std::string& columns = "") {
  if (b.lost == 0 && b.gained == 0) return who + " flips none";
  const auto or_none = [&](const std::string& column, int n) { return n == 0 ? "none" : count(c, b, columns + column, n); };
  return fmt::format("{} loses {} and gains {}", who, or_none("lost", b.lost), or_none("gained", b.gained));
}

// "; bf16 itself, asked again (A/A), loses 1 and gains none": what a candidate's flips have to be read against.
std::string repeat_words(Composer& c) {
  const QualityBound& r = c.findings.repeat;
  return r.items == 0 ? "" : "; " + flips(c, r, fmt::format("{} itself, asked again (A/A),", r.variant), "repeat_");
}

// The number of items stands before the first candidate that has it.
std::string all_flips(Composer& c) {
  std::string text;
  int items = -1;
  for (const QualityBound& b : c.findings.bounds) {
    if (b.items == 0) continue;
    text += text.empty() ? "" : "; ";
    if (b.items != items) text += fmt::format("{} {} ", text.empty() ? "Of" : "of", items_words(c, b));
    text += flips(c, b, b.variant);
    items = b.items;
  }
  return text.empty() ? "No item was graded for both models." : text + repeat_words(c) + ".";
}

std::string verdict_sentence(Composer& c, const QualityBound& b) {
  if (b.baseline_fails_all()) return fmt::format("For {} there is no bound: {} itself had none of the graded answers right, so none could be lost.", b.variant, c.base());
  switch (b.verdict) {
    case QualityVerdict::not_inferior:
      return fmt::format("**{} is not inferior** within the margin of {}: the difference is {}.", b.variant, margin(c), difference(c, b));
    case QualityVerdict::inferior:
      return fmt::format("**{} is worse** by more than the margin of {}: the difference is {}.", b.variant, margin(c), difference(c, b));
    case QualityVerdict::inconclusive: {
      const std::string needed = b.items_needed ? fmt::format("; if nothing is truly lost, about {} items would show it four times in five", count(c, b, "items_needed", *b.items_needed)) : "";
      return fmt::format("For {} the margin of {} is **not decided**: the difference is {}{}.", b.variant, margin(c), difference(c, b), needed);
    }
    case QualityVerdict::unknown: break;
  }
  if (random_weights(c.data)) return fmt::format("For {} there is no bound: its weights are random, and no answer of theirs means anything.", b.variant);
  if (b.unpaired > 0) return fmt::format("For {} there is no bound: {}.", b.variant, b.difference_pp.na);
  return c.data.study.quality.spot.empty() ? fmt::format("For {} there is no bound: this study asks no quality prompts.", b.variant)
                                           : fmt::format("For {} no answer could be graded in pairs, so there is no bound.", b.variant);
}

}  // namespace

namespace {

/// The baseline answered and had nothing right: no candidate can lose an answer there.
bool baseline_fails_all(const Composer& c) {
  const auto graded = [](const QualityBound& b) { return b.items > 0; };
  return std::ranges::any_of(c.findings.bounds, graded) && std::ranges::all_of(c.findings.bounds, [&](const QualityBound& b) { return !graded(b) || b.baseline_fails_all(); });
}

}  // namespace

std::string suites_finding(Composer& c) {
  std::vector<std::string> with_issue;
  double similarity = 0;
  const QualityRow* least = nullptr;
  for (const QualityRow& r : c.findings.quality) {
    if (r.baseline || r.items == 0) continue;
    if (!r.issue.empty() && r.issue != "none seen") with_issue.push_back(fmt::format("{} ({})", r.suite, r.variant));
    if (r.chrf && (!least || *r.chrf < similarity)) { least = &r; similarity = *r.chrf; }
  }
  if (std::ranges::none_of(c.findings.quality, [](const QualityRow& r) { return !r.baseline && r.items > 0; }))
    return "No candidate answered a prompt, so there is nothing to compare. Decide nothing about quality from it.";
  const auto of_base = [&](const Answer& a) { return a.variant == c.base() && a.run == 0; };
  if (std::ranges::any_of(c.data.answers, of_base) && std::ranges::all_of(c.data.answers, [&](const Answer& a) { return !of_base(a) || !a.failure.empty(); }))
    return "**The baseline gave no answer to any of these prompts**, so there is nothing to compare the others with: find out why first.";
  std::string text = baseline_fails_all(c) && with_issue.empty() ? "**The baseline itself had no graded answer right**, so none could be lost: look at its answers and its chat template first."
                     : with_issue.empty() ? "No issue was seen in any prompt type." : fmt::format("At least one answer turned wrong or right, or failed, in {}.", join_and(with_issue));
  if (!least) return text + " Similarity can't be given: no answer pairs with one of the baseline.";
  if (similarity >= 100) return text + fmt::format(" By chrF each{} is the text that the baseline gave.", c.findings.prompts_unanswered > 0 ? " answer that came" : "");
  return text + fmt::format(" The least alike are the {} answers of {}, with a chrF of {} of 100; wording that differs is no fault in itself, which is why grades look at content.",
                            least->suite, least->variant, c.log.number({"quality", least->variant, least->suite + ".chrf"}, Unit::chrf, *least->chrf));
}

std::string bound_sentence(Composer& c, const QualityBound& b) { return verdict_sentence(c, b); }

std::string bound_finding(Composer& c) {
  if (c.findings.bounds.size() > 2) return all_flips(c) + " The verdict of each candidate stands in the table.";
  std::string text = all_flips(c);
  for (const QualityBound& b : c.findings.bounds) text += " " + verdict_sentence(c, b);
  return text;
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

namespace {

std::vector<std::string> variants_with(const Composer& c, QualityVerdict verdict) {
  std::vector<std::string> names;
  for (const QualityBound& b : c.findings.bounds)
    if (b.verdict == verdict) names.push_back(b.variant);
  return names;
}

std::string open_assessment(const Composer& c) {
  if (baseline_fails_all(c)) return "These answers say nothing of quality: the baseline had none of them right, so nothing could be lost. Look at its answers and its chat template, and test the candidate on your own task before it replaces the baseline.";
  std::vector<std::string> bounds;
  for (const QualityBound& b : c.findings.bounds)
    if (const std::string loss = worst_loss(b); !loss.empty()) bounds.push_back(fmt::format("{} for {}", loss, b.variant));
  std::string text = "This is a sanity check and not a proof: so few items can show a collapse, but not a small loss.";
  if (!bounds.empty()) text += fmt::format(" A true loss of up to {} can't be ruled out by them.", join_and(bounds));
  std::vector<std::string> changed;
  for (const QualityBound& b : c.findings.bounds)
    if (b.divergence && b.divergence->top1_agreement < kVisiblyChangedBelow) changed.push_back(b.variant);
  if (!changed.empty()) text += fmt::format(" By {} divergence {} {} visibly changed all the same.", changed.size() == 1 ? "its" : "their", join_and(changed), changed.size() == 1 ? "is" : "are");
  return text + " Test the candidate on your own task before it replaces the baseline.";
}

}  // namespace

std::string quality_assessment(Composer& c) {
  const auto worse = variants_with(c, QualityVerdict::inferior);
  const auto open = variants_with(c, QualityVerdict::inconclusive), unknown = variants_with(c, QualityVerdict::unknown);
  if (unknown.size() == c.findings.bounds.size())
    return std::ranges::any_of(c.findings.bounds, [](const QualityBound& b) { return b.unpaired > 0; }) ? "Prompts without an answer leave no bound on quality here. Decide nothing about quality from it."
                                                                                                     : "No answer was graded for both models, so this run bounds no loss of quality. Decide nothing about quality from it.";
  if (!worse.empty()) {
    const auto fine = variants_with(c, QualityVerdict::not_inferior);
    std::string others = fine.empty() ? "" : fmt::format(" {} {} within it.", join_and(fine), fine.size() == 1 ? "stays" : "stay");
    if (!open.empty()) others += fmt::format(" Whether {} {} within it so few items can't say.", join_and(open), open.size() == 1 ? "stays" : "stay");
    if (!unknown.empty()) others += fmt::format(" Of {} nothing can be said.", join_and(unknown));
    return fmt::format("**{} {} worse answers than {}, by more than the margin of {}**: the interval of this run leaves that margin out.{} Do not use {} where answers like these matter without "
                       "a test on your own task.", join_and(worse), worse.size() == 1 ? "gives" : "give", c.base(), margin(c), others, join_and(worse));
  }
  if (!open.empty() || !unknown.empty()) return open_assessment(c);
  return fmt::format("Every candidate stays within the margin of {} on these items. The bound holds for prompts like these and this way of grading; your own task may ask for "
                     "more, so test it there too.", margin(c));
}

}  // namespace qc
