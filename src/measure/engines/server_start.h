#pragma once
// One start of one server by us, whatever the engine: from its command to its first answer.
#include <chrono>
#include <functional>
#include <map>

#include "measure/engines/http_engine.h"

namespace qc {

/// Where the server listens, seen from itself.
struct Listen { std::string host = "127.0.0.1"; std::string port; };
/// Where it listens, and where we reach it.
struct ServerPlace { Listen listen; Endpoint endpoint; };

/// A free port here, or what `connect` says. Fails as usage for a bad `connect`, as engine where a server answers there already.
Result<ServerPlace> choose_place(const EngineSpec& engine);

struct StartSpec {
  std::vector<std::string> words;               ///< the whole command
  Endpoint endpoint;
  std::string alias;                            ///< the name it must answer for at /v1/models
  /// What it is doing, out of its log so far ("loading weights"); may be empty. For progress lines.
  std::function<std::string(std::string_view log)> phase;
  std::map<std::string, std::string> environment{};  ///< beside engine.env, which wins
};

class ServerStart {
 public:
  ServerStart(const Variant& variant, const LaunchContext& context, StartSpec spec);

  /// Starts it and waits for /health and its own model's name at /v1/models. Fails as engine with the log's telling lines (ended, not
  /// ready in start_timeout_s), as refused where a stranger answers there, as interrupted.
  Status run();
  /// After run() failed: it could not bind its port, another may do.
  [[nodiscard]] bool lost_its_port() const;
  [[nodiscard]] std::string log_text() const;
  /// Moves everything out; call once, after run() succeeded.
  EngineParts take_parts();

 private:
  using Clock = std::chrono::steady_clock;
  void say(const std::string& text) const;
  [[nodiscard]] Failed failed(const std::string& what, const std::optional<Exit>& exit = {}) const;
  Status wait_until_ready();
  bool is_ours();
  [[nodiscard]] Failed stranger() const;
  [[nodiscard]] double waited() const { return Seconds(Clock::now() - begin_).count(); }

  const Variant& variant_;
  const LaunchContext& context_;
  StartSpec spec_;
  std::filesystem::path log_;
  std::string command_, answered_for_;
  Clock::time_point begin_;
  std::optional<Clock::time_point> stranger_since_;
  double start_s_ = 0;
  std::optional<StartedServer> server_;
};

}  // namespace qc
