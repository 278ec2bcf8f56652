#include "doctor/findings.h"

#include <algorithm>

#include "doctor/rules.h"

namespace qc {
namespace {

struct NamedRule { std::string_view id; Rule rule; };

constexpr NamedRule kRules[] = {
    {"own_error.answers", rule_answers}, {"own_error.events", rule_events}, {"own_error.first_token", rule_first_tokens}, {"own_error.send", rule_sends}, {"own_error.read", rule_reads},
    {"own_error.stamps", rule_event_stamps}, {"own_error.cpu", rule_cost}, {"own_error.rate", rule_rate}, {"own_error.memory", rule_own_memory},
    {"kernel.stamps", rule_stamps}, {"kernel.io_uring", rule_ring}, {"clock.source", rule_clock}, {"clock.wall", rule_wall_clock},
    {"cpu.load", rule_load}, {"cpu.scheduling", rule_scheduling}, {"cpu.governor", rule_governor}, {"power", rule_power},
    {"engine.llama", rule_llama}, {"engine.vllm", rule_vllm}, {"gpu", rule_gpus},
    {"files", rule_files}, {"ports", rule_ports}, {"disk.working_folder", rule_working_folder}, {"disk.cache", rule_cache}, {"memory", rule_memory}};

}  // namespace

std::string_view to_string(Severity severity) {
  constexpr std::string_view kNames[] = {"fine", "note", "warning", "invalid"};
  return kNames[static_cast<std::size_t>(severity)];
}

std::vector<Finding> findings_of(const Diagnosis& facts) {
  std::vector<Finding> out;
  for (const auto& [id, rule] : kRules) {
    Judgement verdict = rule(facts);
    out.push_back({std::string(id), verdict.severity, std::move(verdict.found), std::move(verdict.remedy)});
  }
  return out;
}

bool may_measure(const std::vector<Finding>& findings) {
  return std::ranges::none_of(findings, [](const Finding& each) { return each.severity == Severity::invalid; });
}

}  // namespace qc
