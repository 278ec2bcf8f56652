#pragma once
// A machine on which there is nothing to do, as facts.
#include "doctor/findings.h"

namespace qc::test {

inline ErrorStage good_stage(const StagePlan& plan) {
  ErrorStage s;
  s.plan = plan;
  s.requests = plan.requests();
  s.tokens = s.kernel_stamps = s.requests * static_cast<std::size_t>(plan.tokens);
  s.event_us = {.n = s.tokens, .p50 = 5, .p99 = 20, .max = 90};
  s.first_us = {.n = s.requests, .p50 = 6, .p99 = 30, .max = 95};
  s.server_us = {.n = s.tokens, .p50 = 4, .p99 = 9, .max = 40};
  s.send_lateness_p99_us = 80, s.read_lag_p99_us = 60;
  s.cpu_us_per_token = 4.5;
  s.tokens_per_s = plan.aim == StageAim::rate ? 180'000 : 20'000;
  return s;
}

inline Diagnosis healthy() {
  Diagnosis d;
  for (const StagePlan& plan : stage_plans()) d.error.stages.push_back(good_stage(plan));
  d.error.scheduling = "real-time (SCHED_RR)";
  d.error.peak_rss_mib = 20, d.error.seconds = 8;
  MachineFacts& m = d.machine;
  m.engines = {{"llama", "/opt/llama-server", ""}, {"vllm", "vllm", ""}};
  m.gpus = {{{.name = "NVIDIA H100 80GB HBM3", .driver = "580.1", .memory_bytes = std::int64_t{80} << 30, .used_bytes = std::int64_t{1} << 29}, {}}};
  m.gpus[0].now.power_w = 71, m.gpus[0].now.sm_mhz = 345, m.gpus[0].now.temp_c = 31, m.gpus[0].now.event_reasons = 1;
  m.clock = {.source = "tsc", .read_ns = 25, .resolution_ns = 1, .smallest_step_ns = 20};
  m.wall = {Seconds(9), Nanos(-30)};
  m.cpu = {.cores = 16, .is_virtual = false, .governors = {"performance"}};
  m.cpu_use = {.load = 0.1, .others = 0.05, .stolen_share = 0.0};
  m.on_battery = false;
  m.ports = {.first = 32768, .last = 60999, .taken = {}, .none_free = ""};
  m.files = {1024, 1 << 20};
  m.folders = {{"working folder", ".", std::int64_t{50} << 30, true}, {"cache", "/c", std::int64_t{50} << 30, true}};
  m.memory_bytes = std::int64_t{64} << 30, m.available_bytes = std::int64_t{60} << 30;
  m.stamps = {true, true};
  m.ring = {true, ""};
  m.build_type = "Release";
  return d;
}

inline Finding finding(const Diagnosis& d, std::string_view id) {
  for (Finding& each : findings_of(d))
    if (each.id == id) return each;
  return {};
}

}  // namespace qc::test
