// What is unlike in the answers of two servers, and so in what is counted of them.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "core/text.h"
#include "judge/advise/parts.h"

namespace qc {
namespace {

struct Lengths { int shortest = 0, longest = 0; };

/// By variant, in the study's order; of cells where a server ended an answer by itself.
std::vector<std::pair<std::string, Lengths>> lengths_of(const WorkloadComparison& w) {
  std::vector<std::pair<std::string, Lengths>> all;
  const auto add = [&](const CellFigures& cell) {
    if (!cell.ended_by_model || !cell.shortest_output || !cell.longest_output) return;
    auto at = std::ranges::find(all, cell.variant, &std::pair<std::string, Lengths>::first);
    if (at == all.end()) at = all.insert(all.end(), {cell.variant, {*cell.shortest_output, *cell.longest_output}});
    at->second = {std::min(at->second.shortest, *cell.shortest_output), std::max(at->second.longest, *cell.longest_output)};
  };
  for (const PointComparison& p : w.points) {
    add(p.baseline);
    for (const Candidate& c : p.candidates) add(c.cell);
  }
  return all;
}

/// "In chat not every answer has the 16 tokens asked for (b: 4 to 12): ..."; empty where each has.
std::string of_lengths(const WorkloadComparison& w) {
  std::vector<std::string> off;
  for (const auto& [variant, n] : lengths_of(w))
    if (n.shortest != w.workload.max_tokens || n.longest != w.workload.max_tokens)
      off.push_back(n.shortest == n.longest ? fmt::format("{}: {}", variant, n.longest) : fmt::format("{}: {} to {}", variant, n.shortest, n.longest));
  if (off.empty()) return {};
  return fmt::format("In {} not every answer has the {} tokens asked for ({}), since a server ends them by itself: tokens a second are fewer where answers are shorter, for their first token takes as long, and how long an answer takes is that of its own length.",
                     w.workload.name, w.workload.max_tokens, fmt::join(off, "; "));
}

std::string of_usage(const StudyData& data) {
  std::vector<std::string> who;
  for (const Variant& v : data.study.variants)
    if (std::ranges::any_of(data.trials, [&](const TrialRecord& t) {
          return t.valid && t.variant == v.name && std::ranges::any_of(t.notes, [](const std::string& note) { return note.starts_with(kEventsCounted); });
        }))
      who.push_back(v.name);
  if (who.empty()) return {};
  return fmt::format("{} {} no usage, so events of answers are counted as tokens there, which they need not be: hold characters a second against tokens a second.", who.size() == 1 ? fmt::format("The server of {}", who.front()) : fmt::format("The servers of {}", join_and(who)), who.size() == 1 ? "tells" : "tell");
}

/// "Quality prompts without an answer: cand 6 of 12 (http_5xx: HTTP 500); ...".
std::string of_missing(const StudyData& data) {
  std::vector<std::string> parts;
  for (const Variant& v : data.study.variants)
    for (const int run : {0, 1}) {
      std::vector<const Answer*> all, missing;
      for (const Answer& a : data.answers)
        if (a.variant == v.name && a.run == run) all.push_back(&a);
      std::ranges::copy_if(all, std::back_inserter(missing), [](const Answer* a) { return !a->failure.empty(); });
      if (!missing.empty()) parts.push_back(fmt::format("{}{} {} of {} ({})", v.name, run ? " again (A/A)" : "", missing.size(), all.size(), missing.front()->failure.substr(0, 80)));
    }
  return parts.empty() ? "" : fmt::format("Quality prompts without an answer, in two askings: {}. They are not graded.", fmt::join(parts, "; "));
}

}  // namespace

std::vector<std::string> answer_caveats(const StudyData& data, const std::vector<WorkloadComparison>& workloads) {
  std::vector<std::string> out;
  if (!data.imported.empty()) return out;
  for (const WorkloadComparison& w : workloads)
    if (std::string text = of_lengths(w); !text.empty()) out.push_back(std::move(text));
  if (std::string text = of_missing(data); !text.empty()) out.push_back(std::move(text));
  if (std::string text = of_usage(data); !text.empty()) out.push_back(std::move(text));
  return out;
}

}  // namespace qc
