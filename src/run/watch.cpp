#include "run/watch.h"

#include <algorithm>

#include "measure/engines/metrics.h"

namespace qc {
namespace {

/// As memory is read: of the first GPU, which our servers work on.
std::optional<std::int64_t> slowdowns(const std::vector<GpuSample>& samples) {
  std::optional<std::int64_t> bits;
  for (const auto& sample : samples)
    if (sample.device == 0 && sample.event_reasons) bits = bits.value_or(0) | (*sample.event_reasons & event_reason::kHeatOrHardware);
  return bits;
}

void add_counters(const ServerWatch::Trial& said, TrialRecord& trial) {
  const auto before = said.before ? prompt_counters(*said.before) : std::nullopt, after = said.after ? prompt_counters(*said.after) : std::nullopt;
  if (!before || !after) return;
  trial.prompt_tokens_processed = after->prompt_tokens - before->prompt_tokens;
  trial.prompt_tokens_cached = after->cached - before->cached;
}

bool on_this_machine(const Engine& engine) {
  const auto here = {"127.0.0.1", "localhost", "::1", "[::1]"};
  return engine.pid() || std::ranges::find(here, engine.address().host) != here.end();
}

}  // namespace

void begin_watch(ServerWatch& server, GpuWatch& gpu, const Engine& engine) {
  server.begin();
  if (on_this_machine(engine)) gpu.begin();
}

Telemetry end_watch(ServerWatch& server, GpuWatch& gpu, Visit& visit, bool ignore_eos) {
  auto said = server.end();
  Telemetry telemetry = std::move(said.telemetry);
  telemetry.gpu = gpu.end();
  add_counters(said, visit.trial);
  visit.trial.gpu_slowdown = slowdowns(telemetry.gpu);
  if (!said.na.empty()) visit.trial.notes.push_back("server counters: " + said.na);
  judge_validity(visit.trial, visit.requests, ignore_eos);
  return telemetry;
}

}  // namespace qc
