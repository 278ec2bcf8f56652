#include "measure/metronome/child.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace qc {
namespace {

constexpr Nanos kPatience{2'000'000'000}, kBetweenLooks{200'000};

/// Asked by SIGTERM, in the child only.
StopFlag& child_stop() {
  static StopFlag flag;
  return flag;
}

void stop_on_sigterm() {
  child_stop();   // made before a handler can run: its construction is not async-signal-safe
  struct sigaction action{};
  action.sa_handler = [](int) { child_stop().ask(); };
  sigaction(SIGTERM, &action, nullptr);
}

/// The child's whole life: no exec, so nothing has to be found on the disk; it touches nothing of ours but its log.
[[noreturn]] void serve(Metronome& metronome, SendLog& log, pid_t parent) {
  for (const int number : {SIGINT, SIGHUP, SIGQUIT}) signal(number, SIG_IGN);
  stop_on_sigterm();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);   // the parent ended before prctl
  try {
    metronome.run(log, child_stop());
  } catch (...) {
    _exit(1);
  }
  _exit(0);
}

/// False: it still runs (with WNOHANG).
bool reaped(pid_t pid, int flags) {
  pid_t got = 0;
  while ((got = waitpid(pid, nullptr, flags)) < 0 && errno == EINTR) {
  }
  return got != 0;
}

}  // namespace

Result<MetronomeChild> MetronomeChild::start(const MetronomeOptions& options, LogRoom room) {
  auto log = SendLog::make(room.answers, room.sends);
  if (!log) return fail(log.error());
  auto metronome = Metronome::listen(options);
  if (!metronome) return fail(metronome.error());
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) serve(*metronome, *log, parent);
  if (pid < 0) return fail(Fault::engine, fmt::format("the built-in server can't be started: {}", std::generic_category().message(errno)));
  return MetronomeChild(pid, metronome->port(), std::move(*log));
}

MetronomeChild::MetronomeChild(MetronomeChild&& other) noexcept : pid_(std::exchange(other.pid_, -1)), port_(other.port_), log_(std::move(other.log_)) {}

MetronomeChild::~MetronomeChild() { end(); }

/// A send that a client has seen already may still have to be noted: the child ends its turn first.
void MetronomeChild::end() {
  if (pid_ <= 0) return;
  kill(pid_, SIGTERM);
  bool gone = false;
  for (const Instant until = now() + kPatience; !(gone = reaped(pid_, WNOHANG)) && now() < until;) monotonic_clock().sleep_until(now() + kBetweenLooks);
  if (!gone) kill(pid_, SIGKILL), reaped(pid_, 0);
  pid_ = -1;
}

std::vector<TrueAnswer> MetronomeChild::stop() {
  end();
  return log_.answers();
}

}  // namespace qc
