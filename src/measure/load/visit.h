#pragma once
// One visit: warm-up, the closed loop, the steady window, and whether the visit may count.
#include <functional>

#include "core/result.h"
#include "core/stop.h"
#include "measure/client/stream_client.h"
#include "measure/load/prompts.h"
#include "record/record.h"
#include "study/plan.h"

namespace qc {

struct VisitSpec {
  PlannedTrial trial;
  ClientOptions client;
  EndpointKind endpoint = EndpointKind::chat;
  std::string model;                      ///< the name the server serves
  std::uint64_t seed = 0;
  bool ignore_eos = true, cache_prompt_off = true, continuous_usage = false;
};

struct Visit {
  TrialRecord trial;
  std::vector<RequestRecord> requests;    ///< warm-up first
  bool cut_short = false;
};

/// Sends the visit's requests and fills everything of TrialRecord that the client can know; server counters are the caller's.
Visit make_visit(const VisitSpec& spec, const PromptSet& prompts, const StopFlag& stop,
                 const std::function<void(int done, int of)>& progress);

/// The steady window of a closed loop (METRICS.md): from all slots busy and warm-up over until the first slot finds no more work;
/// the whole trial with fewer requests than twice the slots. `requests` may be in any order.
std::pair<Instant, Instant> steady_window(const std::vector<RequestRecord>& requests, int slots);

/// METRICS.md's validity rules that one visit alone can decide; sets `valid` and `invalid_because`.
void judge_validity(TrialRecord& trial, const std::vector<RequestRecord>& requests, bool ignore_eos);

}  // namespace qc
