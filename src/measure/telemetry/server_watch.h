#pragma once
// The server's own word on a trial: its /metrics before, during and after, on the run's clock.
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "record/telemetry.h"

namespace qc {

/// Watches one server. Whatever its /metrics does (silence, slowness, garbage, another server's counters), a trial costs at most two
/// waits of kPatience outside the load and nothing within it. After kGiveUp answers in a row that did not come it is asked no more: beside
/// this load, or, where they were those before and after loads, at all.
class ServerWatch {
 public:
  /// Called on this thread and on the watch's own: it must own what it needs. Empty: no answer within the limit.
  using Ask = std::function<std::optional<ServerReading>(Seconds limit)>;
  static constexpr Seconds kPeriod{0.5}, kPatience{2};
  static constexpr int kGiveUp = 3;
  static constexpr double kMostOfTheTime = 0.02;           ///< the share of the time in which an answer may be under way

  explicit ServerWatch(Ask ask, Seconds period = kPeriod);
  ~ServerWatch();

  /// Just before the load: reads, and goes on reading beside it.
  void begin();
  /// Just after the load.
  struct Trial {
    Telemetry telemetry;                                   ///< server and histograms
    std::optional<ServerReading> before, after;            ///< both or none
    std::string na;                                        ///< why there is nothing, or no difference between the two
  };
  Trial end();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// What a histogram gained; empty when it shrank or has other bounds: the server began anew.
std::optional<ServerHistogram> grown(const ServerHistogram& before, const ServerHistogram& after);

}  // namespace qc
