// Page one, for the person who decides: verdicts, money, the bound on quality, one picture.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/text.h"
#include "report/compose_sections.h"
#include "report/ranking.h"

namespace qc {
namespace {

constexpr std::pair<Stance, std::string_view> kStances[] = {
    {Stance::recommend, "recommend"}, {Stance::take_care, "take care"}, {Stance::undecided, "not decided"}, {Stance::avoid, "avoid"}};

std::string stance_word(Stance stance) {
  return std::string(std::ranges::find(kStances, stance, &std::pair<Stance, std::string_view>::first)->second);
}

// "recommend q4_0", "take care with q4_0", "take care: q4_0 only where memory is short, else bf16", "not decided"
std::string card_title(const Composer& c, const Recommendation& r) {
  if (r.stance == Stance::undecided) return stance_word(r.stance);
  if (r.stance == Stance::take_care && r.for_memory) return fmt::format("{}: {} only where memory is short, else {}", stance_word(r.stance), r.variant, c.base());
  return fmt::format("{} {}{}", stance_word(r.stance), r.stance == Stance::take_care ? "with " : "", r.variant);
}

constexpr std::size_t kOwnWords = 2000;   // characters: the rules' reasons stand whole, however many points they name

std::string first_sentence(const std::string& text) { return sentence(text.substr(0, text.find(". "))); }

/// "At concurrency 16 the throughput of w4a16 (-0.2 % [-12.1, +13.5]) and int8 (...) can't be told from that of fp8." Only of others with the same advice.
std::string alike(Composer& c, const std::vector<const Recommendation*>& found, const std::string& workload) {
  const Recommendation& best = *found.front();
  const WorkloadComparison* w = comparison_of(c.findings, workload);
  if (best.stance == Stance::undecided || best.stance == Stance::avoid || !w) return {};
  const PointComparison& top = w->points.back();
  std::vector<std::string> others;
  for (const Rivalry* r : not_told_from(top, best.variant)) {
    const FigureName name{workload, row_of(top.concurrency), r->of + ".against_" + r->against + "_pct"};
    if (std::ranges::any_of(found, [&](const Recommendation* x) { return x->variant == r->of && x->stance == best.stance; }))
      others.push_back(!r->tok_s.no_verdict.empty() ? fmt::format("{} (answers of unlike length)", r->of) : fmt::format("{} ({} {})", r->of, c.log.text(name, Unit::delta_pct, r->tok_s.value), c.log.interval(name, Unit::delta_pct, r->tok_s.value)));
  }
  return others.empty() ? "" : fmt::format(" At concurrency {} the throughput of {} can't be told from that of {}.", top.concurrency, join_and(others), best.variant);
}

/// The clause behind the last "; ": "but quality was not checked". Empty where it is no such doubt.
std::string doubt(const std::string& first) {
  const std::size_t at = first.rfind("; but ");
  return at == std::string::npos ? "" : first.substr(at);
}

/// " **int8: take care, likewise.** int8 gains ...": a doubt that is the first one's too is not said again. What speaks for memory alone stands in a second sentence.
std::string other_card(const Recommendation& front, const Recommendation& other) {
  const std::string because = one_line(other.because, kOwnWords);
  std::string text = other.for_memory ? sentence(because) : first_sentence(because);
  const std::string same = doubt(text);
  if (other.stance == front.stance && text == first_sentence(one_line(front.because, kOwnWords))) return fmt::format(" **{}: {}, likewise.**", other.variant, stance_word(other.stance));
  const bool likewise = !same.empty() && other.stance == front.stance && doubt(first_sentence(one_line(front.because, kOwnWords))) == same;
  if (likewise) text = sentence(text.substr(0, text.size() - same.size()));
  return fmt::format(" **{}: {}{}.** {}", other.variant, stance_word(other.stance), likewise ? ", likewise" : "", text);
}

/// Why one that takes less memory still is not the one named where memory alone counts.
std::string but(const Recommendation& r) {
  if (r.rule == "slower" || r.rule == "mixed") return "but it is slower: the one to take only if speed does not count";
  if (r.rule.ends_with("-within-noise")) return "but whether it is slower is not settled";
  if (r.stance == Stance::avoid) return "but it is advised against";
  if (r.stance == Stance::undecided) return "but nothing is decided of it";
  return r.visibly_changed ? "but it is visibly changed" : r.loses_answers ? "but it loses graded answers" : "but its answers come later";
}

/// "46.8 % less (the whole server 13.8 %)"
std::string saved_words(Composer& c, const MemoryRow& row) {
  std::string weights = c.log.magnitude({"vram", row.variant, "weights_saving_pct"}, Unit::share_pct, row.weights_saving) + " less";
  if (row.peak_saving.value.value_or(0) <= 0) return weights;
  return fmt::format("{} (the whole server {})", weights, c.log.magnitude({"vram", row.variant, "peak_saving_pct"}, Unit::share_pct, row.peak_saving));
}

/// ", its most likely token agrees with the baseline's in 95.5 % of positions" where that is more than the other's.
std::string nearer_words(Composer& c, const std::string& variant, const std::string& other) {
  const auto agreement = [&](const std::string& who) {
    const auto found = std::ranges::find(c.findings.bounds, who, &QualityBound::variant);
    return found != c.findings.bounds.end() && found->divergence ? std::optional(found->divergence->top1_agreement) : std::nullopt;
  };
  const auto own = agreement(variant), theirs = agreement(other);
  if (!own || !theirs || *own <= *theirs) return {};
  return fmt::format(", its most likely token agrees with the baseline's in {} of positions", c.log.text({"quality", variant, "top1_agreement_pct"}, Unit::share_pct, *own));
}

/// " q8_0's weights take less still, 46.8 % less (the whole server 13.8 %), but whether it is slower is not settled." beside one that memory alone speaks for.
std::string smaller_still(Composer& c, const std::vector<const Recommendation*>& found) {
  const Recommendation& front = *found.front();
  const MemoryRow* own = memory_of(c.findings, front.variant);
  std::string text;
  for (std::size_t i = 1; front.for_memory && own && own->weights_saving && i < found.size(); ++i)
    if (const MemoryRow* other = memory_of(c.findings, found[i]->variant); other && other->weights_saving && *other->weights_saving.value > *own->weights_saving.value)
      text += fmt::format(" {}'s weights take less still, {}{}, {}.", other->variant, saved_words(c, *other), nearer_words(c, other->variant, front.variant), but(*found[i]));
  return text;
}

Card workload_card(Composer& c, const Workload& w) {
  const auto found = ranked(c.findings, w.name);
  if (found.empty()) return {capitalized(w.name), "not decided", "No candidate has a verdict here: there was nothing to compare."};
  std::string text = sentence(one_line(found.front()->because, kOwnWords));
  for (std::size_t i = 1; i < found.size(); ++i) text += other_card(*found.front(), *found[i]);
  text += smaller_still(c, found);
  const auto settings = std::ranges::find(c.findings.settings, w.name, &SettingRow::workload);
  if (settings != c.findings.settings.end() && settings->met && !*settings->met && w.p95_budget_ms && std::ranges::none_of(found, &Recommendation::tells_budget))
    text += fmt::format(" {} meets the p95 budget of {} ms{}.", capitalized(settings->none()), setting(*w.p95_budget_ms), settings->fails() ? ", since more than 5 % of the requests failed" : "");
  return {capitalized(w.name), card_title(c, *found.front()), text + alike(c, found, w.name)};
}

bool saves(const CostRow& r) { return !r.baseline && r.saving && r.verdict == Verdict::faster && *r.saving.value > 0; }

/// What is to be said against a saving; empty where nothing is.
std::string_view doubt_of_saving(const Findings& f, const CostRow& r) {
  if (is_to_be_avoided(f, r.workload, r.variant)) return "to be avoided";
  if (is_within_noise(f, r.workload, r.variant)) return "no larger than the noise";
  return misses_budget(f, r);
}

void add_once(std::vector<std::string>& all, std::string_view one) {
  if (std::ranges::find(all, one) == all.end()) all.emplace_back(one);
}

/// The models that save here, and what is to be said against it: all that is said of some is said of them, where something is said of each.
struct Savings {
  std::vector<std::string> sure, doubtful, doubts;

  Savings(const Findings& f, const std::vector<CostRow>& rows) {
    for (const CostRow& r : rows) {
      if (!saves(r)) continue;
      const std::string_view doubt = doubt_of_saving(f, r);
      add_once(doubt.empty() ? sure : doubtful, r.variant);
      if (!doubt.empty()) add_once(doubts, doubt);
    }
  }
  [[nodiscard]] bool none() const { return sure.empty() && doubtful.empty(); }
  [[nodiscard]] std::string but() const { return sure.empty() ? fmt::format(", but {}", fmt::join(doubts, " or ")) : ""; }
};

/// What a card says in two or three words: "a saving with q4_0". `below`: at other loads.
std::string money_title(const Composer& c, const std::vector<CostRow>& rows, const std::vector<CostRow>& below) {
  if (std::ranges::none_of(rows, [](const CostRow& r) { return bool(r.usd_per_1m_output); })) return c.data.study.hardware.hourly_usd ? "nothing to price" : "no price";
  const bool dearer = std::ranges::any_of(rows, [](const CostRow& r) { return !r.baseline && r.saving && is_told_apart(r.verdict) && *r.saving.value <= 0; });
  const std::string_view lead = dearer ? "some savings" : "a saving";
  const Savings top(c.findings, rows), lower(c.findings, below);
  if (top.none()) return lower.none() ? dearer ? "no saving, some cost more" : "no saving shown" : "a saving shown at lower load only" + lower.but();
  std::vector<std::string> within;   // over the budget here and not at a lower load of the same workload
  for (const CostRow& r : rows)
    if (saves(r) && doubt_of_saving(c.findings, r) == misses_budget(c.findings, r) &&
        std::ranges::any_of(below, [&](const CostRow& low) { return low.workload == r.workload && low.variant == r.variant && saves(low) && doubt_of_saving(c.findings, low).empty(); }))
      add_once(within, r.variant);
  if (top.sure.empty() && !within.empty()) return fmt::format("{} with {}, within the p95 budget at lower load only", lead, join_and(within));
  return fmt::format("{} with {}{}", lead, join_and(top.sure.empty() ? top.doubtful : top.sure), top.but());
}

/// "not decided for q8_0; not inferior: q4_0".
std::string quality_title(const std::vector<QualityBound>& bounds) {
  constexpr std::pair<QualityVerdict, std::string_view> kWords[] = {{QualityVerdict::inferior, "inferior: "}, {QualityVerdict::not_inferior, "not inferior: "},
                                                                    {QualityVerdict::inconclusive, "not decided for "}, {QualityVerdict::unknown, "not known for "}};
  std::string title;
  for (const auto& [verdict, words] : kWords) {
    std::vector<std::string> who;
    for (const QualityBound& b : bounds)
      if ((b.baseline_fails_all() ? QualityVerdict::unknown : b.verdict) == verdict) who.push_back(b.variant);
    if (!who.empty()) title += fmt::format("{}{}{}", title.empty() ? "" : "; ", words, join_and(who));
  }
  return title.empty() ? "not measured" : title;
}

/// " Within its p95 budget, chat with q4_0 at concurrency 8, q4_0 costs 21.3 % less than bf16.": where a recommended setting is at another load than the prices above.
std::string savings_within_budget(Composer& c) {
  std::string text;
  for (const SettingRow& s : c.findings.settings) {
    const WorkloadComparison* w = comparison_of(c.findings, s.workload);
    if (!s.met.value_or(false) || s.variant == c.base() || !w || s.concurrency == w->points.back().concurrency) continue;
    const auto row = std::ranges::find_if(c.findings.costs, [&](const CostRow& r) { return r.workload == s.workload && r.variant == s.variant && r.concurrency == s.concurrency; });
    if (row == c.findings.costs.end() || !saves(*row)) continue;
    const FigureName name{"cost", row_of(row->workload, row->concurrency), row->variant + ".saving_pct"};
    const FigureName price{"cost", row_of(row->workload, row->concurrency), row->variant + ".usd_per_1m_output"};
    text += fmt::format(" Within the p95 budget of {}, at concurrency {}, {} costs {} less{} than {}: {} for a million output tokens.", s.workload, s.concurrency, s.variant,
                        c.log.magnitude(name, Unit::delta_pct, row->saving), price_caveats(c.findings, *row, false), c.base(), c.log.text(price, Unit::usd, row->usd_per_1m_output));
  }
  return text;
}

// The best saving that stands clear of noise at a workload's highest load, and the worst.
Card money_card(Composer& c) {
  std::vector<CostRow> rows, below;
  for (const CostRow& r : c.findings.costs) {
    if (const WorkloadComparison* w = comparison_of(c.findings, r.workload); w && w->points.back().concurrency == r.concurrency) rows.push_back(r);
    else below.push_back(r);
  }
  const auto has_price = [](const CostRow& r) { return bool(r.usd_per_1m_output); };
  if (std::ranges::none_of(rows, has_price) && std::ranges::any_of(below, has_price)) rows = std::exchange(below, {});   // a study that was cut short
  if (rows.empty()) return {"Money", money_title(c, rows, below), "n/a: no operating point was measured."};
  const bool below_only = std::ranges::none_of(rows, saves) && std::ranges::any_of(below, saves);
  return {"Money", money_title(c, rows, below), cost_finding(c, rows) + (below_only ? " " + largest_saving(c, below) : "") + savings_within_budget(c)};
}

Card quality_card(Composer& c) {
  std::string text;
  if (random_weights(c.data)) return {"Bound on quality", quality_title(c.findings.bounds), fmt::format("There is no bound for {}: the weights are random, and no answer of theirs means anything.", join_and(c.candidates()))};
  for (const QualityBound& b : c.findings.bounds) text += (text.empty() ? "" : " ") + bound_sentence(c, b);
  return {"Bound on quality", quality_title(c.findings.bounds), text.empty() ? "n/a: no answers were graded, so this run bounds no loss of quality." : text};
}

std::string completeness(Composer& c) {
  if (c.findings.complete && c.findings.caveats.empty()) return {};
  std::string text = c.findings.complete ? "**To keep in mind:**" : "**This study is not complete.**";
  const std::size_t shown = std::min<std::size_t>(c.findings.caveats.size(), 3);
  for (std::size_t i = 0; i < shown; ++i) text += " " + c.opening(sentence(one_line(c.findings.caveats[i], 300)));
  if (c.findings.caveats.size() > shown) text += " Methodology names the rest.";
  return text;
}

}  // namespace

Section compose_summary(Composer& c) {
  Section section{"summary", "In short", {}};
  auto& blocks = section.blocks;
  blocks.push_back(Paragraph{compared_in_short(c)});
  Cards cards;
  for (const Workload& w : c.data.study.workloads) cards.cards.push_back(workload_card(c, w));
  cards.cards.push_back(money_card(c));
  cards.cards.push_back(quality_card(c));
  blocks.push_back(std::move(cards));
  if (Picture picture = change_picture(c); !picture.id.empty()) blocks.push_back(std::move(picture));
  for (const std::string& text : {completeness(c), certainty_in_short(c), characters_in_short(c)})
    if (!text.empty()) blocks.push_back(Paragraph{text});
  return section;
}

}  // namespace qc
