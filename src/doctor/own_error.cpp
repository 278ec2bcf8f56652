#include "doctor/own_error.h"

#include <numeric>

#include <fmt/format.h>

#include "core/host.h"
#include "core/priority.h"
#include "measure/load/load_run.h"
#include "measure/metronome/child.h"
#include "stats/stats.h"

namespace qc {
namespace {
using namespace std::chrono_literals;

constexpr std::uint64_t kSeed = 42;
constexpr int kWarmup = 1, kWarmupTokens = 16;   // measure/load warms up with answers of so many tokens
constexpr Seconds kPatience{5};                  // for any next byte of a server on this machine

StagePlan error_stage(int streams, Rhythm rhythm) {
  return {.aim = StageAim::error, .streams = streams, .turns = 3, .tokens = 32, .server = {.port = 0, .first = 50ms, .gap = 10ms, .rhythm = rhythm, .tokens_per_event = 1}};
}

/// An answer of 128 tokens fits into a socket's buffer, so that a client that lags behind is late and loses nothing.
StagePlan rate_stage() {
  return {.aim = StageAim::rate, .streams = 64, .turns = 8, .tokens = 128, .server = {.port = 0, .first = 1ms, .gap = 50us, .rhythm = Rhythm::jittered, .tokens_per_event = 1}};
}

LoadSpec load_of(const StagePlan& plan, int port) {
  LoadSpec spec;
  spec.client = {.address = {.tls = false, .host = "127.0.0.1", .port = fmt::format("{}", port), .base = ""}, .api_key = "", .byte_timeout = kPatience, .keep_text = false};
  spec.model = "metronome";
  spec.concurrency = plan.streams;
  spec.requests = plan.requests();
  spec.warmup = kWarmup, spec.max_tokens = plan.tokens, spec.seed = kSeed, spec.continuous_usage = false;
  return spec;
}

/// Twice what is asked for: a request may be sent again.
LogRoom room_for(const StagePlan& plan) {
  const std::size_t answers = 2 * (plan.requests() + kWarmup);
  return {answers, answers * static_cast<std::size_t>(plan.tokens)};
}

class Stages {
 public:
  Stages(const std::vector<StagePlan>& plans, const StopFlag& stop, const OwnErrorWatch& watch) : plans_(plans), stop_(stop), watch_(watch), all_(total(plans)) {}

  Result<OwnError> run() {
    const auto prompts = load_prompts("random:32", kSeed);
    if (!prompts) return fail(prompts.error());
    const Instant begun = monotonic_clock().now();
    for (std::size_t i = 0; i < plans_.size() && !stop_.finish_in_hand(); ++i)
      if (auto s = stage(i, *prompts); !s) return fail(s.error());
    out_.seconds = seconds(monotonic_clock().now() - begun);
    out_.peak_rss_mib = static_cast<double>(own_peak_resident_bytes()) / (1 << 20);
    out_.cut_short = out_.cut_short || out_.stages.size() < plans_.size();
    return std::move(out_);
  }

 private:
  static Seconds total(const std::vector<StagePlan>& plans) {
    return std::accumulate(plans.begin(), plans.end(), Seconds(0), [](Seconds sum, const StagePlan& each) { return sum + each.takes(); });
  }

  Status stage(std::size_t index, const PromptSet& prompts) {
    const StagePlan& plan = plans_[index];
    auto server = MetronomeChild::start(plan.server, room_for(plan));
    if (!server) return fail(server.error());
    const LoadRun run = load(plan, server->port(), prompts);
    const auto truth = server->stop();
    done_ += plan.takes();
    if (run.cut_short) return out_.cut_short = true, ok();
    ErrorStage& figures = out_.stages.emplace_back();
    figures.plan = plan;
    hold_against(figures, run.requests, truth);
    figures.read_lag_p99_us = quantile(run.read_lag_us, 0.99);
    if (figures.tokens > 0) figures.cpu_us_per_token = run.trial.client_cpu_s * 1e6 / static_cast<double>(figures.tokens);
    figures.invalid_because = run.trial.invalid_because;
    if (watch_.keep) watch_.keep(index, run.requests, truth);
    return ok();
  }

  LoadRun load(const StagePlan& plan, int port, const PromptSet& prompts) {
    const QuickWakeups quick;
    out_.scheduling = quick.granted();
    tell(plan, 0);
    return run_load(load_of(plan, port), prompts, stop_, [&](std::size_t done) { tell(plan, static_cast<double>(done) / static_cast<double>(plan.requests())); });
  }

  void tell(const StagePlan& plan, double part) {
    const Instant now = monotonic_clock().now();
    if (!watch_.progress || now - told_ < 200ms) return;
    told_ = now;
    watch_.progress((done_ + plan.takes() * part) / all_, plan);
  }

  const std::vector<StagePlan>& plans_;
  const StopFlag& stop_;
  const OwnErrorWatch& watch_;
  Seconds all_, done_{0};
  Instant told_;
  OwnError out_;
};

}  // namespace

Seconds StagePlan::takes() const { return (server.first + kWarmupTokens * server.gap) + turns * (server.first + tokens * server.gap); }

const std::vector<StagePlan>& stage_plans() {
  static const std::vector<StagePlan> plans = [] {
    std::vector<StagePlan> out;
    for (const int streams : {1, 16, 256})
      for (const Rhythm rhythm : {Rhythm::lock_step, Rhythm::jittered}) out.push_back(error_stage(streams, rhythm));
    out.push_back(rate_stage());
    return out;
  }();
  return plans;
}

Result<OwnError> measure_own_error(const std::vector<StagePlan>& plans, const StopFlag& stop, const OwnErrorWatch& watch) { return Stages(plans, stop, watch).run(); }

}  // namespace qc
