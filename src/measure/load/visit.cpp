#include "measure/load/visit.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "core/host.h"
#include "measure/load/own_error.h"
#include "stats/stats.h"

namespace qc {
namespace {

constexpr int kWarmupTokens = 16;

TrialRecord trial_of(const VisitSpec& spec) {
  const PlannedTrial& plan = spec.trial;
  TrialRecord out;
  out.id = plan.id;
  out.attempt = spec.attempt;
  out.variant = plan.variant;
  out.workload = plan.workload;
  out.concurrency = plan.concurrency;
  out.max_tokens = plan.max_tokens;
  out.block = plan.block;
  out.position = plan.position;
  out.repeat = plan.repeat;
  return out;
}

/// Makes one visit's requests. The instant in the ids keeps them apart from those of a run that was interrupted in this visit.
class Requests {
 public:
  Requests(const VisitSpec& spec, const PromptSet& prompts, Instant started) : spec_(spec), prompts_(prompts), started_(started) {}

  [[nodiscard]] std::vector<Outgoing> warmup() const {
    return make(spec_.trial.workload + " warm-up", spec_.trial.warmup, std::min(kWarmupTokens, spec_.trial.max_tokens), true);
  }
  [[nodiscard]] std::vector<Outgoing> measured() const { return make(spec_.trial.workload, spec_.trial.requests, spec_.trial.max_tokens, false); }

 private:
  [[nodiscard]] std::vector<Outgoing> make(const std::string& purpose, int count, int max_tokens, bool is_warmup) const {
    std::vector<Outgoing> out;
    for (const std::size_t index : pick_prompts(prompts_, spec_.seed, purpose, spec_.trial.block, count)) {
      const int place = static_cast<int>(out.size());
      out.push_back(one(prompts_.prompts[index], is_warmup ? -1 - place : place, max_tokens));
    }
    return out;
  }

  [[nodiscard]] Outgoing one(const Prompt& prompt, int id, int max_tokens) const {
    Outgoing out;
    out.request_id = id;
    out.x_request_id = fmt::format("{}-{}-{}-{:x}-{}{}", spec_.seed, spec_.trial.id, spec_.attempt, started_.ns, id < 0 ? "w" : "", id < 0 ? -id : id);
    out.prompt_sha256 = prompt.sha256;
    out.warmup = id < 0;
    out.ask = {.endpoint = spec_.endpoint, .model = spec_.model, .prompt = prompt.text, .messages = prompt.messages, .max_tokens = max_tokens, .ignore_eos = spec_.ignore_eos,
               .cache_prompt_off = spec_.cache_prompt_off, .continuous_usage = spec_.continuous_usage,
               .seed = static_cast<int>(spec_.seed & 0x7fffffff)};
    return out;
  }

  const VisitSpec& spec_;
  const PromptSet& prompts_;
  Instant started_;
};

std::optional<double> p99_us(const std::vector<Nanos>& lags) {
  std::vector<double> us;
  us.reserve(lags.size());
  for (const Nanos lag : lags) us.push_back(static_cast<double>(lag.count()) * 1e-3);
  return quantile(us, 0.99);
}

void append(std::vector<RequestRecord>& to, std::vector<RequestRecord> from, int trial_id) {
  for (RequestRecord& r : from) {
    r.trial_id = trial_id;
    to.push_back(std::move(r));
  }
}

}  // namespace

Visit make_visit(const VisitSpec& spec, const PromptSet& prompts, const StopFlag& stop, const std::function<void(int, int)>& progress) {
  const double cpu_before = own_cpu_seconds();
  Visit visit{trial_of(spec), {}, false, 0};
  TrialRecord& trial = visit.trial;
  trial.started = monotonic_clock().now();
  const Requests requests(spec, prompts, trial.started);

  LoopResult warmup = closed_loop(spec.client, requests.warmup(), 1, stop, {});
  int done = 0, in_vain = 0;
  const auto waited = [](const RequestRecord& r) { return r.failure == Failure::timeout && !r.failure_detail.starts_with(kNotDone); };   // one that came byte by byte was no wait in vain
  const bool hangs = !warmup.records.empty() && std::ranges::all_of(warmup.records, waited);
  if (progress) progress(0, spec.trial.requests);
  const auto enough = [&] { return in_vain >= std::max(2, spec.trial.concurrency); };
  LoopResult loop = hangs ? LoopResult{} : closed_loop(spec.client, requests.measured(), spec.trial.concurrency, stop, [&](const RequestRecord& r) {
    in_vain = waited(r) ? in_vain + 1 : 0;
    if (progress) progress(++done, spec.trial.requests);
  }, enough);
  visit.in_vain = hangs ? static_cast<int>(warmup.records.size()) : in_vain;
  visit.cut_short = warmup.cut_short || loop.cut_short || stop.leave_now() || (visit.in_vain > 0 && stop.finish_in_hand());   // a loop with nothing left to send does not look
  const std::size_t sent = loop.records.size();
  append(visit.requests, std::move(warmup.records), trial.id);
  append(visit.requests, std::move(loop.records), trial.id);

  trial.ended = monotonic_clock().now();
  trial.client_cpu_s = own_cpu_seconds() - cpu_before;
  trial.reconnects = loop.reconnects;
  std::tie(trial.steady_start, trial.steady_end) = steady_window(visit.requests, spec.trial.concurrency);
  trial.send_lateness_p99_us = quantile(send_lateness_us(visit.requests), 0.99);
  trial.read_lag_p99_us = p99_us(loop.read_lags);
  for (const auto& [warning, count] : loop.warnings) trial.notes.push_back(fmt::format("{}: {} of {} requests", warning, count, sent));
  judge_validity(trial, visit.requests, spec.ignore_eos);
  if (visit.cut_short) {
    trial.valid = false;
    trial.invalid_because = "stopped by the user";
  }
  return visit;
}

}  // namespace qc
