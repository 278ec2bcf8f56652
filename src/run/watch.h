#pragma once
// What server and GPU say of one visit: begun when its warm-up is over, ended after its last answer.
#include "measure/engines/engine.h"
#include "measure/load/visit.h"
#include "measure/telemetry/gpu_watch.h"
#include "measure/telemetry/server_watch.h"

namespace qc {

/// The GPU is watched where the server is on this machine: another one's GPU is not ours to see.
void begin_watch(ServerWatch& server, GpuWatch& gpu, const Engine& engine);

/// Ends both watches. Puts the server's prompt counters and the GPU's slowdowns into the trial and judges its validity with them.
Telemetry end_watch(ServerWatch& server, GpuWatch& gpu, Visit& visit, bool ignore_eos);

}  // namespace qc
