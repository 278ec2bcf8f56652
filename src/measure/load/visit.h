#pragma once
// One visit: warm-up, the closed loop, the steady window, and whether the visit may count.
#include <functional>

#include "core/result.h"
#include "core/stop.h"
#include "measure/client/stream_client.h"
#include "measure/load/prompts.h"
#include "record/rates.h"
#include "record/record.h"
#include "study/plan.h"

namespace qc {

struct VisitSpec {
  PlannedTrial trial;
  int attempt = 0;                        ///< 1 when this visit repeats an invalid one
  ClientOptions client;
  EndpointKind endpoint = EndpointKind::chat;
  std::string model;                      ///< the name the server serves
  std::uint64_t seed = 0;
  bool ignore_eos = true, cache_prompt_off = true, continuous_usage = false;
};

struct Visit {
  TrialRecord trial;
  std::vector<RequestRecord> requests;    ///< warm-up first
  bool cut_short = false;                 ///< the user stopped it: the trial is not valid and should run again
  int in_vain = 0;                        ///< its last requests that waited in vain for a next byte; after one for each slot, two at least, or all of the warm-up, what was left was not sent
};

/// Sends the visit's requests and fills everything of TrialRecord that the client can know; server counters are the caller's
/// (who calls judge_validity again with them). `progress` counts measured requests and is called with 0 when warm-up is over.
Visit make_visit(const VisitSpec& spec, const PromptSet& prompts, const StopFlag& stop,
                 const std::function<void(int done, int of)>& progress);

/// METRICS.md's validity rules that one visit alone can decide; sets `valid` and `invalid_because` anew, whatever they were.
/// Notes a server that does not honour ignore_eos (output lengths then differ and tok/s are compared). `shared`: the share of the prompts' tokens that all begin with on purpose; a prefix cache may serve those.
void judge_validity(TrialRecord& trial, const std::vector<RequestRecord>& requests, bool ignore_eos, double shared = 0);

}  // namespace qc
