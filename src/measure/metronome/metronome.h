#pragma once
// A server of streams whose true send times are known: what our client, and others, are held against.
#include <cstdint>

#include "core/result.h"
#include "core/stop.h"
#include "core/time.h"
#include "measure/metronome/send_log.h"

namespace qc {

/// How the tokens of different streams lie to one another: all on one grid of the gap, or each stream with a phase of its own.
enum class Rhythm { lock_step, jittered };

struct MetronomeOptions {
  int port = 0;                           ///< on 127.0.0.1; 0: one that is free
  Nanos first{50'000'000}, gap{10'000'000};   ///< from the request to its first token, and from token to token; gap > 0
  Rhythm rhythm = Rhythm::lock_step;
  int tokens_per_event = 1;
};

/// When the first token of an answer is due, for the so-many-th request that was whole `at`: `first` later, and then on the grid (lock-step:
/// up to a gap earlier) or up to a gap later.
Instant first_due(const MetronomeOptions& options, Instant at, std::uint64_t request);

/// Answers every POST (but /tokenize) with as many tokens as its max_tokens asks for, one event a token (or as many as tokens_per_event), each sent when
/// it is due or, where this machine is late, as soon as may be. One thread; no other code than core, so that it shares nothing with the
/// client that it judges.
class Metronome {
 public:
  /// Listens from now on; connections wait until run(). Fails as engine where the port can't be had.
  static Result<Metronome> listen(const MetronomeOptions& options);
  Metronome(Metronome&& other) noexcept;
  Metronome& operator=(Metronome&&) = delete;
  ~Metronome();
  [[nodiscard]] int port() const { return port_; }
  /// Serves on this thread until asked to stop (seen within 100 ms). Every send goes into `log`; a request for which that has no room
  /// left is answered with 503.
  void run(SendLog& log, const StopFlag& stop);

 private:
  Metronome(const MetronomeOptions& options, int listener, int port) : options_(options), listener_(listener), port_(port) {}
  MetronomeOptions options_;
  int listener_, port_;
};

}  // namespace qc
