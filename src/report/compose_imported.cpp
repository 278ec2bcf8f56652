#include "report/compose_imported.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/secrets.h"
#include "core/text.h"
#include "report/compose_sections.h"

namespace qc {
namespace {

const TrialRecord* trial_of(const Composer& c, const ImportedRun& run) {
  const auto t = std::ranges::find(c.data.trials, run.trial_id, &TrialRecord::id);
  return t == c.data.trials.end() ? nullptr : &*t;
}

/// One row of the origins: a file's runs of one variant under one workload.
struct Origin { std::set<int> points; int runs = 0; long long requests = 0; };
using Key = std::tuple<std::string, std::string, std::string, std::string>;   // file, tool, variant, workload

std::vector<std::pair<Key, Origin>> origins(const Composer& c) {
  std::map<int, long long> requests;
  for (const RequestRecord& r : c.data.requests) ++requests[r.trial_id];
  std::vector<std::pair<Key, Origin>> all;
  for (const ImportedRun& run : c.data.imported) {
    const TrialRecord* t = trial_of(c, run);
    if (!t) continue;
    const Key key{run.file, run.tool, t->variant, t->workload};
    auto at = std::ranges::find(all, key, [](const auto& o) { return o.first; });
    if (at == all.end()) at = all.insert(all.end(), {key, {}});
    at->second.points.insert(t->concurrency), ++at->second.runs, at->second.requests += requests[t->id];
  }
  return all;
}

void add_definitions(const Composer& c, std::vector<Block>& blocks) {
  blocks.push_back(Heading{"Definitions"});
  std::set<std::string> said;
  List list;
  for (const ImportedRun& run : c.data.imported)
    for (const std::string& note : run.notes)
      if (said.insert(run.tool + note).second) list.items.push_back(fmt::format("**{}**: {}", run.tool, sentence(one_line(note, 400))));
  list.items.push_back("**tok/s**: where a file carries the instants of tokens, those of the steady window (all slots busy) over its length, as if measured here; else the file's own rate. A cell is the mean of its runs.");
  list.items.push_back("**Percentiles**: where a file carries requests, exact and pooled over them; else the mean of the runs' own figures, without an interval. **TPOT**: (last - first token) / (output tokens - 1).");
  list.items.push_back("**Delta%**: candidate / baseline - 1. It has an interval, and so a verdict, only where the files say which runs were one block (a column or key `block`), since runs of different hours can't be paired.");
  list.items.push_back("**Saving**: 1 - candidate / baseline of $/1M output tokens.");
  blocks.push_back(std::move(list));
}

}  // namespace

std::string tools_of(const Composer& c) {
  std::vector<std::string> tools;
  for (const ImportedRun& run : c.data.imported)
    if (std::ranges::find(tools, run.tool) == tools.end()) tools.push_back(run.tool);
  return join_and(tools);
}

std::string imported_note(const Composer& c) {
  return fmt::format("These figures were measured elsewhere and imported ({}). Whether anything but the weights differed between the models, and whether they took turns on a quiet machine, can't be checked here.", tools_of(c));
}

void add_origins(Composer& c, std::vector<Block>& blocks) {
  Table t = table("Where the figures are from", {"File", "Tool", "Model", "Workload", "#Concurrency", "#Runs", "#Requests that came along"});
  bool some = false, all = true;
  for (const auto& [key, origin] : origins(c)) {
    const auto& [file, tool, variant, workload] = key;
    t.rows.push_back({"`" + one_line(file, 160) + "`", tool, variant, workload, fmt::format("{}", fmt::join(origin.points, ", ")), std::to_string(origin.runs), std::to_string(origin.requests)});
    some |= origin.requests > 0, all &= origin.requests > 0;
  }
  blocks.push_back(std::move(t));
  blocks.push_back(finding(all    ? "Every file carries its requests, so percentiles and their intervals are computed here."
                           : some ? "Some files carry their requests; where a file does not, its own figures are taken as they are, and percentiles have no interval."
                                  : "The files carry figures and no requests: they are taken as they are, and no percentile has an interval."));
}

std::string length_words(const Composer& c, const Workload& workload) {
  const bool told = !is_imported(c) || std::ranges::any_of(c.data.trials, [&](const TrialRecord& t) { return t.workload == workload.name && t.max_tokens > 0; });
  return told ? fmt::format(", {} output tokens a request", workload.max_tokens) : std::string();
}

bool has_requests(const Composer& c, const Workload& workload) {
  const auto in = [&](int trial) { return std::ranges::any_of(c.data.trials, [&](const TrialRecord& t) { return t.id == trial && t.workload == workload.name; }); };
  return std::ranges::any_of(c.data.requests, [&](const RequestRecord& r) { return in(r.trial_id); });
}

std::string imported_intro(Composer& c, const WorkloadComparison& w) {
  int runs = 0;
  for (const TrialRecord& t : c.data.trials) runs += t.workload == w.workload.name;
  std::string text = fmt::format("Measured elsewhere: {} at {}{}; which prompts were sent, the files do not say.", counted(runs, "run"), concurrencies(w.workload.concurrency), length_words(c, w.workload));
  if (w.workload.p95_budget_ms) text += fmt::format(" The p95 budget is {} ms.", setting(*w.workload.p95_budget_ms));
  return text;
}

Section compose_imported_methodology(Composer& c) {
  Section section{"methodology", "Methodology and reproducibility", {}};
  auto& blocks = section.blocks;
  blocks.push_back(Paragraph{imported_note(c) + " How the load was made, and how the servers were started, is n/a: result files do not tell it."});
  blocks.push_back(Heading{"Commands"});
  for (const std::string& line : split(c.data.run.command, '\n'))
    if (!line.empty()) blocks.push_back(Code{without_secrets(line)});
  add_definitions(c, blocks);
  blocks.push_back(Heading{"Our own error"});
  blocks.push_back(Paragraph{"n/a: another client measured, and its files tell no error of its own (how late it sent, how late it read)."});
  add_what_happened(c, blocks);
  add_files(c, blocks);
  blocks.push_back(Heading{"How to measure it in pairs"});
  blocks.push_back(Paragraph{"With both servers running, this visits them in turn, block by block, and gives every difference its interval and a verdict:"});
  blocks.push_back(Code{"quantcase compare --baseline URL --candidate URL"});
  return section;
}

}  // namespace qc
