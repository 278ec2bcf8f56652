#pragma once
// What the servers and the GPU said of themselves, beside what the client saw of the same requests.
#include <map>
#include <string>
#include <vector>

#include "judge/compare/compare.h"

namespace qc {

/// One variant at one operating point, over its valid trials. Times are means a request, from the server's histograms.
struct ServerRow {
  std::string workload, variant;
  int concurrency = 0;
  Measured ttft_ms, our_ttft_ms;           ///< mean time to first token
  Measured ttft_p95_ms;                    ///< lo and hi: the bucket it lies in, which is all that a histogram tells
  Measured itl_ms, our_itl_ms;             ///< mean gap between tokens
  Measured queue_ms, prefill_ms, decode_ms;
  Measured running_max, waiting_max, waiting_share, kv_usage_max;   ///< of its readings under load
  Measured preemptions, tokens, our_tokens;
  Measured p95_ms, tail;                   ///< e2e as we measured it; p95 / median - 1
  Measured slow_first_token;               ///< share of their time that the slowest requests (e2e at or above p95) wait for the first token
  Measured excess_first_token;             ///< the same of what they take longer than the median request of their visit
  Measured excess_visit;                   ///< of what they take longer than the median of all: the share by which their whole visits took longer
  std::string cause;                       ///< the rule of causes.cpp that fired; empty: no data
  std::string because;                     ///< a sentence; placeholders in braces are v_figure's columns
  std::vector<std::string> warnings;       ///< server and client disagree, and by how much; placeholders as above
};
std::vector<ServerRow> server_rows(const StudyData& data);

/// Sets `cause` and `because` from the row's figures.
void find_cause(ServerRow& row);

/// The first GPU under one variant at one operating point, over the trials that count.
struct GpuRow {
  std::string workload, variant;
  int concurrency = 0;
  Measured power_w, sm_mhz, temp_max_c;    ///< means, and the highest temperature
  Measured power_capped, slowed;           ///< shares of the readings under load; slowed: heat or hardware, over all trials
  Measured joule_per_token;                ///< output tokens
  int readings = 0;                        ///< while the card was not idle: what clock and shares are of
};
/// Empty without a GPU.
std::vector<GpuRow> gpu_rows(const StudyData& data);

}  // namespace qc
