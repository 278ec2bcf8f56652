#include "measure/load/load_run.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>
#include <thread>
#include <tuple>

#include <fmt/format.h>

#include "core/host.h"
#include "measure/load/own_error.h"
#include "measure/load/random_prompts.h"
#include "measure/load/visit.h"
#include "stats/stats.h"

namespace qc {
namespace {

constexpr int kWarmupTokens = 16;

Nanos nanos(Seconds s) { return std::chrono::duration_cast<Nanos>(s); }

/// Makes the requests of a load, each from its index alone.
class Requests {
 public:
  Requests(const LoadSpec& spec, const PromptSet& prompts, Instant started, bool continuous_usage)
      : spec_(spec), prompts_(prompts), started_(started), continuous_usage_(continuous_usage), order_(pick_prompts(prompts, spec.seed, "load", 0, static_cast<int>(prompts.prompts.size()))) {}

  [[nodiscard]] std::optional<Outgoing> measured(std::size_t i) const {
    if (spec_.requests && i >= *spec_.requests) return std::nullopt;
    if (!spec_.trace.empty() && i >= spec_.trace.size()) return std::nullopt;
    Outgoing out = spec_.trace.empty() ? made(prompt(spec_.first_prompt + i), static_cast<int>(i), spec_.max_tokens, fmt::format("{}", i)) : of_trace(i);
    out.keep_text = i < spec_.keep_text_of;
    return out;
  }

  [[nodiscard]] Outgoing of_trace(std::size_t i) const {
    const TraceEntry& entry = spec_.trace[i];
    return made(random_prompt(std::max(1, static_cast<int>(std::lround(entry.input_tokens * spec_.words_per_token))), spec_.seed, i), static_cast<int>(i), std::max(1, entry.output_tokens), fmt::format("{}", i));
  }

  [[nodiscard]] std::vector<Outgoing> warmup() const {
    std::vector<Outgoing> out;
    for (int i = 0; i < spec_.warmup; ++i) {
      out.push_back(made(prompts_.prompts[order_[order_.size() - 1 - static_cast<std::size_t>(i) % order_.size()]], -1 - i, std::min(kWarmupTokens, spec_.max_tokens), fmt::format("w{}", i)));
      out.back().warmup = true;
    }
    return out;
  }

 private:
  [[nodiscard]] Prompt prompt(std::size_t i) const { return in_round(prompts_, order_[i % order_.size()], i / order_.size()); }

  [[nodiscard]] Outgoing made(const Prompt& prompt, int id, int max_tokens, const std::string& place) const {
    Outgoing out;
    out.request_id = id;
    out.x_request_id = fmt::format("{}-{:x}-{}", spec_.seed, started_.ns, place);
    out.prompt_sha256 = prompt.sha256;
    out.ask = {.endpoint = spec_.endpoint, .model = spec_.model, .prompt = prompt.text, .messages = prompt.messages, .max_tokens = max_tokens, .ignore_eos = true,
               .cache_prompt_off = prompts_.shared == 0, .continuous_usage = continuous_usage_, .seed = static_cast<int>(spec_.seed & 0x7fffffff)};
    return out;
  }

  const LoadSpec& spec_;
  const PromptSet& prompts_;
  Instant started_;
  bool continuous_usage_;
  std::vector<std::size_t> order_;
};

Timetable timetable_of(const LoadSpec& spec) {
  Timetable out;
  if (spec.duration) out.until = nanos(*spec.duration);
  if (spec.due) {
    out.due = *spec.due;
    return out;
  }
  out.slots = *spec.concurrency;
  if (spec.requests) out.slots = static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(out.slots), *spec.requests));
  for (int i = 0; spec.ramp.count() > 0 && i < out.slots; ++i) out.due.push_back(nanos(spec.ramp * i / out.slots));
  return out;
}

/// METRICS.md: of an open loop the whole planned time counts; of one that was enough before, the time until its last request was due.
std::pair<Instant, Instant> window(const LoadSpec& spec, const LoopResult& loop, bool was_enough) {
  if (!spec.due) return steady_window(loop.records, *spec.concurrency);
  if (was_enough && !loop.records.empty()) return {loop.started, std::ranges::max(loop.records, {}, &RequestRecord::intended).intended};
  const Nanos planned = spec.duration ? nanos(*spec.duration) : spec.due->empty() ? Nanos(0) : spec.due->back();
  return {loop.started, loop.started + planned};
}

/// The warm-up's records. Where nothing was said of continuous usage it is asked for, and left out from then on by a server that refuses.
std::vector<RequestRecord> warm_up(const LoadSpec& spec, const PromptSet& prompts, const StopFlag& stop, Instant started, bool& continuous_usage) {
  continuous_usage = spec.continuous_usage.value_or(spec.warmup > 0);
  auto records = closed_loop(spec.client, Requests(spec, prompts, started, continuous_usage).warmup(), 1, stop, {}).records;
  const bool refused = std::ranges::any_of(records, [](const RequestRecord& r) { return r.failure == Failure::http_4xx; });
  if (spec.continuous_usage || !continuous_usage || !refused) return records;
  continuous_usage = false;
  return closed_loop(spec.client, Requests(spec, prompts, started, continuous_usage).warmup(), 1, stop, {}).records;
}

}  // namespace

LoadRun run_load(const LoadSpec& spec, const PromptSet& prompts, const StopFlag& stop, const std::function<void(std::size_t)>& progress) {
  const double cpu_before = own_cpu_seconds();
  LoadRun run;
  TrialRecord& trial = run.trial;
  trial.id = 1;
  trial.variant = spec.model;
  trial.concurrency = spec.concurrency.value_or(0);
  trial.rate = spec.rate;
  trial.max_tokens = spec.max_tokens;
  trial.started = monotonic_clock().now();
  run.requests = warm_up(spec, prompts, stop, trial.started, run.continuous_usage);
  const Requests requests(spec, prompts, trial.started, run.continuous_usage);
  std::atomic<std::size_t> done = 0;
  std::atomic<bool> enough = false;
  std::mutex asking;                      // with several threads `enough` is asked by one at a time
  const auto caller = std::this_thread::get_id();
  Timetable timetable = timetable_of(spec);
  if (spec.enough) timetable.enough = [&] { return enough.load(); };
  LoopResult loop = drive(spec.client, [&](std::size_t i) { return requests.measured(i); }, timetable, stop, [&](const RequestRecord& request) {
    if (spec.enough) {
      const std::scoped_lock one(asking);
      if (spec.enough(request)) enough = true;
    }
    const std::size_t count = ++done;
    if (progress && std::this_thread::get_id() == caller) progress(count);
  });
  run.by_io_uring = loop.by_io_uring, run.was_enough = enough;
  std::tie(trial.steady_start, trial.steady_end) = window(spec, loop, run.was_enough);
  run.cut_short = loop.cut_short || stop.leave_now();
  run.warnings = std::move(loop.warnings);
  trial.reconnects = loop.reconnects;
  for (RequestRecord& r : loop.records) run.requests.push_back(std::move(r));
  for (RequestRecord& r : run.requests) r.trial_id = trial.id;
  for (const Nanos lag : loop.read_lags) run.read_lag_us.push_back(static_cast<double>(lag.count()) * 1e-3);
  trial.ended = monotonic_clock().now();
  trial.client_cpu_s = own_cpu_seconds() - cpu_before;
  trial.send_lateness_p99_us = quantile(send_lateness_us(run.requests), 0.99);
  trial.read_lag_p99_us = quantile(run.read_lag_us, 0.99);
  if (run.warnings.contains(std::string(kEventsCounted))) trial.notes.emplace_back(kEventsCounted);
  judge_validity(trial, run.requests, spec.trace.empty(), prompts.shared);
  return run;
}

}  // namespace qc
