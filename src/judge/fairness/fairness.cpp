#include "judge/fairness/fairness.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/text.h"
#include "judge/fairness/parts.h"

namespace qc {
namespace {

std::vector<std::string> all_names(const Told& variants) {
  std::vector<std::string> names;
  for (const auto* v : variants)
    for (const auto& s : v->proof)
      if (std::ranges::find(names, s.name) == names.end()) names.push_back(s.name);
  return names;
}

std::string format_of(const VariantFacts& v) {
  for (const auto* name : {"weight_format", "quantization"})
    if (const auto* s = told(v, name); s && s->value != "none" && s->value != "unknown") return s->value;
  return {};
}

/// All values that are not the baseline's are excused by their variant's format.
const Excuse* excuse_for(const FairnessRule& rule, const Told& variants, const std::string& name) {
  for (const auto& excuse : rule.excuses) {
    const auto* first = told(*variants.front(), name);
    const bool all = std::ranges::all_of(variants, [&](const VariantFacts* v) {
      const auto* s = told(*v, name);
      if (!s || (first && s->value == first->value)) return true;
      const std::string format = format_of(*v);
      return s->value == excuse.value && std::ranges::any_of(excuse.formats, [&](std::string_view f) { return format.starts_with(f); });
    });
    if (all) return &excuse;
  }
  return nullptr;
}

/// A default can differ from what another server was told, not from what another one was found to run with: that may be the default.
void forget_defaults(std::vector<VariantValue>& values) {
  const bool found = std::ranges::any_of(values, [](const VariantValue& v) { return v.value != kByDefault && v.source != kFromArguments; });
  if (found) std::erase_if(values, [](const VariantValue& v) { return v.value == kByDefault; });
}

/// An argument that one server was given and another, whose arguments are known, was not.
bool left_at_default(const VariantFacts& v, const std::string& name) {
  constexpr std::string_view kArgument = "argument.";
  return name.starts_with(kArgument) && std::ranges::any_of(v.proof, [&](const ProvenSetting& s) { return s.name.starts_with(kArgument); });
}

std::optional<Difference> difference_in(const std::string& name, const Told& variants) {
  Difference d;
  d.setting = name;
  for (const auto* v : variants) {
    if (const auto* s = told(*v, name)) d.values.push_back({v->variant, s->value, s->source});
    else if (left_at_default(*v, name)) d.values.push_back({v->variant, std::string(kByDefault), "log (not among the arguments)"});
  }
  forget_defaults(d.values);
  const bool equal = std::ranges::all_of(d.values, [&](const VariantValue& v) { return v.value == d.values.front().value; });
  const FairnessRule& rule = rule_for(name);
  if (equal || rule.kind == DifferenceKind::own) return std::nullopt;
  d.kind = rule.kind, d.why = rule.why, d.remedy = rule.remedy;
  if (const auto* excuse = excuse_for(rule, variants, name)) d.kind = DifferenceKind::explained, d.why = excuse->why, d.remedy.clear();
  return d;
}

void add_notes(const Told& variants, const std::vector<std::string>& names, Fairness& fairness) {
  for (const auto* v : variants)
    for (const auto& [name, meaning] : {std::pair{"slow_kernel", "it runs a slow kernel"}, std::pair{"fallback_kernel", "its kernel is a slow fallback, which the engine took by itself"}})
      if (const auto* s = told(*v, name); s && s->value != "none") fairness.slow_kernels.push_back(fmt::format("{}: {}: {}.", v->variant, meaning, s->value));
  std::vector<std::string> by_none;
  for (const auto& name : names) {
    if (rule_for(name).kind != DifferenceKind::unfair) continue;
    std::vector<std::string> silent;
    for (const auto* v : variants)
      if (!told(*v, name) && !left_at_default(*v, name)) silent.push_back(v->variant);
    if (silent.size() == variants.size()) by_none.push_back(name);
    else if (!silent.empty()) fairness.not_told.push_back(fmt::format("{} could not be compared: it is not told by {}.", name, join_and(silent)));
  }
  if (!by_none.empty() && variants.size() > 1) fairness.not_told.push_back(fmt::format("{} could not be compared: no server tells {}.", join_and(by_none), by_none.size() == 1 ? "it" : "them"));
}

/// Eager execution compiles nothing and records no graphs: that is one difference, told by its own name.
void explain_by_eager(std::vector<Difference>& all) {
  if (std::ranges::find(all, "enforce_eager", &Difference::setting) == all.end()) return;
  for (Difference& d : all)
    if (d.setting == "config.compilation_config.mode" || d.setting == "config.compilation_config.level" || d.setting == "config.compilation_config.cudagraph_mode")
      d.kind = DifferenceKind::explained, d.why = "It follows from --enforce-eager.", d.remedy.clear();
}

std::vector<const Difference*> unfair_ones(const std::vector<Difference>& all, bool allowed) {
  std::vector<const Difference*> out;
  for (const auto& d : all)
    if (d.kind == DifferenceKind::unfair && d.allowed == allowed) out.push_back(&d);
  return out;
}

}  // namespace

std::vector<const Difference*> Fairness::refused() const { return unfair_ones(differences, false); }
std::vector<const Difference*> Fairness::allowed() const { return unfair_ones(differences, true); }

Fairness find_differences(const std::vector<VariantFacts>& all, const std::vector<std::string>& allow) {
  Fairness fairness;
  Told variants;
  for (const auto& v : all)
    if (!v.proof.empty()) variants.push_back(&v);
  if (variants.empty()) return fairness;
  const auto names = all_names(variants);
  if (auto d = wrong_identity(variants)) fairness.differences.push_back(std::move(*d));
  for (const auto& name : names)
    if (auto d = difference_in(name, variants)) fairness.differences.push_back(std::move(*d));
  explain_by_eager(fairness.differences);
  for (auto& d : fairness.differences) d.allowed = d.kind == DifferenceKind::unfair && std::ranges::any_of(allow, [&](const std::string& each) { return fits(each, d.setting); });
  std::ranges::stable_sort(fairness.differences, {}, &Difference::kind);
  add_notes(variants, names, fairness);
  return fairness;
}

std::string in_words(const Difference& d) {
  std::vector<std::string> values;
  for (const auto& v : d.values) values.push_back(fmt::format("{} {} ({})", v.variant, v.value, v.source));
  return fmt::format("{}: {}", d.setting, fmt::join(values, ", "));
}

std::string refusal(const Fairness& fairness) {
  const auto refused = fairness.refused();
  if (refused.empty()) return {};
  std::string text = fmt::format("the variants are not comparable: {} is not the same for all, or not what it says", refused.size() == 1 ? "one setting" : fmt::format("{} settings", refused.size()));
  std::vector<std::string> names;
  for (const auto* d : refused) {
    text += fmt::format("\n  {}\n    {} To mend it: {}.", in_words(*d), d->why, d->remedy);
    names.push_back(d->setting);
  }
  return text + fmt::format("\nTo measure all the same, with the report saying so: --allow {}", fmt::join(names, ","));
}

}  // namespace qc
