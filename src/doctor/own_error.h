#pragma once
// Our own error on this machine: the real client against a server whose true send times are known.
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/stop.h"
#include "measure/metronome/metronome.h"
#include "record/record.h"

namespace qc {

/// What we hold ourselves to, p99, in microseconds.
inline constexpr double kEventLimitUs = 50, kFirstTokenLimitUs = 100;
/// METRICS.md: the share of a figure that our error may distort before the trial does not count.
inline constexpr double kDistortionShare = 0.05;

/// Whether a stage asks how wrong we are, or how much we can take.
enum class StageAim { error, rate };

/// So many streams at once, each asking `turns` times for so many tokens.
struct StagePlan {
  StageAim aim = StageAim::error;
  int streams = 1, turns = 1, tokens = 32;
  MetronomeOptions server;
  [[nodiscard]] std::size_t requests() const { return static_cast<std::size_t>(streams) * static_cast<std::size_t>(turns); }
  [[nodiscard]] Seconds takes() const;    ///< on a machine that keeps up
};
/// 1, 16 and 256 streams with lock-step and with jittered tokens, then tokens as fast as they come: about 8 s in all.
const std::vector<StagePlan>& stage_plans();

/// Of so many samples, in microseconds; nothing but n where there are none.
struct ErrorSpread { std::size_t n = 0; std::optional<double> p50, p99, max; };

/// One stage as it went. Warm-up is not in it.
struct ErrorStage {
  StagePlan plan;
  std::size_t requests = 0, failed = 0;
  std::size_t unmatched = 0;              ///< answered, and yet not what the server sent: another number of events, or unknown to it
  std::size_t tokens = 0;
  ErrorSpread event_us, first_us;         ///< our instant against the server's own, just before its send
  ErrorSpread server_us;                  ///< how long the server's sends took: within that, truth itself is not known
  std::optional<double> send_lateness_p99_us, read_lag_p99_us;
  std::size_t kernel_stamps = 0, user_stamps = 0;   ///< of its events; a stamp that the kernel did not give is a user's
  std::optional<double> cpu_us_per_token; ///< ours, warm-up and connecting included
  std::optional<double> tokens_per_s;     ///< from the first request's sending to the last token
  std::string invalid_because;            ///< by METRICS.md's rules for a trial; empty: it would count
};

/// Fills what follows from the client's records and the server's truth.
void hold_against(ErrorStage& stage, const std::vector<RequestRecord>& records, const std::vector<TrueAnswer>& truth);

struct OwnError {
  std::vector<ErrorStage> stages;
  std::string scheduling;                 ///< what our thread was granted (core/priority.h)
  double peak_rss_mib = 0;                ///< of this process, when the stages were over
  double seconds = 0;                     ///< that they took
  bool cut_short = false;                 ///< the user stopped it: stages are missing
};

struct OwnErrorWatch {
  std::function<void(double fraction, const StagePlan& now)> progress;   ///< of all stages; a few times a second
  std::function<void(std::size_t stage, const std::vector<RequestRecord>&, const std::vector<TrueAnswer>&)> keep;   ///< after each stage, if set
};
/// Runs the stages one after another, the server in a process of its own, the client on this thread. Fails as engine where the server
/// can't be started.
Result<OwnError> measure_own_error(const std::vector<StagePlan>& plans, const StopFlag& stop, const OwnErrorWatch& watch);

}  // namespace qc
