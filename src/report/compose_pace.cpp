// Why a format gains what it gains: what a decode step reads, how long it takes, and how near the card's memory that comes.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "core/text.h"
#include "report/compose_sections.h"
#include "report/ranking.h"

namespace qc {
namespace {

struct PaceFigure { std::string_view head, column; Unit unit; Measured PaceRow::*figure; };
constexpr PaceFigure kFigures[] = {
    {"Read a step, at most (GiB)", "step_bytes", Unit::gib, &PaceRow::step_bytes},
    {"Step, median TPOT (ms)", "step_ms", Unit::fine_ms, &PaceRow::step_ms},
    {"Read (GB/s)", "step_bytes_s", Unit::gb_s, &PaceRow::traffic},
    {"Of the memory's bandwidth", "of_card_bandwidth_pct", Unit::share_pct, &PaceRow::of_card},
    {"Until the first token, of a request", "first_token_share_pct", Unit::share_pct, &PaceRow::first_token_share},
};
constexpr const PaceFigure &kBytes = kFigures[0], &kStep = kFigures[1], &kTraffic = kFigures[2], &kOfCard = kFigures[3], &kFirst = kFigures[4];

using Rows = std::vector<const PaceRow*>;

FigureName name_of_pace(const PaceRow& row, std::string_view column) { return {row.workload, row_of(row.concurrency), row.variant + "." + std::string(column)}; }

std::string said(Composer& c, const PaceRow& row, const PaceFigure& figure) { return c.log.text(name_of_pace(row, figure.column), figure.unit, row.*(figure.figure)); }

/// What sets the pace, by the share of the card's bandwidth that a step comes to. The first that holds.
struct ShareLimit { double at_least; std::string_view words; };
constexpr ShareLimit kLimits[] = {
    {0.6, "reading memory sets its pace"},
    {0.3, "reading memory is a part of what sets its pace"},
    {0.0, "memory is far from its limit, so computing or overhead sets its pace"},
};
constexpr double kPromptsShare = 0.2;   // of a request's time: then the prompts of others may stretch the gaps between tokens too
constexpr std::size_t kTold = 2;        // candidates whose changes a sentence tells
constexpr double kFarBelow = 0.75;      // of the baseline's share: the same memory, less well used

std::string_view limit_of(const PaceRow& row) {
  if (row.concurrency > 1 && row.first_token_share.value.value_or(0) >= kPromptsShare) return "the prompts of other requests may stretch it, so it says little of what sets the pace";
  return std::ranges::find_if(kLimits, [&](const ShareLimit& l) { return *row.of_card.value >= l.at_least; })->words;
}

bool whole(const PaceRow& row) { return row.traffic && *row.step_ms.value > 0 && *row.step_bytes.value > 0; }

const PaceRow* row_at(const Rows& rows, const std::string& variant, int concurrency) {
  const auto at = std::ranges::find_if(rows, [&](const PaceRow* r) { return r->concurrency == concurrency && r->variant == variant; });
  return at == rows.end() || !whole(**at) ? nullptr : *at;
}

std::string baseline_sentence(Composer& c, const PaceRow& row) {
  std::string text = fmt::format("At concurrency {} a step of {} reads at most {} in {}, {}", row.concurrency, row.variant, said(c, row, kBytes), said(c, row, kStep), said(c, row, kTraffic));
  if (row.of_card) return text + fmt::format(" or {} of the card's memory bandwidth: {}.", said(c, row, kOfCard), limit_of(row));
  return text + ".";
}

/// The report calls the throughput of this model and load different from the baseline's.
bool told_apart(const Composer& c, const PaceRow& row) {
  const WorkloadComparison* w = comparison_of(c.findings, row.workload);
  if (!w) return false;
  const auto point = std::ranges::find(w->points, row.concurrency, &PointComparison::concurrency);
  return point != w->points.end() && std::ranges::any_of(point->candidates, [&](const Candidate& x) { return x.cell.variant == row.variant && is_told_apart(x.tok_s.verdict); });
}

/// "fp8 reads 43.0 % less, and its step is 32.8 % shorter": two changes against the baseline's row.
std::string change_words(Composer& c, const PaceRow& base, const PaceRow& row) {
  const auto less = [&](const PaceFigure& figure, std::string_view column) {
    return std::pair(*(row.*(figure.figure)).value / *(base.*(figure.figure)).value - 1, name_of_pace(row, column));
  };
  const auto [bytes, bytes_name] = less(kBytes, "step_bytes_change_pct");
  const auto [step, step_name] = less(kStep, "step_change_pct");
  const std::string size = c.log.magnitude(step_name, Unit::delta_pct, measured(step));
  const std::string reads = fmt::format("{} reads {} {}", row.variant, c.log.magnitude(bytes_name, Unit::delta_pct, measured(bytes)), bytes < 0 ? "less" : "more");
  if (!told_apart(c, row)) return fmt::format("{}; its step is {} {} by the medians, but its throughput can't be told from {}'s there", reads, size, step < 0 ? "shorter" : "longer", c.base());
  return fmt::format("{}, and its step is {} {}", reads, size, step < 0 ? "shorter" : "longer");
}

std::string changes_sentence(Composer& c, const Rows& rows, int concurrency) {
  const PaceRow* base = row_at(rows, c.base(), concurrency);
  std::vector<std::string> changes, behind;
  std::vector<const PaceRow*> known;
  for (const std::string& candidate : c.candidates())
    if (const PaceRow* row = row_at(rows, candidate, concurrency); base && row) known.push_back(row);
  const auto by_bytes = [](const PaceRow* row) { return *row->step_bytes.value; };
  if (known.size() > kTold) known = {std::ranges::max(known, {}, by_bytes), std::ranges::min(known, {}, by_bytes)};   // the table has the others
  for (const PaceRow* row : known) {
    changes.push_back(change_words(c, *base, *row));
    if (row->of_card && base->of_card && *row->of_card.value < kFarBelow * *base->of_card.value) behind.push_back(fmt::format("{} ({})", row->variant, said(c, *row, kOfCard)));
  }
  if (changes.empty()) return "";
  const std::string why = behind.empty() ? "" : fmt::format("; of the bandwidth {} {} far less, so there something other than the bytes holds the step back", join_and(behind), behind.size() == 1 ? "uses" : "use");
  return fmt::format("By that bound {}{}.", fmt::join(changes, "; "), why);
}

std::string pace_finding(Composer& c, const Rows& rows) {
  const auto [lowest, highest] = std::ranges::minmax(rows, {}, &PaceRow::concurrency);
  std::vector<std::string> sentences;
  for (const int concurrency : std::set{lowest->concurrency, highest->concurrency})
    if (const PaceRow* base = row_at(rows, c.base(), concurrency)) sentences.push_back(baseline_sentence(c, *base));
  sentences.push_back(changes_sentence(c, rows, highest->concurrency));
  std::erase(sentences, "");
  return sentences.empty() ? "What a step reads is not known here; the notes say why. So what sets the pace can't be told." : fmt::format("{}", fmt::join(sentences, " "));
}

/// "fp8: `CutlassFP8...`; awq: ..."; empty where no server names one.
std::string kernels(const Rows& rows) {
  std::vector<std::string> words;
  for (const PaceRow* row : rows)
    if (row->concurrency == rows.front()->concurrency && !row->kernel.empty()) words.push_back(fmt::format("{}: `{}`", row->variant, one_line(row->kernel, 160)));
  return words.empty() ? "" : fmt::format(" Kernels of the quantized weights, by the servers' logs: {}.", fmt::join(words, "; "));
}

}  // namespace

void add_pace(Composer& c, const WorkloadComparison& w, std::vector<Block>& blocks) {
  Rows rows;
  for (const PaceRow& row : c.findings.pace)
    if (row.workload == w.workload.name) rows.push_back(&row);
  if (rows.empty()) return;
  Notes notes;
  Table t = table("Why: what a decode step reads from memory", {"Config", "Model"});
  for (const PaceFigure& figure : kFigures) add_head(t, "#" + std::string(figure.head));
  for (const PaceRow* row : rows) {
    std::vector<std::string> cells{row_of(row->concurrency), row->variant};
    for (const PaceFigure& figure : kFigures) cells.push_back(cell(c, notes, name_of_pace(*row, figure.column), figure.unit, row->*(figure.figure)));
    t.rows.push_back(std::move(cells));
  }
  blocks.push_back(std::move(t));
  notes.foot(blocks);
  blocks.push_back(finding(pace_finding(c, rows)));
  blocks.push_back(Paragraph{fmt::format("A step gives every request at once its next token. At most it reads the weights in {}, once, and the keys and values of all requests at their mean length (of an input embedding among the "
                             "weights it needs a few rows only); what else it moves is not counted, what other requests' prompts take in between is in its time{}.", c.device == Device::cpu ? "memory (of what the engine repacked for itself one copy)" : "the card's memory",
                                         c.device == Device::cpu ? "" : ", and the bandwidth is the data sheet's") + kernels(rows)});
}

}  // namespace qc
