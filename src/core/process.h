#pragma once
// One child process in a process group of its own, its output to a file, ended on every way out of ours.
#include <sys/types.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace qc {

struct Command {
  std::vector<std::string> words;                 ///< program (looked up in PATH) and its arguments
  std::map<std::string, std::string> environment{}; ///< added to ours
};

/// How a child ended: its exit code, or the signal that ended it.
struct Exit {
  std::optional<int> code{};
  std::optional<int> signal{};
  [[nodiscard]] std::string text() const;                       ///< "exit code 1", "signal 9 (Killed)"
};

/// Owns a running child: destroying it ends the whole group (SIGTERM, `grace`, SIGKILL) and reaps it. When we are killed, the
/// child gets SIGTERM (PR_SET_PDEATHSIG, sent when the thread that started it ends), and the group's guard, a small process that
/// waits for our end, sends SIGTERM and 2 s later SIGKILL to the whole group, grandchildren included. Not thread-safe; start it
/// from a thread that lives as long as the child (the main thread).
class Process {
 public:
  /// stdout and stderr go to `log` (created or truncated). Fails as engine when the program is not there or not executable.
  static Result<Process> start(const Command& command, const std::filesystem::path& log);
  Process(Process&&) noexcept;
  Process& operator=(Process&&) noexcept;
  ~Process();

  [[nodiscard]] pid_t pid() const;
  /// Empty while it runs. Reaps without blocking; grandchildren may live on until stop().
  std::optional<Exit> exited();
  /// SIGTERM to the group, then SIGKILL after `grace` (after 1 s once the user has asked twice to stop); returns how it ended. Idempotent.
  Exit stop(Seconds grace = Seconds(5));

 private:
  friend Result<std::string> capture(const Command& command, Seconds limit);
  static Result<Process> start(const Command& command, int output, int errors);
  Process() = default;
  bool start_guard();
  void end_guard();
  pid_t pid_ = -1;
  pid_t guard_ = -1;   ///< leads the group, so that the group's number stays ours until the last member is gone
  int lifeline_ = -1;  ///< the guard reads the other end: it ends when we do
  bool stopped_ = false;
  std::optional<Exit> exit_;
};

/// Runs to the end and returns its standard output (at most 1 MiB). Fails as engine on a non-zero exit, a missing program or after `limit`.
Result<std::string> capture(const Command& command, Seconds limit);

/// A TCP port on 127.0.0.1 that nothing listens on at this moment.
Result<int> free_port();

}  // namespace qc
