#include <fmt/format.h>

#include "core/text.h"
#include "report/sentences.h"

namespace qc {

std::string settings_finding(Composer& c) {
  std::vector<std::string> met, missed, open;
  bool kept_baseline = false, candidate = false;
  for (const SettingRow& r : c.findings.settings) {
    (!r.met ? open : *r.met ? met : missed).push_back(r.workload);
    if (!r.variant.empty()) (r.variant == c.base() ? kept_baseline : candidate) = true;
  }
  std::vector<std::string> words;
  if (!met.empty()) words.push_back(fmt::format("the p95 budget is met for {}", join_and(met)));
  if (!missed.empty()) words.push_back(fmt::format("**no setting that can be recommended meets the budget for {}**", join_and(missed)));
  if (!open.empty()) words.push_back(fmt::format("for {} there is no budget or no p95 to hold against it", join_and(open)));
  const std::string text = capitalized(join_and(words)) + ". ";
  if (kept_baseline && candidate) return text + "Not every workload wants the same model: one of them stays with " + c.base() + ".";
  if (!kept_baseline && !candidate) return text + "Nothing valid was measured that could be served.";
  return text + (candidate ? "A quantized model is the faster one in each of them; whether its answers will do is said above." : fmt::format("The settings stay with {}: at these loads no candidate is called faster and fit to serve.", c.base()));
}

}  // namespace qc
