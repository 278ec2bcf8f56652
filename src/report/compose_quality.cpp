// Section 5: scores, similarity beside its own floor, the bound, divergence, answers side by side.
#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "report/compose_imported.h"
#include "report/compose_sections.h"

namespace qc {
namespace {

const QualityRow* baseline_row(const Composer& c, const std::string& suite) {
  for (const QualityRow& r : c.findings.quality)
    if (r.baseline && r.suite == suite) return &r;
  return nullptr;
}

Measured fraction(const std::optional<double>& value, const std::string& why) { return measured(value, why); }

std::string beside(const std::string& value, const std::string& floor) { return fmt::format("{} ({})", value, floor); }

bool asked_again(const Composer& c) { return std::ranges::any_of(c.data.answers, [](const Answer& a) { return a.run == 1; }); }

std::vector<std::string> suite_row(Composer& c, Notes& notes, const QualityRow& r) {
  const QualityRow* base = baseline_row(c, r.suite);
  const auto figure = [&](const std::string& variant, std::string_view column, Unit unit, const std::optional<double>& value, const std::string& why) {
    return cell(c, notes, {"quality", variant, fmt::format("{}.{}", r.suite, column)}, unit, fraction(value, why));
  };
  const std::string ungraded = r.items == 0 ? "no answer of this suite is stored" : "no answer of this suite could be graded by its rule";
  const std::string alone = "no answer pairs with one of the baseline";
  const std::string no_repeat = asked_again(c) ? "the baseline's second run gave no answer" : "the baseline was asked once only";
  const auto none_came = [&](const std::string& variant) {
    return std::ranges::all_of(c.data.answers, [&](const Answer& a) { return a.variant != variant || a.suite != r.suite || !a.failure.empty(); });
  };
  const auto score = [&](const QualityRow* row) {
    return row ? figure(row->variant, "score_pct", Unit::share_pct, row->score, r.items > 0 && none_came(row->variant) ? "its server gave no answer to this suite" : ungraded) : notes.na("the baseline has no answers of this suite");
  };
  const auto of_base = [&](std::string_view column, Unit unit, std::optional<double> QualityRow::*member) {
    return base ? figure(base->variant, column, unit, base->*member, no_repeat) : notes.na("the baseline has no answers of this suite");
  };
  // The floor belongs to the baseline's own repeat, wherever the judge has put it.
  const auto floor = [&](std::string_view column, Unit unit, std::optional<double> QualityRow::*member) {
    const std::optional<double> value = r.*member ? r.*member : base ? base->*member : std::nullopt;
    return figure(c.base(), column, unit, value, no_repeat);
  };
  return {r.suite, r.variant, c.log.number({"quality", r.variant, r.suite + ".items"}, Unit::count, r.items),
          c.log.number({"quality", r.variant, r.suite + ".graded"}, Unit::count, r.graded), score(base),
          of_base("repeat_score_pct", Unit::share_pct, &QualityRow::repeat_score), score(&r),
          beside(figure(r.variant, "chrf", Unit::chrf, r.chrf, alone), floor("chrf_floor", Unit::chrf, &QualityRow::chrf_floor)),
          beside(figure(r.variant, "exact_pct", Unit::share_pct, r.exact, alone), floor("exact_floor_pct", Unit::share_pct, &QualityRow::exact_floor)),
          r.items == 0 ? notes.na(ungraded) : r.issue.empty() ? "none seen" : one_line(r.issue, 600)};
}

void add_suites(Composer& c, std::vector<Block>& blocks) {
  Notes notes;
  Table t = table("Each prompt type", {"Prompt type", "Candidate", "#Items", "#Graded", fmt::format("#{} quality", c.base()), fmt::format("#{} repeat (A/A)", c.base()),
                                       "#Candidate quality", "#chrF (A/A)", "#Same text (A/A)", "Issue?"});
  for (const QualityRow& r : c.findings.quality)
    if (!r.baseline) t.rows.push_back(suite_row(c, notes, r));
  if (t.rows.empty()) {
    blocks.push_back(Paragraph{"Scores: n/a, because no candidate's answers are stored."});
    return;
  }
  blocks.push_back(std::move(t));
  notes.foot(blocks);
  blocks.push_back(finding(suites_finding(c)));
}

std::string verdict_words(const QualityBound& b) {
  if (b.baseline_fails_all()) return "n/a: the baseline has none right";
  switch (b.verdict) {
    case QualityVerdict::not_inferior: return "**not inferior**";
    case QualityVerdict::inferior: return "**inferior**";
    case QualityVerdict::inconclusive: return "inconclusive";
    case QualityVerdict::unknown: break;
  }
  return b.unpaired > 0 ? "n/a: answers are missing" : "n/a: nothing was graded";
}

std::vector<std::string> bound_row(Composer& c, Notes& notes, const QualityBound& b) {
  const std::string nothing = "nothing was graded for both models";
  const auto count = [&](std::string_view column, int n) { return c.log.number({"quality", b.variant, std::string(column)}, Unit::count, n); };
  const auto known = [&](double n) { return b.items > 0 ? measured(n) : measured(std::nullopt, nothing); };
  const auto flips = [&](std::string_view column, int n) { return cell(c, notes, {"quality", b.variant, std::string(column)}, Unit::count, known(n)); };
  const auto share = [&](const std::string& variant, std::string_view column, const std::optional<double>& value) {
    return cell(c, notes, {"quality", variant, std::string(column)}, Unit::share_pct, measured(value, nothing));
  };
  const std::string needed = b.items_needed ? count("items_needed", *b.items_needed)
                       : b.verdict == QualityVerdict::inconclusive ? notes.na(b.baseline_score == 0 ? "the baseline has none right, so that no number of such items would show a loss" : "no answer flipped, so the rate of flips is not known")
                       : b.verdict == QualityVerdict::unknown      ? notes.na(b.unpaired > 0 ? b.difference_pp.na : nothing)
                                                                   : "none more";
  return {b.variant, count("items", b.items), share(b.variant, "baseline_score_pct", b.baseline_score), share(b.variant, "score_pct", b.score),
          cell_with_interval(c, notes, {"quality", b.variant, "difference_pp"}, Unit::pp, b.difference_pp), flips("lost", b.lost), flips("gained", b.gained),
          cell(c, notes, {"quality", b.variant, "mcnemar_p"}, Unit::p_value, known(b.mcnemar_p)), verdict_words(b), needed};
}

void add_bound(Composer& c, std::vector<Block>& blocks) {
  if (c.findings.bounds.empty()) {
    blocks.push_back(Paragraph{"Bound on the loss of quality: n/a, because no candidate's answers were graded."});
    return;
  }
  Notes notes;
  Table t = table(fmt::format("Bound on the loss of quality, all graded items together, against a margin of {} pp", setting(c.data.study.quality.margin_pp)),
                  {"Candidate", "#Items", fmt::format("#{} right", c.base()), "#Candidate right", "#Difference (pp) [95 % interval]", "#Lost", "#Gained", "#McNemar p",
                   "Verdict", "#Items needed if nothing is lost"});
  for (const QualityBound& b : c.findings.bounds) t.rows.push_back(bound_row(c, notes, b));
  blocks.push_back(std::move(t));
  notes.foot(blocks);
  blocks.push_back(finding(bound_finding(c)));
}

std::vector<std::string> divergence_row(Composer& c, const Divergence& d) {
  const auto figure = [&](std::string_view column, Unit unit, double value) {
    return c.log.number({"quality", d.variant, std::string(column)}, unit, value);
  };
  const auto with_error = [&](std::string_view column, Unit unit, double value, std::string_view error_column, double error) {
    return fmt::format("{} ± {}", figure(column, unit, value), figure(error_column, unit, error));
  };
  return {d.variant, figure("tokens_scored", Unit::tokens, static_cast<double>(d.tokens_scored)), with_error("kld_mean", Unit::nats, d.kld_mean, "kld_se", d.kld_se),
          figure("kld_p99", Unit::nats, d.kld_p99), with_error("top1_agreement_pct", Unit::share_pct, d.top1_agreement, "top1_se_pct", d.top1_se),
          with_error("ppl_ratio", Unit::ratio, d.ppl_ratio, "ppl_ratio_se", d.ppl_ratio_se)};
}

void add_divergence(Composer& c, std::vector<Block>& blocks) {
  Table t = table("Divergence from the baseline, token by token (value ± standard error)",
                  {"Candidate", "#Tokens scored", "#KLD mean (nats)", "#KLD p99 (nats)", "#Same top token", "#Perplexity ratio"});
  std::string scored;   // one text for all
  for (const QualityBound& b : c.findings.bounds)
    if (b.divergence) t.rows.push_back(divergence_row(c, *b.divergence)), scored = b.divergence->text;
  if (t.rows.empty()) {
    blocks.push_back(Paragraph{"Divergence (KLD, same top token, perplexity ratio): n/a, because this study scored no text with both models token by token."});
    return;
  }
  blocks.push_back(std::move(t));
  if (!scored.empty()) blocks.push_back(Paragraph{fmt::format("Scored: {}.", scored)});
  blocks.push_back(finding(divergence_finding(c)));
}

void add_examples(const Composer& c, std::vector<Block>& blocks) {
  Examples found = examples(c, 3);
  if (found.shown.empty()) return;
  blocks.push_back(Heading{found.shown.size() == 1 ? "The answers that differ most" : "Answers side by side, the most different first"});
  for (SideBySide& e : found.shown) blocks.push_back(std::move(e));
  if (found.rest.empty()) return;
  blocks.push_back(Heading{"All other answers, for the record"});
  for (SideBySide& e : found.rest) blocks.push_back(std::move(e));
}

}  // namespace

Section compose_quality(Composer& c) {
  Section section{"quality", "Quality sanity check", {}};
  auto& blocks = section.blocks;
  if (std::ranges::all_of(c.findings.quality, [](const QualityRow& r) { return r.items == 0; })) {
    blocks.push_back(Paragraph{is_imported(c) ? "n/a: files of load tools hold no graded answers, so these figures say nothing of quality. Check the answers before you serve it."
                               : random_weights(c.data) ? "n/a: the weights are random, so no answer means anything and no quality prompt was sent. Test the real model's answers before you serve it."
                                                  : "n/a: no quality prompt was answered in this study, so no answer was graded."});
    if (std::ranges::any_of(c.findings.bounds, [](const QualityBound& b) { return b.divergence.has_value(); })) add_divergence(c, blocks);
    return section;
  }
  const bool repeated = std::ranges::any_of(c.findings.quality, [](const QualityRow& r) { return r.chrf_floor.has_value(); });
  blocks.push_back(Paragraph{fmt::format("The same prompts went to every model, greedy. {} A grade looks at the content of an answer, never at its similarity. An answer that goes on beyond its prompt's limit of tokens is cut there, and graded as far as it goes.",
                                         repeated ? "The baseline answered twice: its second run (A/A) is the floor that similarity has to be read against."
                                         : asked_again(c) ? "The baseline was asked twice, but its second run gave no answer, so similarity has no floor to be read against."
                                                          : "The baseline was asked once only, so similarity has no floor to be read against.")});
  add_suites(c, blocks);
  add_bound(c, blocks);
  add_divergence(c, blocks);
  blocks.push_back(Heading{"Overall assessment"});
  blocks.push_back(finding(quality_assessment(c)));
  add_examples(c, blocks);
  return section;
}

}  // namespace qc
