// The closing section: an answer to "should we quantize our model?", every figure from the data, 150 to 300 words in every outcome.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>

#include "core/text.h"
#include "report/closing_lines.h"
#include "report/closing_load.h"
#include "report/closing_money.h"
#include "report/ranking.h"
#include "report/sentences.h"

namespace qc {
namespace {

using Line = ClosingLine;
using Want = ClosingLine::Want;

/// Workloads by the candidate that is meant for them: "q8_0 for chat and batch".
class Meant {
 public:
  void add(const std::string& variant, const std::string& workload) {
    auto found = std::ranges::find(all_, variant, &Entry::first);
    if (found == all_.end()) found = all_.insert(all_.end(), {variant, {}});
    found->second.push_back(workload);
  }
  [[nodiscard]] bool empty() const { return all_.empty(); }
  [[nodiscard]] std::string words() const {
    std::vector<std::string> parts;
    for (const auto& [variant, workloads] : all_) parts.push_back(fmt::format("{} for {}", variant, join_and(workloads)));
    return join_and(parts);
  }

 private:
  using Entry = std::pair<std::string, std::vector<std::string>>;
  std::vector<Entry> all_;
};

std::string answer(const Composer& c) {
  Meant yes, care, memory;
  std::vector<std::string> no, open, parts;
  for (const Workload& w : c.data.study.workloads) {
    const auto found = ranked(c.findings, w.name);
    const Stance stance = found.empty() ? Stance::undecided : found.front()->stance;
    if (stance == Stance::recommend) yes.add(found.front()->variant, w.name);
    else if (stance == Stance::take_care) (found.front()->for_memory ? memory : care).add(found.front()->variant, w.name);
    else (stance == Stance::avoid ? no : open).push_back(w.name);
  }
  if (!yes.empty()) parts.push_back("use " + yes.words());
  if (!care.empty()) parts.push_back(fmt::format("try {} on your own task first", care.words()));
  if (!memory.empty()) parts.push_back(fmt::format("take {} only where memory is short", memory.words()));
  if (!no.empty()) parts.push_back(fmt::format("stay with {} for {}", c.base(), join_and(no)));
  if (!open.empty()) parts.push_back("decide nothing yet for " + join_and(open));
  std::string word = "In part";
  const bool no_care = care.empty() && memory.empty();
  if (no_care && no.empty() && open.empty()) word = "Yes";
  else if (yes.empty() && no.empty() && open.empty()) word = "Only with care";
  else if (yes.empty() && no_care && open.empty()) word = "No, not on this hardware";
  else if (yes.empty() && no_care && no.empty()) word = "This run does not settle it";
  return fmt::format("Should you quantize your model? **{}**: {}.", word, join_and(parts));
}

std::string memory_line(Composer& c, const std::string& lead) {
  const MemoryRow* row = memory_of(c.findings, lead);
  const MemoryRow* base = memory_of(c.findings, c.base());
  if (!row || !base || !row->weights_saving || !row->weights_bytes || !base->weights_bytes)
    return "First, memory: how much the weights shrink could not be read on this server, but it is what quantizing is surest to change.";
  const auto bytes = [&](const MemoryRow& r) { return c.log.text({"vram", r.variant, "weights_bytes"}, c.memory_unit, r.weights_bytes); };
  const std::string change = c.log.magnitude({"vram", lead, "weights_saving_pct"}, Unit::share_pct, row->weights_saving);
  return fmt::format("First, memory: the weights go from {} to {} with {}, {} {}.", bytes(*base), bytes(*row), lead, change,
                     *row->weights_saving.value >= 0 ? "less" : "more");
}

/// The candidate that this report names for the workload: what is told of the workload is told of it. The lead where none is named.
std::string named_or(const Composer& c, const WorkloadComparison& w, const std::string& lead) { return named_for(c.findings, w.workload.name).value_or(lead); }

std::string change_words(Composer& c, const WorkloadComparison& w, const PointComparison& p, const Candidate& x, const Metric& metric) {
  const Delta& delta = x.*metric.delta;
  const std::string size = c.log.magnitude(name_of(w, p.concurrency, x.cell.variant, metric.delta_column), Unit::delta_pct, delta.value);
  switch (delta.verdict) {
    case Verdict::faster:
    case Verdict::slower: return fmt::format("{} by {}", *delta.value.value >= 0 ? "rises" : "falls", size);
    case Verdict::not_distinguishable: return "does not change distinguishably";
    case Verdict::withheld: return "is not judged (the machine drifted)";
    case Verdict::unknown: break;
  }
  return "has no verdict";
}

// "rises by 54.0 % at concurrency 1 and by 10.0 % at 16": a verb that holds for both is said once.
std::string without_repeated_verb(const std::string& first, const std::string& second) {
  const std::string verb = first.substr(0, first.find(' ') + 1);
  return second.starts_with(verb + "by ") ? second.substr(verb.size()) : second;
}

/// Between two ends where nothing is seen, the largest change that was: "; at 16 it rises by 31.9 %".
std::string between_ends(Composer& c, const WorkloadComparison& w, const std::string& lead) {
  const PointComparison* where = nullptr;
  const Candidate* largest = nullptr;
  for (const PointComparison& p : w.points)
    if (const Candidate* x = candidate_at(p, lead); x && is_told_apart(x->tok_s.verdict))
      if (!largest || std::abs(*x->tok_s.value.value) > std::abs(*largest->tok_s.value.value)) where = &p, largest = x;
  return largest ? fmt::format("; at {} it {}", where->concurrency, change_words(c, w, *where, *largest, kThroughput)) : "";
}

/// "With fp8 the", where the candidate is another than the lead; else "The".
std::string the_with(const std::string& who, const std::string& lead) { return who == lead ? "The" : fmt::format("With {} the", who); }

std::string speed_line(Composer& c, const WorkloadComparison& w, const std::string& lead) {
  if (w.points.empty()) return {};
  const std::string who = named_or(c, w, lead);
  const PointComparison& first = w.points.front();
  const PointComparison& last = w.points.back();
  const Candidate* low = candidate_at(first, who);
  const Candidate* high = candidate_at(last, who);
  if (!low || !high) return {};
  const std::string at_low = change_words(c, w, first, *low, kThroughput), at_high = change_words(c, w, last, *high, kThroughput);
  const std::string start = fmt::format("{} throughput of {} {} at concurrency {}", the_with(who, lead), w.workload.name, at_low, first.concurrency);
  if (w.points.size() == 1) return start + ".";
  if (at_low == at_high) return fmt::format("{}, and the same holds at {}{}.", start, last.concurrency, low->tok_s.verdict == Verdict::not_distinguishable ? between_ends(c, w, who) : "");
  return fmt::format("{} and {} at {}.", start, without_repeated_verb(at_low, at_high), last.concurrency);
}

/// "; its first token comes later (TTFT p95 +37.5 % at concurrency 16)", of the load where it is most. Empty where it is nowhere called later.
std::string first_token_words(Composer& c, const WorkloadComparison& w, const std::string& who) {
  for (const Metric* metric : {&kTtftP95, &kTtftMean}) {
    const PointComparison* where = nullptr;
    const Delta* most = nullptr;
    for (const PointComparison& p : w.points)
      if (const Candidate* x = candidate_at(p, who); x && (x->*metric->delta).verdict == Verdict::slower)
        if (const Delta& d = x->*metric->delta; !most || *d.value.value > *most->value.value) where = &p, most = &d;
    if (!most) continue;
    const std::string size = c.log.text(name_of(w, where->concurrency, who, metric->delta_column), Unit::delta_pct, most->value);
    return fmt::format("; its first token comes later ({} {} at concurrency {})", metric == &kTtftP95 ? "TTFT p95" : "mean TTFT", size, where->concurrency);
  }
  return {};
}

/// Of the highest load whose p95 could be judged, else of the highest.
std::string latency_line(Composer& c, const WorkloadComparison& w, const std::string& lead) {
  if (w.points.empty()) return {};
  const std::string who = named_or(c, w, lead);
  const auto judged = [&](const PointComparison& p) { const Candidate* x = candidate_at(p, who); return x && x->p95.verdict != Verdict::unknown; };
  const auto found = std::find_if(w.points.rbegin(), w.points.rend(), judged);
  const PointComparison& last = found == w.points.rend() ? w.points.back() : *found;
  const Candidate* x = candidate_at(last, who);
  if (!x) return {};
  return fmt::format("Third, latency: the p95 of {}{} {} at concurrency {}{}.", w.workload.name, who == lead ? "" : " with " + who, change_words(c, w, last, *x, kP95), last.concurrency, first_token_words(c, w, who));
}

const QualityBound* bound_of(const Composer& c, const std::string& variant) {
  const auto found = std::ranges::find(c.findings.bounds, variant, &QualityBound::variant);
  return found == c.findings.bounds.end() ? nullptr : &*found;
}

// How far the model itself moved, where that was measured.
/// `others`: more is said of other candidates behind it.
std::string change_line(Composer& c, const std::string& lead, bool others) {
  const QualityBound* b = bound_of(c, lead);
  if (!b || !b->divergence) return "How far the model itself moved was not measured: quantizing changes some answers, and a few prompts will not find which.";
  const std::string share = c.log.text({"quality", lead, "top1_agreement_pct"}, Unit::share_pct, b->divergence->top1_agreement);
  return b->divergence->top1_agreement < kVisiblyChangedBelow
             ? fmt::format("Its most likely next token is the baseline's in only {} of the places scored: this is a visibly changed model, so test it on your own task.", share)
             : fmt::format("Its most likely next token is the baseline's in {} of the places scored{}.", share, others ? "" : ": close, yet some answers change, and a few prompts will not find which");
}

std::string quality_line(Composer& c, const std::string& lead) {
  const QualityBound* b = bound_of(c, lead);
  if (b && b->unpaired > 0 && b->verdict == QualityVerdict::unknown) return fmt::format("As for quality, {} of {} prompts got no answer of one or both models, so this run can't say that answers stay right.", b->unpaired, b->asked);
  if (b && b->baseline_fails_all()) return fmt::format("As for quality, {} itself had no graded answer right, so this run can't say that answers stay right.", c.base());
  if (!b || b->verdict == QualityVerdict::unknown) return "As for quality, nothing was graded here, so this run can't say that answers stay right.";
  const FigureName name{"quality", lead, "difference_pp"};
  const std::string interval = c.log.interval(name, Unit::pp, b->difference_pp);
  const std::string difference = fmt::format("{}{}", c.log.text(name, Unit::pp, b->difference_pp), interval.empty() ? "" : " " + interval);
  const std::string items = c.log.number({"quality", lead, "items"}, Unit::count, b->items);
  switch (b->verdict) {
    case QualityVerdict::not_inferior: return fmt::format("As for quality, {} stayed within the margin over {} items ({}).", lead, items, difference);
    case QualityVerdict::inferior: return fmt::format("As for quality, {} is worse over {} items ({}): that price is real.", lead, items, difference);
    default: break;
  }
  return fmt::format("As for quality, {} items are too few to say whether {} stays within the margin ({}).", items, lead, difference);
}

/// The first workload, and one more: the last that names another candidate than the first, else the last.
std::vector<const WorkloadComparison*> with_speed_lines(const Composer& c, const std::string& lead) {
  std::vector<const WorkloadComparison*> told;
  const auto& all = c.findings.workloads;
  if (!all.empty()) told.push_back(&all.front());
  if (all.size() < 2) return told;
  const std::string first = named_or(c, all.front(), lead);
  const auto other = std::find_if(all.rbegin(), all.rend() - 1, [&](const WorkloadComparison& w) { return named_or(c, w, lead) != first; });
  told.push_back(other == all.rend() - 1 ? &all.back() : &*other);
  return told;
}

/// Throughputs of other candidates that the answer names, where they have no line yet.
std::vector<std::string> speeds_of_others(Composer& c, const std::string& lead, const std::vector<const WorkloadComparison*>& lines) {
  std::vector<std::string> texts;
  for (const WorkloadComparison& w : c.findings.workloads) {
    const std::string who = named_or(c, w, lead);
    const Candidate* x = w.points.empty() ? nullptr : candidate_at(w.points.back(), who);
    if (who == lead || !x || std::ranges::find(lines, &w) != lines.end()) continue;
    texts.push_back(fmt::format("With {} the throughput of {} {} at concurrency {}.", who, w.workload.name, change_words(c, w, w.points.back(), *x, kThroughput), w.points.back().concurrency));
  }
  return texts;
}

/// How far other candidates that the answer names move the model, and what they lose.
std::vector<std::string> changes_of_others(Composer& c, const std::string& lead) {
  std::vector<std::string> texts, told;
  for (const WorkloadComparison& w : c.findings.workloads) {
    const std::string who = named_or(c, w, lead);
    const QualityBound* b = bound_of(c, who);
    if (who == lead || !b || !b->divergence || std::ranges::find(told, who) != told.end()) continue;
    told.push_back(who);
    const std::string share = c.log.text({"quality", who, "top1_agreement_pct"}, Unit::share_pct, b->divergence->top1_agreement);
    const std::string lost = b->lost > b->gained ? fmt::format(", and it lost {} of {} answers and gained {}", c.log.number({"quality", who, "lost"}, Unit::count, b->lost), c.log.number({"quality", who, "items"}, Unit::count, b->items),
                                                               c.log.number({"quality", who, "gained"}, Unit::count, b->gained)) : "";
    texts.push_back(b->divergence->top1_agreement < kVisiblyChangedBelow ? fmt::format("{} is visibly changed: its next token is the baseline's in only {} of places{}.", who, share, lost)
                                                                         : fmt::format("The next token of {} is the baseline's in {} of places{}.", who, share, lost));
  }
  return texts;
}

/// "Of the others, q8_0 is to be avoided for chat and is not decided for batch.": candidates that the answer names for no workload.
std::string not_named(const Composer& c) {
  std::vector<std::string> texts;
  for (const std::string& who : c.candidates()) {
    std::vector<std::string> care, avoid, open, parts;
    std::map<std::string, std::vector<std::string>> even;
    bool named = false;
    for (const Recommendation& r : c.findings.recommendations) {
      if (r.variant != who) continue;
      const std::string first = named_for(c.findings, r.workload).value_or("");
      named |= first == who;
      (r.may_serve() ? is_even_with(c.findings, r, first) ? even[first] : care : r.stance == Stance::avoid ? avoid : open).push_back(r.workload);
    }
    for (const auto& [first, where] : even) parts.push_back(fmt::format("can't be told from {} in throughput for {}", first, join_and(where)));
    if (!care.empty()) parts.push_back("ranks behind for " + join_and(care));
    if (!avoid.empty()) parts.push_back("is to be avoided for " + join_and(avoid));
    if (!open.empty()) parts.push_back("is not decided for " + join_and(open));
    if (!named && !parts.empty()) texts.push_back(fmt::format("{} {}", who, join_and(parts)));
  }
  return texts.empty() || texts.size() == c.candidates().size() ? "" : fmt::format("Of the others, {}.", fmt::join(texts, "; "));
}

/// "In chat the gain shrinks with load: ...".
std::string of_workload(std::string line, const std::string& workload) {
  if (workload.empty()) return line;
  line[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(line[0])));
  return fmt::format("In {} {}", workload, line);
}

std::vector<Line> lines_of(Composer& c) {
  const std::string lead = leading_candidate(c.data, c.findings);
  const auto& workloads = c.findings.workloads;
  std::vector<Line> lines{{0, Want::must, answer(c)}};
  const auto add = [&](int paragraph, Want want, std::string text) {
    if (!text.empty()) lines.push_back({paragraph, want, std::move(text)});
  };
  add(0, Want::should, not_named(c));
  add(0, Want::must, "Three things count.");
  add(0, Want::must, memory_line(c, lead));
  const bool others = std::ranges::any_of(workloads, [&](const WorkloadComparison& w) { return named_or(c, w, lead) != lead; });
  add(0, Want::must, lead.empty() ? "Second, speed: there was no candidate to measure." : fmt::format("Second, speed, here that of {}{}.", lead, others ? " where no other is named" : ""));
  const auto with_lines = with_speed_lines(c, lead);
  for (const WorkloadComparison* w : with_lines) add(0, others || w == with_lines.front() ? Want::must : Want::should, speed_line(c, *w, lead));
  for (std::string& text : speeds_of_others(c, lead, with_lines)) add(0, Want::should, std::move(text));
  if (!workloads.empty()) add(0, Want::must, latency_line(c, workloads.front(), lead));
  WithLoad how = WithLoad::unknown;   // the first workload that can tell
  std::string which;
  for (const WorkloadComparison& w : workloads)
    if (how == WithLoad::unknown) how = with_load(w, named_or(c, w, lead)), which = others ? fmt::format("{} with {}", w.workload.name, named_or(c, w, lead)) : w.workload.name;
  if (!workloads.empty()) add(1, Want::must, of_workload(load_line(how), how == WithLoad::unknown || workloads.size() < 2 ? "" : which));
  if (gains_less_with_load(how)) add(1, Want::may, "Few requests usually wait for weights to be read, where fewer bytes help, and with many the pace is set by arithmetic, prompts or the server's own work.");
  const MemoryRow* memory = memory_of(c.findings, lead);
  add(1, Want::must, memory && memory->weights_saving && *memory->weights_saving.value <= 0
                         ? "Quantizing is a clear win where memory decides, which it can't here: these weights take no less."
                         : "Quantizing is a clear win where memory decides: the model does not fit, contexts are cut short, or a smaller card would do.");
  add(1, Want::must, caution_line(how));
  add(1, Want::spare, "A smaller file is not a faster server by itself: the kernels that read it decide, and they differ from one device to the next.");
  add(2, Want::must, quality_line(c, lead));
  auto changes = changes_of_others(c, lead);
  add(2, Want::must, change_line(c, lead, !changes.empty()));
  for (std::string& text : changes) add(2, Want::must, std::move(text));
  add(2, Want::spare, "So keep a test of your own task, run it on both models, and count the answers that turn from right to wrong.");
  for (ClosingLine& each : closing_money(c, lead, 3)) lines.push_back(std::move(each));
  if (c.device == Device::cpu) add(3, Want::must, "And these are figures of a CPU: repeat the study on your GPU before you decide.");
  add(3, Want::spare, "Whatever you choose, choose it for each workload on its own, from its own figures, and keep the study file so that the next model is held to the same test.");
  return lines;
}

}  // namespace

std::vector<std::string> closing_paragraphs(Composer& c) { return fitted_paragraphs(lines_of(c)); }

}  // namespace qc
