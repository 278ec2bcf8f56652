#include "judge/advise/findings.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "judge/advise/parts.h"
#include "record/attempt.h"

namespace qc {
namespace {

bool is_complete(const StudyData& data) {
  std::set<std::int64_t> valid;
  for (const auto& t : data.trials)
    if (t.valid) valid.insert(planned_trial_id(static_cast<int>(t.id)));
  return static_cast<int>(valid.size()) == data.planned_trials;
}

/// What the reader of page one must know: differences that the user allowed, and slow kernels.
std::vector<std::string> unfair_caveats(const Fairness& fairness) {
  std::vector<std::string> out;
  for (const auto* d : fairness.allowed()) out.push_back(fmt::format("Unfair, but allowed by the user: {}. {}", in_words(*d), d->why));
  out.insert(out.end(), fairness.slow_kernels.begin(), fairness.slow_kernels.end());
  return out;
}

/// Telemetry is of the first card, and a log tells what one worker holds.
std::vector<std::string> of_one_card(const StudyData& data) {
  for (const VariantFacts& f : data.variants)
    for (const char* how : {"tensor_parallel_size", "pipeline_parallel_size"})
      if (const std::string n = value_of(f.proof, how); !n.empty() && n != "1")
        return {"The servers work on several GPUs: memory, power, clocks and energy are those of the first one, weights and KV cache those of one worker."};
  return {};
}

long long failed_requests(const StudyData& data) {
  return std::ranges::count_if(data.requests, [](const RequestRecord& r) { return !r.warmup && r.failure && *r.failure != Failure::cancelled; });
}

/// Where the noise floor of a workload that has one was found.
int noisiest(const WorkloadComparison& w) {
  const auto width = [](const PointComparison& p) { return p.aa && p.aa->tok_s.value.lo && p.aa->tok_s.value.hi ? *p.aa->tok_s.value.hi - *p.aa->tok_s.value.lo : -1; };
  return std::ranges::max_element(w.points, {}, width)->concurrency;
}

/// Student's t: two pairs leave one degree of freedom.
std::string_view why_wide(const StudyData& data, const WorkloadComparison& w) {
  std::set<int> blocks;
  const int where = noisiest(w);
  for (const TrialRecord& t : data.trials)
    if (t.valid && t.repeat && t.workload == w.workload.name && t.concurrency == where) blocks.insert(t.block);
  return blocks.size() == 2 ? "two blocks make it some five times as wide as four would" : "this machine was unsteady there";
}

}  // namespace

const VariantFacts* facts_of(const StudyData& data, const std::string& variant) {
  const auto at = std::ranges::find(data.variants, variant, &VariantFacts::variant);
  return at == data.variants.end() ? nullptr : &*at;
}

bool served_elsewhere(const StudyData& data) {
  const auto on_this_machine = [](const std::string& url) {
    return std::ranges::any_of(std::initializer_list<std::string_view>{"127.0.0.1", "localhost", "[::1]"}, [&](std::string_view host) { return url.find(host) != std::string::npos; });
  };
  return std::ranges::any_of(data.variants, [&](const VariantFacts& f) { return f.command.empty() && !f.url.empty() && !on_this_machine(f.url); });
}

bool random_weights(const VariantFacts& facts) { return value_of(facts.proof, "load_format") == "dummy"; }

bool random_weights(const StudyData& data) {
  return std::ranges::any_of(data.variants, [](const VariantFacts& f) { return random_weights(f); });
}

bool dummy_weights(const StudyData& data) {
  return std::ranges::any_of(data.variants, [](const VariantFacts& f) {
    const bool of_gguf = std::ranges::any_of(f.proof, [](const ProvenSetting& s) { return s.name == "load_format" && s.source == "GGUF keys"; });   // of older stores: such a file holds every tensor
    return random_weights(f) && !of_gguf && value_of(f.proof, "random_weights") != "every tensor";
  });
}

std::vector<std::string> caveats(const StudyData& data, const std::vector<WorkloadComparison>& workloads, const std::vector<ServerRow>& server) {
  std::vector<std::string> out;
  for (const auto& row : server)
    if (!row.warnings.empty())
      out.push_back(fmt::format("In {} at concurrency {} the server of {} and our own count disagree; the section on {} says by how much.", row.workload, row.concurrency, row.variant, row.workload));
  if (!data.imported.empty()) out.push_back("Measured elsewhere and imported: that all but the weights was equal, and that nothing else kept the machine busy, rests on whoever measured.");
  for (const auto& e : data.events)
    if (e.kind == "infeasible" || e.kind == "interrupted" || e.kind == "resumed" || e.kind == "engine_died" || e.kind == "engine_failed" || e.kind == "shortened") out.push_back(e.text.substr(0, e.text.find('\n')));   // what a server said last follows
  const auto invalid = std::ranges::count(data.trials, false, &TrialRecord::valid);
  const bool repeated = std::ranges::any_of(data.trials, [](const TrialRecord& t) { return !t.valid && t.attempt > 0; });
  if (invalid) out.push_back(fmt::format("{} trial{} invalid and left out of every figure{}; the methodology section gives the reasons.", invalid, invalid == 1 ? " is" : "s are", repeated ? ", second attempts among them" : ""));
  if (const auto failed = failed_requests(data)) out.push_back(fmt::format("{} request{} failed; failures are counted by kind and enter no latency.", failed, failed == 1 ? "" : "s"));
  constexpr double kUnsteady = 0.10;
  for (const auto& w : workloads)
    if (w.noise_floor.value_or(0) > kUnsteady)
      out.push_back(fmt::format("In {} the baseline against itself has an interval of plus or minus {} at concurrency {}: {}, and a difference of that size at that load stays open.",
                                w.workload.name, *w.noise_floor > 1 ? "more than 100 %" : fmt::format("{:.1f} %", *w.noise_floor * 100), noisiest(w), why_wide(data, w)));
  if (!is_complete(data)) out.push_back(fmt::format("Of the {} planned trials not every one has valid figures.", data.planned_trials));
  return out;
}

Findings judge(const StudyData& data) {
  Findings f;
  f.fairness = find_differences(data.variants, data.study.allow);
  f.workloads = compare(data);
  f.costs = cost_rows(data, f.workloads);
  f.memory = memory_rows(data);
  f.server = server_rows(data);
  f.pace = pace_rows(data, f.workloads);
  f.gpu = gpu_rows(data);
  f.quality = quality_rows(data);
  f.bounds = quality_bounds(data);
  f.repeat = repeat_flips(data);
  f.recommendations = recommend(data, f);
  f.settings = settings(f);
  f.complete = is_complete(data);
  f.requests_failed = failed_requests(data);
  f.prompts_unanswered = std::ranges::count_if(data.answers, [](const Answer& a) { return !a.failure.empty(); });
  f.next_steps = next_steps(data, f);
  f.caveats = unfair_caveats(f.fairness);
  for (const std::string& name : data.study.allow)
    if (std::ranges::none_of(f.fairness.allowed(), [&](const Difference* d) { return d->setting == name; }))
      f.caveats.push_back(fmt::format("The user allowed `{}` to differ; between the models that answered it does not.", name));
  for (const auto& more : {of_one_card(data), answer_caveats(data, f.workloads), caveats(data, f.workloads, f.server)})
    for (const std::string& text : more)
      if (std::ranges::find(f.caveats, text) == f.caveats.end()) f.caveats.push_back(text);   // a server's end is both an event of its own and the end of the run
  if (data.run.study_wall_s > 0) f.own_share_of_wall = std::clamp(1 - data.run.engine_busy_s / data.run.study_wall_s, 0.0, 1.0);
  if (data.run.engine_cpu_s > 0) f.own_share_of_cpu = data.run.own_cpu_s / data.run.engine_cpu_s;
  return f;
}

int blocks_run(const StudyData& data) {
  std::set<int> seen;
  for (const TrialRecord& trial : data.trials) seen.insert(trial.block);
  return static_cast<int>(seen.size());
}

}  // namespace qc
