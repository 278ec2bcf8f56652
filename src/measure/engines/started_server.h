#pragma once
// A server that we started: a child of ours, or something elsewhere that a command of the user's starts and another one ends.
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/process.h"

namespace qc {

/// Where a started server runs. `elsewhere`: another machine or a container, reached by `engine.connect`.
struct Where {
  bool elsewhere = false;
  std::vector<std::string> stop;      ///< the words that end it; may be empty
};

/// Owns the child: destroying it ends the server as stop() does.
class StartedServer {
 public:
  static Result<StartedServer> start(const Command& command, const std::filesystem::path& log, Where where);
  StartedServer(StartedServer&&) = default;
  StartedServer& operator=(StartedServer&&) = delete;
  ~StartedServer();

  /// How it ended by itself; empty while it is up. A launcher that leaves with 0 (`docker run -d`) has done its work: its server
  /// lives elsewhere, and only its address can tell.
  std::optional<Exit> ended();
  /// Runs the stop words (at most 30 s), then ends the child. "stopped", how it had ended before, or what may live on.
  std::string stop();
  /// Of the server where that is our child; empty elsewhere.
  [[nodiscard]] std::optional<int> pid() const;
  [[nodiscard]] bool may_outlive_us() const { return where_.elsewhere && where_.stop.empty(); }

 private:
  StartedServer(Process process, Where where) : process_(std::move(process)), where_(std::move(where)) {}
  [[nodiscard]] std::string run_stop_words() const;
  Process process_;
  Where where_;
  std::optional<std::string> stopped_;
};

}  // namespace qc
