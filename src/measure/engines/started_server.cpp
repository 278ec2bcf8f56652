#include "measure/engines/started_server.h"

#include <fmt/format.h>

#include <csignal>

#include "core/text.h"

namespace qc {
namespace {

constexpr Seconds kStopLimit{30}, kGrace{10};

}  // namespace

Result<StartedServer> StartedServer::start(const Command& command, const std::filesystem::path& log, Where where) {
  auto process = Process::start(command, log);
  if (!process) return fail(process.error());
  return StartedServer(std::move(*process), std::move(where));
}

StartedServer::~StartedServer() {
  if (process_.pid() > 0) stop();  // a moved-from server owns no process
}

std::optional<Exit> StartedServer::ended() {
  const auto exit = process_.exited();
  return exit && where_.elsewhere && exit->code == 0 ? std::nullopt : exit;
}

std::optional<int> StartedServer::pid() const { return where_.elsewhere ? std::nullopt : std::optional<int>(process_.pid()); }

/// Empty when they ended it, else what to tell the user.
std::string StartedServer::run_stop_words() const {
  if (!where_.elsewhere && where_.stop.empty()) return {};
  if (where_.stop.empty()) return "it was started elsewhere, and there is no `stop` command under [engine]: the server may live on";
  const auto done = capture({.words = where_.stop}, kStopLimit);
  return done ? std::string() : "the server may live on: " + done.error().message;
}

std::string StartedServer::stop() {
  if (stopped_) return *stopped_;
  const auto before = ended();
  const auto warning = run_stop_words();
  const auto exit = process_.stop(kGrace);
  stopped_ = before ? before->text() : "stopped";
  if (!before && exit.signal == SIGKILL) *stopped_ += " (it was killed: SIGTERM had not ended it)";
  if (!warning.empty()) *stopped_ += "; " + warning;
  return *stopped_;
}

}  // namespace qc
