// Part of section 8: how the models took turns on one device, and what that took.
#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "report/compose_sections.h"

namespace qc {
namespace {

/// The median seconds of a kind of turn of a variant that went well.
std::optional<double> median_seconds(const StudyData& data, const std::string& variant, const std::string& kind) {
  std::vector<double> all;
  for (const DeviceTurn& t : data.turns)
    if (t.variant == variant && t.kind == kind && t.ok) all.push_back(t.seconds);
  if (all.empty()) return std::nullopt;
  std::ranges::sort(all);
  return (all[(all.size() - 1) / 2] + all[all.size() / 2]) / 2;
}

std::optional<double> kept_bytes(const StudyData& data, const std::string& variant) {
  std::optional<double> most;
  for (const MemorySample& m : data.memory)
    if (m.variant == variant && m.phase == "asleep" && m.used_bytes) most = std::max(most.value_or(0), static_cast<double>(*m.used_bytes));
  return most;
}

/// "Starting servers took 468 s of this run."
std::string starts_in_all(Composer& c) {
  double all = 0;
  for (const DeviceTurn& t : c.data.turns)
    if (t.kind == "start") all += t.seconds;
  return all > 0 ? fmt::format("Starting servers took {} in all.", c.log.text({"turns", "all", "start_s"}, Unit::seconds, all)) : "";
}

/// "bf16 was ready in 94.1 s after a start, fell asleep in 15.9 s the first time and 0.4 s later, woke in 0.6 s, and keeps 0.9 GiB of the card while it sleeps."
std::string turn_words(Composer& c, const std::string& variant) {
  std::vector<std::string> words;
  const auto say = [&](const std::string& kind, const char* form) {
    if (const auto s = median_seconds(c.data, variant, kind)) words.push_back(fmt::format(fmt::runtime(form), c.log.text({"turns", variant, kind + "_s"}, Unit::seconds, *s)));
  };
  say("start", "was ready in {} after a start");
  if (c.data.run.switching == "restart") say("stop", "had ended in {}");
  say("first_sleep", "fell asleep in {} the first time"), say("sleep", "in {} later"), say("wake", "woke, answered and was ready in {}"), say("restart", "was started anew once in {}");
  if (const auto kept = kept_bytes(c.data, variant)) words.push_back(fmt::format("keeps {} of the card while it sleeps", c.log.text({"turns", variant, "asleep_bytes"}, c.memory_unit, *kept)));
  return words.empty() ? "" : fmt::format("{} {}.", variant, join_and(words));
}

std::string lead(const RunInfo& run) {
  if (run.switching == "sleep") return "By sleep and wake: ";
  return run.switching == "resident" ? "Resident side by side: " : "By restarts: ";
}

}  // namespace

void add_turns(Composer& c, std::vector<Block>& blocks) {
  const RunInfo& run = c.data.run;
  if (run.switching.empty()) return;
  blocks.push_back(Heading{"How the models took turns"});
  List list;
  list.items.push_back(lead(run) + sentence(run.switching_because));
  if (run.switching == "sleep")
    list.items.push_back("Before each turn all others slept, which freed memory of the card proved and not their word for it. Whatever sleeping and waking does to a server is part of "
                         "the A/A control: the baseline's two visits of a point lie across a sleep.");
  for (const Variant& v : c.data.study.variants)
    if (const std::string words = turn_words(c, v.name); !words.empty()) list.items.push_back(words);
  if (std::string all = starts_in_all(c); !all.empty()) list.items.push_back(std::move(all));
  if (run.gpu_share) list.items.push_back(fmt::format("Every server was given {} of the card (gpu_memory_utilization), which the study file leaves open.", setting(*run.gpu_share)));
  if (run.switching == "restart" && c.data.study.engine.kind == EngineKind::vllm)
    list.items.push_back("Compiled code stays where the server keeps it (VLLM_CACHE_ROOT), which is not touched: what a first start leaves there a later one may read.");
  blocks.push_back(std::move(list));
}

}  // namespace qc
