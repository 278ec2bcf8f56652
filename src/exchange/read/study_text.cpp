#include "exchange/read/study_text.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "core/json.h"
#include "core/text.h"

namespace qc {
namespace {

std::vector<std::string> in_order(const std::vector<ReadRun>& runs, std::string ReadRun::*member) {
  std::vector<std::string> names;
  for (const ReadRun& run : runs)
    if (std::ranges::find(names, run.*member) == names.end()) names.push_back(run.*member);
  return names;
}

Result<std::string> baseline_of(const std::vector<std::string>& variants, const ImportSpec& spec) {
  const auto has = [&](const std::string& name) { return std::ranges::find(variants, name) != variants.end(); };
  if (!spec.baseline.empty() && !has(spec.baseline)) {
    const auto meant = nearest(spec.baseline, variants);
    return fail(Fault::usage, fmt::format("--baseline {}: the files hold {}{}", spec.baseline, join_and(variants), meant ? fmt::format("; did you mean {}?", *meant) : ""));
  }
  if (!spec.baseline.empty()) return spec.baseline;
  if (spec.before && has(spec.before->baseline().name)) return spec.before->baseline().name;
  return variants.front();
}

std::string head(const std::vector<ReadRun>& runs, const std::vector<std::string>& variants, const std::string& baseline, const ImportSpec& spec) {
  int blocks = 1;
  bool repeats = false;
  for (const ReadRun& run : runs) blocks = std::max(blocks, run.block.value_or(0) + 1), repeats |= run.repeat;
  std::vector<std::string> candidates;
  std::ranges::copy_if(variants, std::back_inserter(candidates), [&](const std::string& v) { return v != baseline; });
  const std::string title = candidates.empty() ? fmt::format("{}, measured elsewhere", baseline) : fmt::format("{} against {}, measured elsewhere", join_and(candidates), baseline);
  const bool own_title = spec.before && spec.before->title.find("measured elsewhere") == std::string::npos;
  return fmt::format("# Written by `quantcase import`: what was measured elsewhere, as a study. It can't be run.\n[study]\nname = {}\ntitle = {}\nblocks = {}\naa = \"{}\"\n", json_string(spec.name),
                     json_string(own_title ? spec.before->title : title), blocks, repeats ? "middle" : "none") +
         (spec.before ? fmt::format("min_effect = {}\n", spec.before->min_effect) : "");
}

std::string hardware(const Hardware& h) {
  std::string text = "\n[hardware]\n";
  if (!h.provider.empty()) text += "provider = " + json_string(h.provider) + "\n";
  if (h.name) text += "name = " + json_string(*h.name) + "\n";
  if (h.hourly_usd) text += fmt::format("hourly_usd = {}\n", *h.hourly_usd);
  if (!h.price_note.empty()) text += "price_note = " + json_string(h.price_note) + "\n";
  return text + fmt::format("utilization = {}\n", h.utilization);
}

std::string variant(const std::string& name, const std::vector<ReadRun>& runs, bool baseline) {
  const auto run = std::ranges::find_if(runs, [&](const ReadRun& r) { return r.variant == name && !r.model.empty(); });
  return fmt::format("\n[[variant]]\nname = {}\n{}{}", json_string(name), run == runs.end() ? "" : "model = " + json_string(run->model) + "\n", baseline ? "baseline = true\n" : "");
}

/// The length that most runs asked for; 1 where none tells.
int usual_length(const std::vector<ReadRun>& runs, const std::string& workload) {
  std::map<int, int> seen;
  for (const ReadRun& run : runs)
    if (run.workload == workload && run.max_tokens && *run.max_tokens > 0) ++seen[*run.max_tokens];
  const auto most = std::ranges::max_element(seen, {}, [](const auto& s) { return s.second; });
  return most == seen.end() ? 1 : most->first;
}

std::string workload(const std::string& name, const std::vector<ReadRun>& runs, const ImportSpec& spec) {
  std::set<int> points;
  for (const ReadRun& run : runs)
    if (run.workload == name) points.insert(*run.concurrency);
  std::string text = fmt::format("\n[[workload]]\nname = {}\nprompts = \"./not-known.jsonl\"   # which prompts were sent, the files do not say\nconcurrency = [{}]\nwarmup = 0\nmax_tokens = {}\n",
                                 json_string(name), fmt::join(points, ", "), usual_length(runs, name));
  if (!spec.before) return text;
  const auto before = std::ranges::find(spec.before->workloads, name, &Workload::name);
  if (before != spec.before->workloads.end() && before->p95_budget_ms) text += fmt::format("p95_budget_ms = {}\n", *before->p95_budget_ms);
  return text;
}

}  // namespace

Result<std::string> study_text(const std::vector<ReadRun>& runs, const ImportSpec& spec) {
  const auto variants = in_order(runs, &ReadRun::variant);
  const auto baseline = baseline_of(variants, spec);
  if (!baseline) return fail(baseline.error());
  std::string text = head(runs, variants, *baseline, spec);
  if (spec.before) text += hardware(spec.before->hardware);
  text += "\n[engine]\nkind = \"openai\"\n";
  for (const std::string& name : variants) text += variant(name, runs, name == *baseline);
  for (const std::string& name : in_order(runs, &ReadRun::workload)) text += workload(name, runs, spec);
  return text + "\n[quality]\nspot = []\ndivergence_chunks = 0\n";
}

}  // namespace qc
