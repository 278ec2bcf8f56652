#include "core/process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <thread>

#include "core/proc_table.h"
#include "core/stop.h"

extern char** environ;

namespace qc {
namespace {

constexpr useconds_t kGuardGraceUs = 2'000'000;
constexpr Seconds kHurriedGrace(1);   // after SIGTERM, once the user has asked twice

/// What execve wants, made before the fork: between fork and exec nothing may allocate.
struct Image {
  std::vector<std::string> words, environment;
  std::vector<char*> argv, envp;

  explicit Image(const Command& command) : words(command.words) {
    for (char** e = environ; *e != nullptr; ++e) {
      const std::string_view entry(*e);
      if (!command.environment.contains(std::string(entry.substr(0, entry.find('='))))) environment.emplace_back(entry);
    }
    for (const auto& [name, value] : command.environment) environment.push_back(fmt::format("{}={}", name, value));
    for (auto& word : words) argv.push_back(word.data());
    for (auto& entry : environment) envp.push_back(entry.data());
    argv.push_back(nullptr);
    envp.push_back(nullptr);
  }
};

/// Signals as a fresh program expects them: what we, or whoever started us, ignore or block would stay so across exec. By the
/// system call, since glibc's signal() refuses the two signals that it keeps for itself (32 and 33), and a parent may ignore those too.
void default_signals() {
  constexpr std::size_t kMaskBytes = 8;   // of the kernel's sigset_t: 64 signals
  const struct { void* handler; unsigned long flags; void* restorer; std::uint64_t mask; } as_new{};   // the kernel's sigaction, all zero: SIG_DFL
  for (int number = 1; number <= 64; ++number) syscall(SYS_rt_sigaction, number, &as_new, nullptr, kMaskBytes);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

void close_on_exec_from(int first) {
  if (close_range(static_cast<unsigned>(first), ~0U, CLOSE_RANGE_CLOEXEC) == 0) return;
  for (int fd = first; fd < 4096; ++fd) fcntl(fd, F_SETFD, FD_CLOEXEC);  // kernels before 5.11
}

/// Runs in the child; only async-signal-safe calls. An exec that fails writes errno to `report`.
[[noreturn]] void become(const Image& image, pid_t parent, pid_t group, int output, int errors, int report) {
  setpgid(0, group);
  default_signals();
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(127);  // the parent ended before prctl: no signal would come any more
  const int nothing = open("/dev/null", O_RDONLY);
  dup2(nothing, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(errors, STDERR_FILENO);
  close_on_exec_from(STDERR_FILENO + 1);
  execvpe(image.argv[0], image.argv.data(), image.envp.data());
  const int why = errno;
  [[maybe_unused]] const auto written = write(report, &why, sizeof why);
  _exit(127);
}

/// The guard's whole life: lead the group, wait until the lifeline's other end is gone, then end the group. It starts before the
/// program does: were it the other way round, our end in between would leave the program alone. Only async-signal-safe calls.
[[noreturn]] void guard(int lifeline) {
  if (setpgid(0, 0) != 0 || getpgrp() != getpid()) _exit(1);  // below it signals its whole group: that must be no one else's
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) signal(number, SIG_IGN);
  dup2(lifeline, STDIN_FILENO);
  if (close_range(1, ~0U, 0) != 0)
    for (int fd = 1; fd < 4096; ++fd) close(fd);
  char byte = 0;
  while (read(STDIN_FILENO, &byte, 1) < 0 && errno == EINTR) {}
  kill(0, SIGTERM);
  usleep(kGuardGraceUs);
  kill(0, SIGKILL);
  _exit(0);
}

/// waitpid that is not disturbed by signals. Empty: still running (with WNOHANG).
std::optional<Exit> reap(pid_t pid, int flags) {
  int status = 0;
  pid_t got = 0;
  while ((got = waitpid(pid, &status, flags)) < 0 && errno == EINTR) {}
  if (got == 0) return std::nullopt;
  if (got < 0) return Exit{};  // reaped by someone else: how it ended is not known
  return WIFSIGNALED(status) ? Exit{.signal = WTERMSIG(status)} : Exit{.code = WEXITSTATUS(status)};
}

/// The errno of a failed exec; 0 when the pipe closed because exec went through.
int exec_error(int pipe_end) {
  int why = 0;
  ssize_t n = 0;
  while ((n = read(pipe_end, &why, sizeof why)) < 0 && errno == EINTR) {}
  return n == static_cast<ssize_t>(sizeof why) ? why : 0;
}

Failed not_started(const Command& command, int why) {
  const auto& program = command.words.front();
  const bool path = program.find('/') != std::string::npos;
  if (why == ENOENT)
    return fail(Fault::engine, fmt::format("cannot start {}: {}", program,
                                           path ? "there is no such file" : "no such program in PATH; install it or give its full path"));
  return fail(Fault::engine, fmt::format("cannot start {}: {}{}", program, std::strerror(why),
                                         why == EACCES ? " (is it a program, and executable?)" : ""));
}

}  // namespace

std::string Exit::text() const {
  if (signal) return fmt::format("signal {} ({})", *signal, strsignal(*signal));
  return code ? fmt::format("exit code {}", *code) : "an end that was not seen";
}

Result<Process> Process::start(const Command& command, int output, int errors) {
  if (command.words.empty()) return fail(Fault::engine, "cannot start a server: the command is empty");
  Process process;
  int report[2];
  if (!process.start_guard() || pipe2(report, O_CLOEXEC) != 0) return not_started(command, errno);
  const Image image(command);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) become(image, parent, process.guard_, output, errors, report[1]);
  const int fork_error = errno;
  close(report[1]);
  const int why = pid < 0 ? fork_error : exec_error(report[0]);
  close(report[0]);
  if (pid > 0) process.pid_ = pid;
  if (why != 0) return not_started(command, why);
  return process;
}

Result<Process> Process::start(const Command& command, const std::filesystem::path& log) {
  std::error_code ignored;
  if (log.has_parent_path()) std::filesystem::create_directories(log.parent_path(), ignored);
  const int fd = open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) return fail(Fault::engine, fmt::format("cannot write the log {}: {}", log.string(), std::strerror(errno)));
  auto process = start(command, fd, fd);
  close(fd);
  return process;
}

bool Process::start_guard() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return false;
  guard_ = fork();
  if (guard_ == 0) guard(ends[0]);
  close(ends[0]);
  if (guard_ < 0) {
    close(ends[1]);
    return false;
  }
  lifeline_ = ends[1];
  return setpgid(guard_, guard_) == 0;  // in both: whoever comes first, the group exists before anyone joins or signals it
}

Process::Process(Process&& other) noexcept { *this = std::move(other); }

Process& Process::operator=(Process&& other) noexcept {
  if (this == &other) return *this;
  stop();
  pid_ = std::exchange(other.pid_, -1);
  guard_ = std::exchange(other.guard_, -1);
  lifeline_ = std::exchange(other.lifeline_, -1);
  stopped_ = other.stopped_;
  exit_ = other.exit_;
  return *this;
}

Process::~Process() { stop(); }

pid_t Process::pid() const { return pid_; }

std::optional<Exit> Process::exited() {
  if (!exit_ && pid_ > 0) exit_ = reap(pid_, WNOHANG);
  return exit_;
}

void Process::end_guard() {
  reap(guard_, 0);
  close(lifeline_);
  guard_ = lifeline_ = -1;
}

Exit Process::stop(Seconds grace) {
  if (stopped_ || guard_ <= 0) return exit_.value_or(Exit{});
  stopped_ = true;
  const auto others_live = [this] {
    const auto members = group_members(guard_);
    return std::any_of(members.begin(), members.end(), [this](pid_t p) { return p != guard_; });
  };
  kill(-guard_, SIGTERM);
  const auto began = std::chrono::steady_clock::now();
  const auto patience = [&] { return stop_flag().leave_now() ? std::min(grace, kHurriedGrace) : grace; };
  while (((pid_ > 0 && !exited()) || others_live()) && std::chrono::steady_clock::now() < began + patience())
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  kill(-guard_, SIGKILL);
  if (pid_ > 0 && !exit_) exit_ = reap(pid_, 0);
  end_guard();
  return exit_.value_or(Exit{});
}

Result<int> free_port() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  const bool bound = fd >= 0 && bind(fd, raw, size) == 0 && getsockname(fd, raw, &size) == 0;
  const int why = errno;
  if (fd >= 0) close(fd);
  if (!bound) return fail(Fault::engine, fmt::format("no free port on 127.0.0.1: {}", std::strerror(why)));
  return static_cast<int>(ntohs(address.sin_port));
}

}  // namespace qc
