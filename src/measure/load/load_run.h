#pragma once
// One endpoint under one load: the requests of a shape, what came of them, and our own error.
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "measure/client/stream_client.h"
#include "measure/load/arrivals.h"
#include "measure/load/prompts.h"

namespace qc {

/// A load. Exactly one of `concurrency` (closed loop) and `due` (open loop) is set.
struct LoadSpec {
  ClientOptions client;
  EndpointKind endpoint = EndpointKind::completions;
  std::string model;                      ///< empty: none is named
  std::optional<int> concurrency;
  Seconds ramp{0};                        ///< closed loop: over which its slots begin one by one
  std::optional<std::vector<Nanos>> due;  ///< open loop
  std::optional<double> rate;             ///< of the open loop; a label
  std::optional<std::size_t> requests;    ///< measured ones; a closed loop has this, `duration` or both
  std::optional<Seconds> duration;        ///< no request is sent later
  std::function<bool(const RequestRecord&)> enough;  ///< asked of each measured request when it is done; once true: no more are sent
  std::vector<TraceEntry> trace;          ///< open loop: lengths of request i, in place of prompts and max_tokens
  double words_per_token = 1;             ///< of the texts that a trace's lengths are made into
  int warmup = 1, max_tokens = 128;
  std::size_t first_prompt = 0;           ///< where in the prompts' order the measured requests begin
  std::uint64_t seed = 42;
  std::size_t keep_text_of = 0;           ///< so many measured requests keep their answer's text, to be counted again
  std::optional<bool> continuous_usage{}; ///< asks for the count of tokens with each event, which credits events of several tokens at their own instants; empty: where the warm-up is not refused for it
};

struct LoadRun {
  TrialRecord trial;                      ///< id 1; validity judged
  std::vector<RequestRecord> requests;    ///< warm-up first
  std::map<std::string, int> warnings;
  std::vector<double> read_lag_us;        ///< as LoopResult's
  bool cut_short = false, by_io_uring = false;
  bool continuous_usage = false;          ///< the measured requests asked for it
  bool was_enough = false;                ///< LoadSpec::enough ended it
};

/// Warm-up (one slot), then the load; prompts in a seeded order, again from the start when all were used (random ones with their words moved on, so that no cache knows them). `progress` is called on the calling thread with the number of measured requests that are done.
LoadRun run_load(const LoadSpec& spec, const PromptSet& prompts, const StopFlag& stop, const std::function<void(std::size_t)>& progress);

}  // namespace qc
