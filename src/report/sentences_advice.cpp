#include <fmt/format.h>

#include "core/text.h"
#include "report/ranking.h"
#include "report/sentences.h"

namespace qc {

namespace {

/// Its interval reaches beyond the budget; without one, its value is more than half of it.
bool is_near(const SettingRow& r) { return r.p95_ms.hi ? *r.p95_ms.hi > *r.budget_ms : *r.p95_ms.value > *r.budget_ms / 2; }

}  // namespace

std::string settings_finding(Composer& c) {
  std::vector<std::string> met, unsure, missed, none, open, free;
  std::vector<std::string> noise, by_budget;
  bool kept_baseline = false, candidate = false;
  for (const SettingRow& r : c.findings.settings) {
    (!r.budget_ms ? free : !r.met ? open : *r.met ? is_near(r) ? unsure : met : r.none_meets ? none : missed).push_back(r.workload);
    if (!r.variant.empty()) (r.variant == c.base() ? kept_baseline : candidate) = true;
    if (!r.variant.empty() && r.variant != c.base() && !r.called_faster) by_budget.push_back(r.workload);
    if (!r.variant.empty() && is_within_noise(c.findings, r.workload, r.variant)) noise.push_back(r.workload);
  }
  std::vector<std::string> words;
  if (!met.empty()) words.push_back(fmt::format("the p95 budget is met for {}", join_and(met)));
  if (!unsure.empty()) words.push_back(fmt::format("the p95 budget is met for {} by the printed value, which no interval shows to be under it", join_and(unsure)));
  if (!missed.empty()) words.push_back(fmt::format("**no setting that can be recommended meets the budget for {}**", join_and(missed)));
  if (!none.empty()) words.push_back(fmt::format("**no setting measured meets the budget for {}**", join_and(none)));
  if (!open.empty()) words.push_back(fmt::format("for {} no setting is chosen, so no p95 is held against the budget", join_and(open)));
  if (!free.empty()) words.push_back(fmt::format("for {} the study sets no budget", join_and(free)));
  const std::string text = capitalized(fmt::format("{}", fmt::join(words, "; "))) + ". ";
  if (kept_baseline && candidate) return text + "Not every workload wants the same model: one of them stays with " + c.base() + ".";
  if (!kept_baseline && !candidate) return text + "Nothing was measured of both models that a choice could rest on.";
  if (!by_budget.empty()) return text + fmt::format("A quantized model is chosen in each of them, for {} not as the faster one but since {} misses its budget there; whether its answers will do is said above.", join_and(by_budget), c.base());
  return text + (candidate ? fmt::format("A quantized model is called the faster one in each of them{}; whether its answers will do is said above.", noise.empty() ? "" : fmt::format(", for {} by no more than the noise", join_and(noise))) : fmt::format("The settings stay with {}: at these loads no candidate is called faster and fit to serve.", c.base()));
}

}  // namespace qc
