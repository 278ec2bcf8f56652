// Section 1: the load that every model got.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "core/text.h"
#include "report/compose_sections.h"

namespace qc {
namespace {

Table load_table(const Composer& c) {
  Table t = table("Load", {"Workload", "Prompts", "#Concurrency", "#Answer (tokens)", "#Requests a slot", "#Requests a visit, at least", "#p95 budget (ms)"});
  for (const Workload& w : c.data.study.workloads) {
    const std::string points = concurrencies(w.concurrency).substr(std::string("concurrency ").size());
    t.rows.push_back({w.name, "`" + one_line(w.prompts, 80) + "`", points, std::to_string(w.max_tokens), std::to_string(w.requests_per_slot),
                      std::to_string(w.min_requests), w.p95_budget_ms ? setting(*w.p95_budget_ms) : "n/a: none set"});
  }
  return t;
}

/// " In the last wave of a visit no request is left for 3 of 8 slots in chat at concurrency 8: ..."; empty where all slots are busy alike.
std::string idle_slots(const Composer& c) {
  std::vector<std::string> where;
  for (const Workload& w : c.data.study.workloads)
    for (const int conc : w.concurrency)
      if (const int idle = w.idle_slots_at(conc)) where.push_back(fmt::format("{} of {} slots in {} at concurrency {}", idle, conc, w.name, conc));
  return where.empty() ? "" : fmt::format(" In the last wave of a visit no request is left for {}: tok/s there is less than that of busy slots, for all models alike.", join_and(where));
}

/// "chat at concurrency 1 and 8", a part for each workload with such points: `holds` takes a workload and a concurrency.
std::vector<std::string> points_where(const Composer& c, const auto& holds) {
  std::vector<std::string> where;
  for (const Workload& w : c.data.study.workloads) {
    std::vector<int> points;
    std::ranges::copy_if(w.concurrency, std::back_inserter(points), [&](int conc) { return holds(w, conc); });
    if (!points.empty()) where.push_back(fmt::format("{} at {}", w.name, concurrencies(points)));
  }
  return where;
}

/// Where every slot has one request, a visit is no steady load.
std::string bursts(const Composer& c) {
  const auto where = points_where(c, [](const Workload& w, int conc) { return conc > 1 && w.requests_at(conc) <= conc; });
  return where.empty() ? "" : fmt::format(" In {} a visit is one request a slot, all sent at once: first tokens and p95 there are those of a burst.", join_and(where));
}

// Where a visit sends too few requests for the interval of a p95's change.
std::string load_finding(const Composer& c) {
  constexpr int kForChange = 13;
  const auto few = points_where(c, [](const Workload& w, int conc) { return w.requests_at(conc) < kForChange; });
  const std::string first = "Each block visits every operating point once with each model, in turn, and sends each of them the same requests.";
  return first + (few.empty() ? " Every visit sends enough requests for an interval of each change." : fmt::format(" For an interval of a p95's change too few requests are sent in {}.", join_and(few))) + bursts(c) + idle_slots(c);
}

}  // namespace

void add_load(const Composer& c, std::vector<Block>& blocks) {
  blocks.push_back(load_table(c));
  blocks.push_back(finding(load_finding(c)));
}

}  // namespace qc
