// How sure the verdicts are: many comparisons at once, and studies that decided on their blocks while they ran.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/text.h"
#include "report/compose_sections.h"
#include "study/looks.h"

namespace qc {
namespace {

/// The counts as they are printed.
struct Counts { std::string judged, called, jointly; };

Counts counts_of(Composer& c, const Multiplicity& m) {
  const auto count = [&](const char* column, int n) { return c.log.number({"study", "all", column}, Unit::count, n); };
  std::string jointly = count("called_jointly", m.jointly);
  return {count("comparisons", m.judged), count("called_different", m.called), m.jointly == m.called && m.called > 1 ? "all" : std::move(jointly)};
}

std::string together(Composer& c) {
  const Multiplicity m = multiplicity_of(c.findings.workloads);
  if (m.judged == 0) return {};
  const auto [judged, called, jointly] = counts_of(c, m);
  const std::string each = fmt::format("**Many comparisons**: each of this study's {} Deltas that have a verdict is judged by itself, so that where nothing differs up to one in twenty is called different by chance.", judged);
  if (m.called == 0) return each + " None of them is.";
  return fmt::format("{} Of the {} called different, {} {} so also when all are judged together, the A/A control's among them (Holm's method: of studies in which nothing differs, at most one in twenty would then call anything different); `jointly` in summary.json says which.",
                     each, called, jointly, m.jointly == 1 ? "is" : "are");
}

/// "in throughput these are q4_0 in chat at concurrency 8 and 16"; a study of many candidates and loads has them in its summary.
std::string throughputs_that_stand(const Composer& c, bool one) {
  constexpr std::size_t kMost = 4;
  std::vector<std::string> words;
  std::size_t points = 0;
  for (const WorkloadComparison& w : c.findings.workloads)
    for (const std::string& variant : c.candidates()) {
      std::vector<int> where;
      for (const PointComparison& p : w.points)
        for (const Candidate& x : p.candidates)
          if (x.cell.variant == variant && x.tok_s.jointly) where.push_back(p.concurrency);
      points += where.size();
      if (!where.empty()) words.push_back(fmt::format("{} in {} at {}", variant, w.workload.name, concurrencies(where)));
    }
  if (words.empty()) return one ? "it is not one of throughput" : "none of them is one of throughput";
  return words.size() > kMost ? "`jointly` in summary.json says which" : fmt::format("in throughput {} {}", points == 1 ? "this is" : "these are", join_and(words));
}

/// Where the run itself decided on its blocks: by what, and what that means for the intervals.
std::string looks(const Composer& c) {
  const Study& s = c.data.study;
  std::string text;
  if (s.time_budget_minutes)
    text = fmt::format("**Time budget**: after two blocks of everything, further pairs of blocks went to the operating points whose intervals they narrow most, as {} minutes allowed. How widths are judged for that (leaning on all points together) "
                       "leaves the intervals' coverage as it is.", setting(*s.time_budget_minutes));
  if (!s.sequential) return text;
  const int n = most_looks(s);
  return fmt::format("{}{}**Looks**: after each pair of blocks this study looked at its figures, and operating points whose verdicts were all settled (faster, slower, or a difference surely below {} %) got no further ones. Stopping where the figures please would make "
                     "95 % intervals miss more often, so all intervals here allow for it: after look k of at most {} they leave an error of 5 % x k / {}, which is 5 % for all looks together. They are wider than those of a study whose blocks were fixed, "
                     "and hold the truth at least as often.", text, text.empty() ? "" : " ", setting(s.min_effect * 100), n, n * (n + 1) / 2);
}

}  // namespace

std::string certainty_in_short(Composer& c) {
  const Multiplicity m = multiplicity_of(c.findings.workloads);
  if (m.called == m.jointly) return {};
  const auto [judged, called, jointly] = counts_of(c, m);
  const std::string lead = fmt::format("**Many comparisons:** each difference is judged by itself. Of the {} that this report calls different, ", called);
  if (m.jointly == 0) return lead + "none stands when all are judged together. Hold them for likely, not for certain.";
  return fmt::format("{}{} {} when all are judged together; {}. Hold the others for likely, not for certain.", lead, jointly, m.jointly == 1 ? "stands" : "stand", throughputs_that_stand(c, m.jointly == 1));
}

std::vector<std::string> certainty_words(Composer& c) {
  std::vector<std::string> items = {together(c), looks(c)};
  std::erase(items, "");
  return items;
}

std::string blocks_of_points(Composer& c) {
  std::map<std::pair<std::string, int>, int> last;
  for (const TrialRecord& t : c.data.trials) {
    int& blocks = last[{t.workload, t.concurrency}];
    blocks = std::max(blocks, t.block + 1);
  }
  if (last.empty()) return "no block was run";
  const auto by_blocks = [](const auto& a, const auto& b) { return a.second < b.second; };
  const auto [low, high] = std::ranges::minmax_element(last, by_blocks);
  if (low->second == high->second) return counted(high->second, "block");
  return fmt::format("{} to {} blocks, more where the figures asked for them", low->second, high->second);
}

}  // namespace qc
