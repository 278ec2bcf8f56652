#include "exchange/read/assemble.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "core/text.h"
#include "exchange/read/study_text.h"
#include "record/rates.h"

namespace qc {
namespace {

using Cell = std::tuple<std::string, std::string, int, bool>;   // variant, workload, concurrency, repeat

Cell cell_of(const ReadRun& run) { return {run.variant, run.workload, *run.concurrency, run.repeat}; }

std::string words_of(const ReadRun& run) { return fmt::format("{} of {} at concurrency {}{}", run.workload, run.variant, *run.concurrency, run.repeat ? " (A/A)" : ""); }

/// Only closed loops have an operating point.
Status keep_points(std::vector<ReadRun>& runs, std::vector<std::string>& left_out) {
  for (const ReadRun& run : runs) {
    if (run.concurrency) continue;
    if (!run.rate)
      return fail(Fault::usage, fmt::format("{}: it does not tell its concurrency; give --map a JSON file with {{\"concurrency\": N}}", run.file));
    left_out.push_back(fmt::format("{}: an open loop at {:g} requests a second; operating points are compared by concurrency", run.file, *run.rate));
  }
  std::erase_if(runs, [](const ReadRun& run) { return !run.concurrency; });
  if (!runs.empty()) return ok();
  return fail(Fault::usage, fmt::format("nothing is left to import: {}. Measure closed loops (vllm: --max-concurrency N --request-rate inf), or give --map a JSON file with {{\"concurrency\": N}}",
                                        left_out.empty() ? "no run" : left_out.front()));
}

/// In a cell where not every run tells its block, none does: they are numbered in their order.
Status number_blocks(std::vector<ReadRun>& runs, std::vector<bool>& told) {
  std::map<Cell, bool> all_told;
  for (const ReadRun& run : runs) {
    const auto [at, first] = all_told.emplace(cell_of(run), true);
    at->second &= run.block.has_value();
  }
  std::map<Cell, int> next;
  std::set<std::pair<Cell, int>> taken;
  for (ReadRun& run : runs) {
    const Cell cell = cell_of(run);
    told.push_back(all_told[cell]);
    if (!all_told[cell]) run.block = next[cell]++;
    else if (run.invalid_because.empty() && !taken.emplace(cell, *run.block).second)   // an invalid visit stands beside the one that repeats it
      return fail(Fault::usage, fmt::format("{}: block {} of {} is there twice", run.file, *run.block, words_of(run)));
  }
  return ok();
}

Instant end_of(const RequestRecord& r) { return r.done.value_or(r.last.value_or(r.sent)); }

/// A run without requests lies at the origin of an axis of its own, as long as its file says.
void put_times(TrialRecord& t, const ReadRun& run) {
  const double duration = run.figures.contains("duration_s") ? run.figures.at("duration_s") : 0;
  t.ended = t.steady_end = {static_cast<std::int64_t>(duration * 1e9)};
  if (run.requests.empty()) return;
  const auto by_sent = [](const RequestRecord& r) { return r.sent; };
  t.started = t.steady_start = std::ranges::min_element(run.requests, {}, by_sent)->sent;
  t.ended = t.steady_end = end_of(*std::ranges::max_element(run.requests, {}, end_of));
  if (std::ranges::any_of(run.requests, [](const RequestRecord& r) { return !r.events.empty(); }))
    std::tie(t.steady_start, t.steady_end) = run.steady.value_or(steady_window(run.requests, t.concurrency));
}

AssembledTrial trial_of(ReadRun& run, int id, int position) {
  AssembledTrial out;
  TrialRecord& t = out.trial;
  t.id = id, t.variant = run.variant, t.workload = run.workload, t.concurrency = *run.concurrency, t.max_tokens = run.max_tokens.value_or(0);
  t.block = *run.block, t.position = position, t.repeat = run.repeat, t.rate = run.rate;
  t.valid = run.invalid_because.empty(), t.invalid_because = run.invalid_because;
  put_times(t, run);
  out.requests = std::move(run.requests);
  for (RequestRecord& r : out.requests) r.trial_id = id;
  return out;
}

/// The first file that says anything of a variant's model speaks for it.
void put_facts(const ReadRun& run, std::vector<VariantFacts>& facts) {
  if (run.facts.server.empty() && run.facts.method.empty()) return;
  if (std::ranges::find(facts, run.variant, &VariantFacts::variant) != facts.end()) return;
  facts.push_back(run.facts);
  facts.back().variant = run.variant;
}

}  // namespace

Result<ImportedStudy> assemble(std::vector<ReadRun> runs, const ImportSpec& spec) {
  ImportedStudy out;
  if (auto s = keep_points(runs, out.left_out); !s) return fail(s.error());
  std::vector<bool> told;
  if (auto s = number_blocks(runs, told); !s) return fail(s.error());
  auto text = study_text(runs, spec);
  if (!text) return fail(text.error());
  out.text = std::move(*text);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const int id = static_cast<int>(i) + 1;
    put_facts(runs[i], out.facts);
    out.imported.push_back({id, runs[i].file, runs[i].tool, told[i], runs[i].figures, runs[i].notes});
    const int requests = static_cast<int>(runs[i].requests.size());
    out.trials.push_back(trial_of(runs[i], id, static_cast<int>(i)));
    const TrialRecord& t = out.trials.back().trial;
    out.plan.push_back({id, t.variant, t.workload, t.concurrency, t.max_tokens, requests, 0, t.block, t.position, t.repeat});
  }
  return out;
}

std::vector<ReadRun> runs_of(const StudyData& data) {
  std::vector<ReadRun> runs;
  for (const ImportedRun& each : data.imported) {
    const auto t = std::ranges::find(data.trials, each.trial_id, &TrialRecord::id);
    if (t == data.trials.end()) continue;
    ReadRun run;
    run.file = each.file, run.tool = each.tool, run.notes = each.notes, run.figures = each.figures;
    run.variant = t->variant, run.workload = t->workload, run.concurrency = t->concurrency, run.rate = t->rate, run.repeat = t->repeat, run.invalid_because = t->invalid_because;
    if (t->max_tokens > 0) run.max_tokens = t->max_tokens;
    if (each.block_told) run.block = t->block;
    for (const RequestRecord& r : data.requests)
      if (r.trial_id == t->id) run.requests.push_back(r);
    run.steady = std::pair(t->steady_start, t->steady_end);
    const auto facts = std::ranges::find(data.variants, t->variant, &VariantFacts::variant);
    if (facts != data.variants.end()) run.facts = *facts;
    const auto variant = std::ranges::find(data.study.variants, t->variant, &Variant::name);
    if (variant != data.study.variants.end()) run.model = variant->model;
    runs.push_back(std::move(run));
  }
  return runs;
}

}  // namespace qc
