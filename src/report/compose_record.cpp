// Parts of section 8: our own error, everything that happened, the files.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "core/text.h"
#include "report/compose_sections.h"
#include "report/file_names.h"

namespace qc {
namespace {

Measured worst(const StudyData& data, std::optional<double> TrialRecord::*member, const std::string& why) {
  std::optional<double> largest;
  for (const TrialRecord& t : data.trials)
    if (t.*member) largest = std::max(largest.value_or(0), *(t.*member));
  return measured(largest, why);
}

/// The share of text events that the kernel stamped.
Measured kernel_share(const StudyData& data) {
  long long kernel = 0, all = 0;
  for (const RequestRecord& r : data.requests)
    for (const Event& e : r.events) {
      ++all;
      kernel += e.stamp == Stamp::kernel;
    }
  return measured(all ? std::optional(static_cast<double>(kernel) / static_cast<double>(all)) : std::nullopt, "no event is stored");
}

std::string lag_words(const Measured& kernel) {
  if (!kernel) return "No event is stored, so nothing can be said about its stamps.";
  return *kernel.value >= 1 ? "Every event carries the kernel's stamp, so a lag of our own reads distorts no latency."
                            : "Where an event carries our own clock, the read lag is part of its latency.";
}

std::string wall_words(Composer& c) {
  const RunInfo& run = c.data.run;
  if (run.study_wall_s <= 0) return " How long the study took is not stored.";
  return fmt::format(" The study took {}.", c.log.text({"study", "all", "wall_min"}, Unit::minutes, run.study_wall_s / 60));
}

std::string failures_of(Composer& c, const FigureName& name, const CellFigures& cell) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < cell.failures.size(); ++i) {
    if (cell.failures[i] == 0) continue;
    const FigureName kind{name.section, name.row, fmt::format("{}.{}", name.column, kFailureNames[i])};
    words.push_back(fmt::format("{} {}", c.log.number(kind, Unit::count, cell.failures[i]), kFailureNames[i]));
  }
  return join_and(words);
}

void add_failure_row(Composer& c, Table& t, const WorkloadComparison& w, const PointComparison& p, const CellFigures& cell) {
  if (cell.requests_failed + cell.failed_left_out == 0) return;
  const std::string who = cell.repeat ? aa_name(cell.variant) : cell.variant;
  const FigureName all = name_of(w, p.concurrency, who, "requests_failed_in_all"), left_out = name_of(w, p.concurrency, who, "requests_failed_left_out");
  const std::string kinds = failures_of(c, name_of(w, p.concurrency, who, "requests_failed"), cell);
  t.rows.push_back({w.workload.name, cell.repeat ? cell.variant + " again (A/A)" : cell.variant, row_of(p.concurrency),
                    c.log.number(all, Unit::count, cell.requests_failed + cell.failed_left_out), c.log.number(left_out, Unit::count, cell.failed_left_out), kinds.empty() ? "n/a: the kind is not stored" : kinds});
}

void add_failures(Composer& c, std::vector<Block>& blocks) {
  Table t = table("Failed requests by kind", {"Workload", "Model", "Config", "#Failed", "#Of them in visits that do not count", "Kinds"});
  for (const WorkloadComparison& w : c.findings.workloads)
    for (const PointComparison& p : w.points) {
      add_failure_row(c, t, w, p, p.baseline);
      for (const Candidate& candidate : p.candidates) add_failure_row(c, t, w, p, candidate.cell);
      if (p.aa) add_failure_row(c, t, w, p, p.aa->cell);
    }
  if (t.rows.empty()) {
    const bool told = std::ranges::all_of(c.findings.workloads, [](const WorkloadComparison& w) { return std::ranges::all_of(w.points, [](const PointComparison& p) { return p.baseline.requests_told; }); });
    const long long missing = c.findings.prompts_unanswered;
    blocks.push_back(Paragraph{told && missing ? std::string("Under load no request failed. Of the quality prompts some got no answer: the list at the end of this section says how many of each model, and why.") : told ? "No request failed." : "Failed requests: n/a, the imported files do not tell whether any failed."});
    return;
  }
  blocks.push_back(std::move(t));
  blocks.push_back(finding("A failed request is in no latency figure. Where requests failed with one model and not with another, that visit was repeated or left out; where they failed with every model, it counts (its second attempt, where a server ends before the others are seen), unless none was answered."));
}

void add_invalid(const Composer& c, std::vector<Block>& blocks) {
  Table t = table("Visits that do not count", {"Visit", "Workload", "Model", "Config", "#Block", "Because"});
  for (const TrialRecord& trial : c.data.trials) {
    if (trial.valid) continue;
    t.rows.push_back({fmt::format("{}{}", planned_id(trial), trial.attempt > 0 ? ", second attempt" : ""), trial.workload, trial.repeat ? trial.variant + " again (A/A)" : trial.variant,
                      row_of(trial.concurrency), std::to_string(trial.block + 1), one_line(trial.invalid_because.empty() ? "n/a: no reason is stored" : trial.invalid_because, 240)});
  }
  if (t.rows.empty()) {
    blocks.push_back(Paragraph{"Every stored visit is valid."});
    return;
  }
  blocks.push_back(std::move(t));
  blocks.push_back(finding("No figure of this report rests on these visits. They stay in the store, with their reason, for whoever wants to look."));
}

/// Notes of valid visits, alike but for their numbers: "no usage: events were counted as tokens: 8 of 8 requests".
void add_notes(const Composer& c, std::vector<Block>& blocks) {
  struct Noted { std::string model, workload, kind, first; int visits = 0; };
  std::vector<Noted> all;
  for (const TrialRecord& t : c.data.trials)
    for (const std::string& note : t.valid ? t.notes : std::vector<std::string>{}) {
      const std::string kind = note.substr(0, note.find_first_of("0123456789"));
      auto at = std::ranges::find_if(all, [&](const Noted& n) { return n.model == t.variant && n.workload == t.workload && n.kind == kind; });
      if (at == all.end()) at = all.insert(all.end(), {t.variant, t.workload, kind, note});
      ++at->visits;
    }
  if (all.empty()) return;
  Table t = table("What was noted of the servers' answers", {"Workload", "Model", "#Visits", "Note, as it was first"});
  for (const Noted& n : all) t.rows.push_back({n.workload, n.model, std::to_string(n.visits), one_line(n.first, 240)});
  blocks.push_back(std::move(t));
  blocks.push_back(finding("None of these makes a visit invalid. Where a model's answers are counted in another way than the baseline's, the list at the end of this section says so."));
}

bool is_routine(const StudyEvent& e) { return e.kind == "started" || e.kind == "finished" || e.kind == "note" || e.kind == "remark"; }

std::string course_finding(const Composer& c) {
  const auto odd = std::ranges::count_if(c.data.events, [](const StudyEvent& e) { return !is_routine(e); });
  const bool ended = std::ranges::any_of(c.data.events, [](const StudyEvent& e) { return e.kind == "finished"; });
  if (odd == 0 && !ended) return "**The study was cut off**: neither its end nor an interruption was written down, as when quantcase is killed or the machine goes down. At most the visit in hand is lost, and `quantcase run --resume` goes on.";
  const std::string course = odd == 0 ? std::string("The study ran through without an interruption, a repeat or the loss of a server.")
                                      : fmt::format("The study did not run straight through: {} of these events {} no routine.", odd, odd == 1 ? "is" : "are");
  const bool shortened = std::ranges::any_of(c.data.events, [](const StudyEvent& e) { return e.kind == "shortened"; });
  if (ended && shortened && c.findings.complete) return course + " It ended after the blocks that its time allowed.";
  return course + (!ended ? " It did not come to its planned end." : c.findings.complete ? " It came to its planned end." : " It ended with a part of what was planned left out.");
}

void add_events(const Composer& c, std::vector<Block>& blocks) {
  if (c.data.events.empty()) {
    blocks.push_back(Paragraph{"Course of the study: n/a, because no event is stored."});
    return;
  }
  Table t = table("Course of the study", {"Time (UTC)", "Event", "Text"});
  List remarks;
  for (const StudyEvent& e : c.data.events) {
    if (e.kind == "remark") {
      remarks.items.push_back(fmt::format("{}: {}", e.utc, one_line(e.text, 2000)));
      continue;
    }
    std::string kind = e.kind;
    std::ranges::replace(kind, '_', ' ');
    t.rows.push_back({e.utc, kind, e.text.empty() ? "no more is recorded" : one_line(replaced(e.text, "\n", " / "), 400)});
  }
  blocks.push_back(std::move(t));
  if (c.data.imported.empty()) blocks.push_back(finding(course_finding(c)));
  if (remarks.items.empty()) return;
  blocks.push_back(Paragraph{"Remarks that people added to this study:"});
  blocks.push_back(std::move(remarks));
}

}  // namespace

void add_own_error(Composer& c, std::vector<Block>& blocks) {
  blocks.push_back(Heading{"Our own error"});
  Notes notes;
  const auto name = [](std::string_view column) { return FigureName{"own", "all", std::string(column)}; };
  const Measured kernel = kernel_share(c.data);
  Table t = table("Our own measurement error", {"Figure", "#Value"});
  t.rows.push_back({"Send lateness p99 of the worst visit (us)",
                    cell(c, notes, name("send_lateness_p99_us"), Unit::us, worst(c.data, &TrialRecord::send_lateness_p99_us, "no visit recorded it"))});
  t.rows.push_back({"Read lag p99 of the worst visit (us)",
                    cell(c, notes, name("read_lag_p99_us"), Unit::us, worst(c.data, &TrialRecord::read_lag_p99_us, "no visit recorded it"))});
  t.rows.push_back({"Events stamped by the kernel", cell(c, notes, name("kernel_stamps_pct"), Unit::share_pct, kernel)});
  t.rows.push_back({"Scheduling of our sending and receiving thread", c.data.run.client_scheduling.empty() ? notes.na("not recorded") : one_line(c.data.run.client_scheduling, 80)});
  t.rows.push_back({"Our share of the study's wall time (all that is not the engine at work)",
                    cell(c, notes, name("share_of_wall_pct"), Unit::fine_pct,
                         measured(c.data.run.study_wall_s > 0 ? std::optional(c.findings.own_share_of_wall) : std::nullopt, "the wall time is not stored"))});
  t.rows.push_back({"Our CPU time against the engine's",
                    cell(c, notes, name("share_of_cpu_pct"), Unit::fine_pct, measured(c.findings.own_share_of_cpu, "the engine's CPU time can't be read from here"))});
  blocks.push_back(std::move(t));
  notes.foot(blocks);
  blocks.push_back(finding(lag_words(kernel) + wall_words(c)));
}

void add_what_happened(Composer& c, std::vector<Block>& blocks) {
  blocks.push_back(Heading{"What happened"});
  add_events(c, blocks);
  add_failures(c, blocks);
  add_notes(c, blocks);
  add_invalid(c, blocks);
  List caveats;
  for (const std::string& text : c.findings.caveats) caveats.items.push_back(c.opening(sentence(one_line(text, 600))));
  if (caveats.items.empty()) return;
  blocks.push_back(Paragraph{"To keep in mind:"});
  blocks.push_back(std::move(caveats));
}

void add_files(Composer& c, std::vector<Block>& blocks) {
  blocks.push_back(Heading{"Raw data"});
  Table t = table("Files beside this report", {"Path", "Holds"});
  t.rows.push_back({"`study.sqlite`", "every request and every event's instant; all else is made from it"});
  for (const WorkloadComparison& w : c.findings.workloads)
    for (const Variant& v : c.data.study.variants)
      t.rows.push_back({"`" + capacity_file(c.data, w.workload.name, v.name) + "`", fmt::format("{} with {}: a row for each operating point and block", w.workload.name, v.name)});
  t.rows.push_back({"`" + quality_file(c.data) + "`", "every quality answer with its grade"});
  t.rows.push_back({"`summary.json`", "the findings, for programs"});
  t.rows.push_back({"`manifest.json`", "versions, hashes, commands, environment"});
  t.rows.push_back({"`study.toml`", "the study as run"});
  t.rows.push_back({"`figures/`", "the pictures of this report as SVG"});
  for (const EngineStart& s : c.data.starts)
    if (!s.log_path.empty()) t.rows.push_back({"`logs/" + std::filesystem::path(s.log_path).filename().string() + "`", fmt::format("the whole log of the server of {}{}", s.variant, s.ended.empty() ? "" : " (" + one_line(s.ended, 80) + ")")});
  blocks.push_back(std::move(t));
  blocks.push_back(finding("Everything here was made from the one store, and can be made from it again. Its views are plain SQL: a spreadsheet or `sqlite3` recomputes each figure."));
}

}  // namespace qc
