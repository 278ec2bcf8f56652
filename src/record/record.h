#pragma once
// The facts that cross units: measured once, stored, judged later. Unknown is std::nullopt, never 0.
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"
#include "record/imported.h"
#include "record/proof.h"
#include "record/telemetry.h"
#include "study/study.h"

namespace qc {

/// One kind a failed request; order and meaning are METRICS.md's ("the first of this list that fits").
enum class Failure {
  connect, tls, reset, timeout, too_long, refused_by_server, http_4xx, http_5xx, redirect, bad_stream, error_event,
  truncated, runaway, cancelled,
};
inline constexpr std::array<std::string_view, 14> kFailureNames = {
    "connect", "tls", "reset", "timeout", "too_long", "refused_by_server", "http_4xx", "http_5xx", "redirect", "bad_stream",
    "error_event", "truncated", "runaway", "cancelled"};
constexpr std::string_view to_string(Failure f) { return kFailureNames[static_cast<std::size_t>(f)]; }
std::optional<Failure> failure_from(std::string_view name);
/// How the detail of a timeout begins where bytes kept coming and the whole answer took too long.
inline constexpr std::string_view kNotDone = "not done after";
/// How a visit's note begins where no server told how many tokens an answer has.
inline constexpr std::string_view kEventsCounted = "no usage: events were counted as tokens";

/// Which clock stamped an instant: the kernel's receive stamp, or the moment our read returned.
enum class Stamp { kernel, user };
constexpr std::string_view to_string(Stamp s) { return s == Stamp::kernel ? "kernel" : "user"; }

/// One text-carrying event of a stream.
struct Event {
  Instant at;
  int tokens = 1;
  Stamp stamp = Stamp::user;
};

/// One request of one trial. Instants as METRICS.md defines them.
struct RequestRecord {
  int trial_id = 0;
  int request_id = 0;                     ///< place in the trial's order, from 0; warm-up has ids of its own below 0
  std::string x_request_id;
  std::string prompt_sha256;
  bool warmup = false;
  std::optional<Failure> failure;         ///< unset: ok
  std::string failure_detail;
  Instant intended, sent;
  std::optional<Instant> first, last, done;
  std::optional<int> prompt_tokens, output_tokens, cached_tokens;
  std::optional<int> characters;          ///< Unicode code points of the answer's text
  std::optional<int> second_count;        ///< tokens of that text by the tokenizer that all variants share
  std::string finish_reason;
  std::vector<Event> events;
  std::string text;                       ///< kept for quality prompts; in load trials only until its tokens are counted again
  std::int64_t read_lag_ns_max = 0;       ///< user read minus kernel stamp, worst of its events
  [[nodiscard]] bool ok() const { return !failure; }
};

/// One visit as it went.
struct TrialRecord {
  int id = 0;                             ///< the planned id; as loaded from a store plus 1,000,000 x attempt
  int attempt = 0;                        ///< 1 when this one repeats an invalid visit
  std::string variant, workload;
  int concurrency = 0, max_tokens = 0, block = 0, position = 0;
  std::optional<double> rate;
  bool repeat = false;                    ///< the A/A visit
  bool valid = true;
  std::string invalid_because;            ///< reasons, "; " between
  int reconnects = 0;
  Instant started, steady_start, steady_end, ended;
  double client_cpu_s = 0;                ///< our own CPU during the visit
  std::optional<double> engine_cpu_s;     ///< the server's, where it is a process here
  std::optional<double> send_lateness_p99_us, read_lag_p99_us;
  std::optional<std::int64_t> gpu_slowdown;  ///< event reasons of heat or hardware that this trial met; not stored: invalid_because names them
  std::optional<std::int64_t> prompt_tokens_cached, prompt_tokens_processed;  ///< the server's own counters, this visit
  std::vector<std::string> notes;
};

struct MemorySample {
  std::string variant;
  std::string phase;                      ///< idle | load | asleep
  Instant at;
  std::optional<std::int64_t> used_bytes, weights_bytes, kv_bytes, kv_tokens;
  std::string source;                     ///< log | metrics | nvml | rss
};

/// One quality answer.
struct Answer {
  std::string variant;
  std::string suite;                      ///< factual | reasoning | code | summarization
  std::string item;                       ///< the prompt's id
  std::string prompt_sha256;
  std::string prompt;                     ///< as the user would read it
  std::string output;
  std::optional<double> score;            ///< 0..1 by the suite's documented rule; empty: the rule can't decide
  std::string score_because;              ///< what the rule looked for and found
  std::optional<double> similarity;       ///< chrF (0..100) to the baseline's first answer; empty for that answer itself
  std::optional<bool> exact;              ///< same text as the baseline's first answer
  int run = 0;                            ///< 0; 1: the baseline's repeat
  std::string failure;                    ///< why there is no answer, else empty
};

/// KLD of a candidate against the baseline, teacher-forced over the product's own text (METRICS.md, Quality).
struct Divergence {
  std::string variant;
  std::int64_t tokens_scored = 0;
  double kld_mean = 0, kld_se = 0, kld_p99 = 0, top1_agreement = 0, top1_se = 0, ppl_ratio = 1, ppl_ratio_se = 0;
  std::string text;                       ///< what was scored
};

/// What a variant's server really is, from its own words and its files.
struct VariantFacts {
  std::string variant;
  std::string model;                      ///< id or path as given
  std::optional<std::int64_t> file_bytes; ///< of the weight files
  std::optional<double> parameters;
  std::string method;                     ///< "BF16", "Q4_0 (GGUF)", "unknown"
  std::string tensor_mix;                 ///< "Q4_0 210, F32 61, Q8_0 1 (4.9 bits a weight)"; empty: not known
  std::optional<double> bits_per_weight;
  std::optional<std::int64_t> weights_bytes, kv_bytes, kv_tokens, other_bytes;
  std::optional<std::int64_t> host_weights_bytes;             ///< of a server on a GPU: weights that stay in the host's memory, beside weights_bytes
  std::optional<std::int64_t> activation_bytes, graph_bytes;  ///< parts of other_bytes, where the log tells them apart
  std::optional<int> context_per_request; ///< tokens a request may use
  std::optional<int> slots;               ///< requests at once
  std::optional<int> model_context;       ///< what the model was trained for
  std::string server, server_version;     ///< "llama-server", "v0.5.0 (b1-de3ff81)"
  std::string command;                    ///< as typed in a shell; empty when attached
  std::string url;
  std::optional<double> start_s;          ///< start to ready
  std::string template_sha256;            ///< of the chat template; empty: none or not told
  std::string file_sha256;
  std::vector<std::pair<std::string, std::string>> settings;  ///< all else that matters, name and value
  std::vector<std::string> unknown;       ///< what this server can't be asked, with the reason
  std::vector<ProvenSetting> proof;       ///< everything that could tell two variants apart, by the names of judge/fairness
  Identity identity;                      ///< whether it is what it says it is

  /// The value of one of `settings`; empty where it is not told.
  [[nodiscard]] std::string setting(std::string_view name) const {
    for (const auto& [key, value] : settings)
      if (key == name) return value;
    return {};
  }
  /// llama.cpp's CPU_REPACK buffers: some weights once more, in a layout that its kernels read faster.
  [[nodiscard]] bool keeps_second_copy() const { return setting("weight buffers").find("REPACK") != std::string::npos; }
  /// Nothing where `value` is empty: not told.
  void add_setting(const std::string& name, const std::string& value) {
    if (!value.empty()) settings.emplace_back(name, value);
  }
};

/// One start of one server.
struct EngineStart {
  std::string variant;
  Instant at;
  std::string command, log_path;
  std::string ended;                      ///< how it ended; "stopped" when by us; empty: attached or still up
  std::string last_lines;                 ///< of a start or a server that failed
};

/// One change of the server that holds the device: a server that started, ended, fell asleep or woke.
struct DeviceTurn {
  std::string variant;
  std::string kind;                       ///< start | stop | first_sleep | sleep | wake | restart (one that did not wake: its stop and its start)
  Instant at;                             ///< asked
  double seconds = 0;                     ///< until its memory was given back, or it answered
  std::optional<std::int64_t> used_before, used_after;  ///< bytes in use on the first card
  bool ok = true;
  std::string detail;                     ///< what went wrong; empty: nothing
};

/// What happened to the study as a whole, in order: started, interrupted, resumed, a server died ...
struct StudyEvent {
  std::string utc;
  std::string kind;                       ///< started | resumed | interrupted | infeasible | engine_died | engine_failed | trial_repeated | shortened | decided | finished | note | remark (a person's, afterwards)
  std::string text;
};

struct RunInfo {
  std::string program_version, git_id, build_type, compiler;
  std::string host_cpu, host_features, host_os, host_kernel;
  int host_cores = 0;
  std::int64_t host_memory_bytes = 0;
  std::vector<std::string> gpus;          ///< "NVIDIA RTX 2000 Ada Generation, 16380 MiB, driver 550.1"; empty: none
  std::optional<std::int64_t> gpu_memory_bytes;
  std::string hardware_short;             ///< "rtx2000ada", "cpu2": in file names
  std::string hardware_long;              ///< "2 cores of AMD EPYC (avx2), 24 GiB"
  std::string started_utc, ended_utc, command;
  std::map<std::string, std::string> environment;   ///< serving_environment() of the run; empty: an older store
  std::map<std::string, std::string> prompts_sha256;   ///< of each workload's prompts and of "quality": a run that goes on must find the same; empty: an older store
  double study_wall_s = 0, own_cpu_s = 0, engine_busy_s = 0, engine_cpu_s = 0;  ///< models evaluated in process count as the engine
  std::string switching, switching_because;  ///< how variants took turns: resident | sleep | restart; empty: an older store
  std::optional<double> gpu_share;        ///< gpu_memory_utilization of all variants where quantcase chose it
  std::string client_scheduling;          ///< of our sending and receiving thread: core/priority.h
};

/// Everything that a stored study holds: what judge/ works on.
struct StudyData {
  Study study;
  RunInfo run;
  std::vector<VariantFacts> variants;
  std::vector<EngineStart> starts;
  std::vector<TrialRecord> trials;        ///< by id
  std::vector<RequestRecord> requests;    ///< by trial, then request id
  std::vector<MemorySample> memory;
  Telemetry telemetry;                    ///< by time
  std::vector<Answer> answers;
  std::vector<Divergence> divergences;
  std::vector<StudyEvent> events;
  std::vector<DeviceTurn> turns;
  std::vector<ImportedRun> imported;      ///< of a study that was measured elsewhere: a row for each trial; empty: measured here
  int planned_trials = 0;
  std::vector<std::string> report_set;    ///< what `report --set` changed of the study's [hardware]
};

/// One figure that a report prints, unrounded: a row of v_figure.
struct Figure {
  std::string section, row, column;
  std::optional<double> value, lo, hi;
  std::string unit;
  std::string tag;                        ///< MEASURED | TRANSFERRED | EXTRAPOLATED
};

}  // namespace qc
