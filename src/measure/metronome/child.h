#pragma once
// A metronome in a process of its own: what it does costs our process nothing, and it is woken by its own timer.
#include <sys/types.h>

#include <vector>

#include "measure/metronome/metronome.h"

namespace qc {

/// What its log has room for.
struct LogRoom { std::size_t answers, sends; };

/// Owns the child: destroying it ends it. The child ends with the thread that started it, at the latest; Ctrl-C in a terminal does not reach it.
class MetronomeChild {
 public:
  /// Takes connections when it returns. Fails as engine: no port, no memory, no process.
  static Result<MetronomeChild> start(const MetronomeOptions& options, LogRoom room);
  MetronomeChild(MetronomeChild&& other) noexcept;
  MetronomeChild& operator=(MetronomeChild&&) = delete;
  ~MetronomeChild();
  [[nodiscard]] int port() const { return port_; }
  /// Ends it and tells what it sent.
  std::vector<TrueAnswer> stop();

 private:
  MetronomeChild(pid_t pid, int port, SendLog log) : pid_(pid), port_(port), log_(std::move(log)) {}
  void end();
  pid_t pid_;
  int port_;
  SendLog log_;
};

}  // namespace qc
