// Real processes: how they start, how they end, and that nothing of them stays behind.
#include "core/process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdlib>
#include <thread>

#include "core/stop.h"
#include "integration/process/support.h"

namespace qc {
namespace {

using test::alive;
using test::pid_after;
using test::read_all;
using test::wait_until;
using testing::HasSubstr;

std::filesystem::path log_file() {
  return test::scratch() / (std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) + ".log");
}

Process start_shell(const std::string& script) {
  auto process = Process::start({.words = {"sh", "-c", script}}, log_file());
  EXPECT_TRUE(process) << process.error().message;
  return std::move(*process);
}

Exit end_of(Process& process) {
  EXPECT_TRUE(wait_until([&] { return process.exited().has_value(); }, 5));
  return process.exited().value_or(Exit{});
}

TEST(Process, TellsExitCode) {
  auto process = start_shell("exit 3");
  EXPECT_EQ(end_of(process).text(), "exit code 3");
}

TEST(Process, TellsSignal) {
  auto process = start_shell("kill -SEGV $$");
  EXPECT_EQ(end_of(process).text(), "signal 11 (Segmentation fault)");
}

TEST(Process, LogHoldsBothStreamsAndInputIsEmpty) {
  auto process = start_shell("cat; echo out; echo err >&2");
  end_of(process);
  EXPECT_EQ(read_all(log_file()), "out\nerr\n");
}

TEST(Process, MakesTheLogsFolder) {
  const auto log = test::scratch() / "a" / "b" / "c.log";
  auto process = Process::start({.words = {"echo", "hi"}}, log);
  ASSERT_TRUE(process);
  end_of(*process);
  EXPECT_EQ(read_all(log), "hi\n");
}

TEST(Process, AddsToTheEnvironment) {
  setenv("QC_TEST_OLD", "old", 1);
  setenv("QC_TEST_REPLACED", "old", 1);
  auto process = Process::start({.words = {"sh", "-c", "echo $QC_TEST_OLD $QC_TEST_REPLACED $QC_TEST_NEW"},
                                 .environment = {{"QC_TEST_NEW", "1"}, {"QC_TEST_REPLACED", "2"}}}, log_file());
  ASSERT_TRUE(process);
  end_of(*process);
  EXPECT_EQ(read_all(log_file()), "old 2 1\n");
}

TEST(Process, MissingProgramIsAnEngineFault) {
  const auto none = Process::start({.words = {"qc-no-such-program"}}, log_file());
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().fault, Fault::engine);
  EXPECT_THAT(none.error().message, testing::AllOf(HasSubstr("qc-no-such-program"), HasSubstr("PATH")));
}

TEST(Process, FileThatIsNoProgramIsAnEngineFault) {
  const auto path = test::scratch() / "plain.txt";
  std::ofstream(path) << "text";
  const auto refused = Process::start({.words = {path.string()}}, log_file());
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, testing::AllOf(HasSubstr("plain.txt"), HasSubstr("Permission denied")));
}

TEST(Process, EmptyCommandIsAnEngineFault) {
  EXPECT_EQ(Process::start({}, log_file()).error().fault, Fault::engine);
}

TEST(Process, HasAGroupOfItsOwn) {
  auto process = start_shell("sleep 60");
  EXPECT_NE(getpgid(process.pid()), getpgrp());
  auto other = start_shell("sleep 60");
  EXPECT_NE(getpgid(process.pid()), getpgid(other.pid()));
}

TEST(Process, InheritsNoDescriptorsAndNoIgnoredSignals) {
  const int leak = dup2(0, 77);  // without FD_CLOEXEC, as a library might leave it
  const auto before = signal(SIGPIPE, SIG_IGN);
  auto process = start_shell("ls /proc/$$/fd | tr '\\n' ' '; grep SigIgn /proc/$$/status");
  end_of(process);
  signal(SIGPIPE, before);
  EXPECT_THAT(read_all(log_file()), testing::AllOf(testing::StartsWith("0 1 2"), HasSubstr("SigIgn:\t0000000000000000")));
  EXPECT_THAT(read_all(log_file()), testing::Not(HasSubstr(" 77 ")));
  close(leak);
}

// As some launchers leave it: signal() itself refuses these two.
TEST(Process, InheritsNotEvenGlibcsOwnSignalsIgnored) {
  struct { void (*handler)(int); unsigned long flags, restorer, mask; } ignore{SIG_IGN, 0, 0, 0}, before[2]{};
  for (const int i : {0, 1}) ASSERT_EQ(syscall(SYS_rt_sigaction, 32 + i, &ignore, &before[i], 8), 0);
  auto process = start_shell("grep SigIgn /proc/$$/status");
  end_of(process);
  for (const int i : {0, 1}) syscall(SYS_rt_sigaction, 32 + i, &before[i], nullptr, 8);
  EXPECT_THAT(read_all(log_file()), HasSubstr("SigIgn:\t0000000000000000"));
}

TEST(Process, StopEndsGrandchildrenToo) {
  auto process = start_shell("sleep 60 & echo child $!; wait");
  const pid_t grandchild = pid_after(log_file(), "child");
  ASSERT_TRUE(alive(grandchild));
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(process.stop(Seconds(20)).text(), "signal 15 (Terminated)");
  EXPECT_FALSE(alive(grandchild));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(15));  // it was asked to end, not waited for
}

TEST(Process, StopKillsWhatIgnoresTerm) {
  auto process = start_shell("trap '' TERM; sh -c 'echo child $$; while :; do sleep 60; done'; sleep 60");
  const pid_t grandchild = pid_after(log_file(), "child");
  ASSERT_TRUE(alive(grandchild));
  EXPECT_EQ(process.stop(Seconds(0.2)).text(), "signal 9 (Killed)");
  EXPECT_TRUE(wait_until([&] { return !alive(grandchild); }, 1));
}

/// In a process of its own: that the user has asked to stop can't be taken back.
[[noreturn]] void stop_in_a_hurry() {
  auto process = start_shell("trap '' TERM; echo child $$; while :; do sleep 60; done");
  pid_after(log_file(), "child");
  stop_flag().ask();
  const auto begin = std::chrono::steady_clock::now();
  const std::thread second([] { std::this_thread::sleep_for(std::chrono::milliseconds(100)), stop_flag().ask(); });
  const bool killed = process.stop(Seconds(60)).signal == SIGKILL;
  std::_Exit(killed && std::chrono::steady_clock::now() - begin < std::chrono::seconds(30) ? 7 : 1);
}

TEST(Process, StopIsSoonOverWhenTheUserAskedTwice) { EXPECT_EXIT(stop_in_a_hurry(), testing::ExitedWithCode(7), ""); }

TEST(Process, StopKillsGrandchildrenOfALeaderThatEnded) {
  auto process = start_shell("(trap '' TERM; echo child $(sh -c 'echo $PPID'); while :; do sleep 60; done) & sleep 0.2");
  const pid_t grandchild = pid_after(log_file(), "child");
  EXPECT_EQ(end_of(process).text(), "exit code 0");
  ASSERT_TRUE(alive(grandchild));
  EXPECT_EQ(process.stop(Seconds(0.2)).text(), "exit code 0");
  EXPECT_TRUE(wait_until([&] { return !alive(grandchild); }, 1));
}

TEST(Process, StopGivesTimeToEndInOrder) {
  auto process = start_shell("trap 'sleep 0.3; echo saved; exit 0' TERM; echo child $$; while :; do sleep 0.05; done");
  pid_after(log_file(), "child");
  EXPECT_EQ(process.stop(Seconds(5)).text(), "exit code 0");
  EXPECT_THAT(read_all(log_file()), HasSubstr("saved"));
}

TEST(Process, StopGivesGrandchildrenTimeToo) {
  auto process = start_shell("(trap 'sleep 0.3; echo saved; exit 0' TERM; echo child $(sh -c 'echo $PPID'); while :; do sleep 0.05; done) & wait");
  pid_after(log_file(), "child");
  EXPECT_EQ(process.stop(Seconds(20)).text(), "signal 15 (Terminated)");  // the leader goes at once
  EXPECT_THAT(read_all(log_file()), HasSubstr("saved"));
}

TEST(Process, StopTwiceSaysTheSame) {
  auto process = start_shell("sleep 60");
  const auto first = process.stop().text();
  EXPECT_EQ(process.stop().text(), first);
}

TEST(Process, LeavesNoChildAndNoDescriptorOfOurs) {
  const auto descriptors = [] { return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}); };
  const auto before = descriptors();
  { auto process = start_shell("sleep 60"); }
  EXPECT_EQ(descriptors(), before);
  EXPECT_EQ(read_all("/proc/self/task/" + std::to_string(getpid()) + "/children"), "");
}

TEST(Process, MoveKeepsOneOwner) {
  auto first = start_shell("sleep 60");
  const pid_t pid = first.pid();
  Process second = std::move(first);
  EXPECT_EQ(second.pid(), pid);
  EXPECT_TRUE(alive(pid));
  second = start_shell("sleep 60");
  EXPECT_FALSE(alive(pid));
}

/// The helper, started as the parent of `script`, and the pids that the script printed.
struct Family {
  pid_t helper = -1, leader = -1, child = -1;

  explicit Family(const std::string& script) {
    const auto log = log_file().string();
    std::filesystem::remove(log);  // of a repeated run: its numbers are other processes' by now
    helper = fork();
    if (helper < 0) throw std::runtime_error("fork failed");
    if (helper == 0) {
      dup2(open((log + ".helper").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644), 1);
      execl(QC_BINARY_DIR "/process_helper", "process_helper", "parent", log.c_str(), "sh", "-c", script.c_str(), nullptr);
      _exit(127);
    }
    leader = pid_after(log, "leader");
    child = pid_after(log, "child");
    if (!alive(leader) || !alive(child)) throw std::runtime_error("the script's processes are gone");
  }
  void kill_parent() const {
    test::end_process(helper);
    waitpid(helper, nullptr, 0);
  }
};

bool ends(pid_t pid) {
  return wait_until([pid] { return !alive(pid); }, 20);
}

TEST(Process, EndsWithAKilledParent) {
  const Family family("echo leader $$; sleep 60 & echo child $!; wait");
  family.kill_parent();
  EXPECT_TRUE(ends(family.leader));
  EXPECT_TRUE(ends(family.child));
}

TEST(Process, EvenAStubbornGroupEndsWithAKilledParent) {
  const Family family("trap '' TERM; echo leader $$; sh -c 'echo child $$; while :; do sleep 60; done' & while :; do sleep 60; done");
  family.kill_parent();
  EXPECT_TRUE(ends(family.leader));
  EXPECT_TRUE(ends(family.child));
}

TEST(Process, EndsWithAKilledParentEvenWithoutItsGuard) {
  const Family family("echo leader $$; sleep 60 & echo child $!; wait");
  const pid_t guard = getpgid(family.leader);
  ASSERT_NE(guard, getpgrp());
  test::end_process(guard);
  family.kill_parent();
  EXPECT_TRUE(ends(family.leader));
  test::end_process(family.child);  // the grandchild was the guard's to end
}

TEST(FreePort, CanBeBound) {
  const auto port = free_port();
  ASSERT_TRUE(port);
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(*port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  close(fd);
}

}  // namespace
}  // namespace qc
