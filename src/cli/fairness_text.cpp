#include "cli/fairness_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/json.h"
#include "core/text.h"

namespace qc {
namespace {

constexpr std::size_t kWidest = 70;

std::string shortened(const std::string& text) { return text.size() <= kWidest ? text : text.substr(0, kWidest - 3) + "..."; }

bool is_listed(const ProvenSetting& s) { return rule_for(s.name).kind != DifferenceKind::unknown && rule_for(s.name).kind != DifferenceKind::own; }

std::string table_of(const VariantFacts& v, bool baseline) {
  std::string text = fmt::format("{}{}: {} {}\n  what it says it is: {} ({})\n", v.variant, baseline ? " (baseline)" : "", v.server, v.server_version, to_string(v.identity.verdict), v.identity.because);
  std::size_t others = 0;
  for (const auto& s : v.proof) {
    if (is_listed(s)) text += fmt::format("  {:<24} {:<36} {}\n", s.name, s.value.empty() ? "n/a" : shortened(s.value), s.source);
    else ++others;
  }
  return text + (others > 0 ? fmt::format("  and {} more that are compared ({} in --json)\n", others, "all of them") : "");
}

std::string kind_heading(DifferenceKind kind) {
  if (kind == DifferenceKind::unfair) return "Unfair: the comparison would measure these, not the weights";
  if (kind == DifferenceKind::unknown) return "Unknown: nobody has said what these do";
  return "Explained: these follow from how the weights are stored";
}

Json as_json(const Difference& d) {
  Json values = Json::array();
  for (const auto& v : d.values) values.push_back({{"variant", v.variant}, {"value", v.value}, {"source", v.source}});
  return {{"setting", d.setting}, {"kind", to_string(d.kind)}, {"allowed", d.allowed}, {"values", values}, {"why", d.why}, {"remedy", d.remedy.empty() ? Json(nullptr) : Json(d.remedy)}};
}

Json as_json(const VariantFacts& v) {
  Json settings = Json::array();
  for (const auto& s : v.proof)
    settings.push_back({{"name", s.name}, {"value", s.value.empty() ? Json(nullptr) : Json(s.value)}, {s.value.empty() ? "unknown_because" : "source", s.source}});
  return {{"variant", v.variant}, {"model", v.model}, {"server", v.server}, {"server_version", v.server_version}, {"identity", to_string(v.identity.verdict)},
          {"identity_because", v.identity.because}, {"settings", settings}};
}

}  // namespace

std::string fairness_text(const std::vector<VariantFacts>& variants, const Fairness& fairness) {
  std::string text;
  for (const auto& v : variants) text += table_of(v, &v == &variants.front()) + "\n";
  std::optional<DifferenceKind> last;
  for (const auto& d : fairness.differences) {
    if (last != d.kind) text += kind_heading(d.kind) + "\n";
    last = d.kind;
    text += fmt::format("  {}{}\n", in_words(d), d.allowed ? "  [allowed]" : "");
    if (!d.why.empty()) text += fmt::format("    {}\n", d.why);
  }
  if (fairness.differences.empty()) text += "No setting differs.\n";
  for (const auto* notes : {&fairness.slow_kernels, &fairness.not_told})
    for (const auto& note : *notes) text += "note: " + note + "\n";
  return text;
}

std::string fairness_json(const std::vector<VariantFacts>& variants, const Fairness& fairness) {
  Json json = {{"schema", 1}, {"comparable", fairness.comparable()}, {"variants", Json::array()}, {"differences", Json::array()}, {"slow_kernels", fairness.slow_kernels}, {"not_told", fairness.not_told}};
  for (const auto& v : variants) json["variants"].push_back(as_json(v));
  for (const auto& d : fairness.differences) json["differences"].push_back(as_json(d));
  return json.dump(1, ' ', false, Json::error_handler_t::replace);
}

Status check_allowed(const std::vector<std::string>& allow) {
  const auto names = allowable_settings();
  for (const auto& name : allow) {
    if (may_be_allowed(name)) continue;
    const auto meant = nearest(name, names);
    return fail(Fault::usage, fmt::format("--allow \"{}\": no unfair setting has that name{}; accepted: {}", name, meant ? fmt::format(" (did you mean {}?)", *meant) : "", fmt::join(names, ", ")));
  }
  return ok();
}

}  // namespace qc
