// io_uring where the kernel allows it, epoll where not, and the same facts either way.
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>

#include <gtest/gtest.h>

#include "measure/client/ring.h"
#include "measure/client/stream_client.h"
#include "support/reading.h"
#include "support/scripted_server.h"

namespace qc {
namespace {
using namespace std::chrono_literals;

std::vector<Outgoing> chat_requests(int n, int max_tokens) {
  std::vector<Outgoing> out;
  for (int i = 0; i < n; ++i) out.push_back({i, "r-" + std::to_string(i), "sha", false, {.endpoint = EndpointKind::chat, .model = "m", .prompt = "Say hi", .max_tokens = max_tokens}});
  return out;
}

LoopResult run(const test::ScriptedServer& server, Reading reading, int n, int slots, int max_tokens) {
  return closed_loop({.address = parse_url(server.url()).value(), .api_key = "", .byte_timeout = Seconds(5), .reading = reading}, chat_requests(n, max_tokens), slots, StopFlag(), {});
}

/// As a container does that forbids io_uring: its set-up answers EPERM in this process from now on.
bool forbid_io_uring() {
  std::array<sock_filter, 4> filter = {{BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_io_uring_setup, 0, 1),
                                        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)}};
  const sock_fprog program{filter.size(), filter.data()};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

TEST(Reading, IsAsAsked) {
  const test::ScriptedServer server;
  const bool allowed = Ring::make() != nullptr;
  EXPECT_EQ(run(server, Reading::automatic, 1, 1, 4).by_io_uring, allowed);
  EXPECT_FALSE(run(server, Reading::epoll, 1, 1, 4).by_io_uring);
}

TEST(Reading, WhereIoUringIsForbiddenEpollDoesIt) {
  const test::ScriptedServer server;
  const pid_t child = fork();
  if (child == 0) {
    if (!forbid_io_uring()) _exit(2);
    const auto result = run(server, Reading::automatic, 2, 1, 4);
    _exit(!result.by_io_uring && result.records.size() == 2 && result.records[0].ok() && result.records[1].ok() ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 0) << "2: no filter could be set; 1: a request failed, or io_uring was used";
}

// 400 answers in one write each: more at once than the ring has buffers, some of them longer than one.
TEST(Reading, MoreThanTheBuffersHoldLosesNothing) {
  const test::ScriptedServer server({.name = "one-write"});
  const auto result = run(server, test::reading(), 400, 200, 96);
  ASSERT_EQ(result.records.size(), 400u);
  for (const RequestRecord& r : result.records) {
    EXPECT_TRUE(r.ok()) << r.failure_detail;
    EXPECT_EQ(r.output_tokens, 96);
    EXPECT_EQ(r.events.size(), 96u);
  }
}

TEST(Reading, EveryReadHasTheKernelsStamp) {
  const test::ScriptedServer server({.first = 2ms, .gap = 1ms});
  for (const RequestRecord& r : run(server, test::reading(), 8, 4, 16).records) {
    ASSERT_EQ(r.events.size(), 16u);
    for (const Event& e : r.events) EXPECT_EQ(e.stamp, Stamp::kernel);
  }
}

}  // namespace
}  // namespace qc
