// One connection: when it was used, what is waiting on it, whose news is whose. METRICS.md: one with an end of file waiting is not used again.
#include "measure/client/line.h"

#include <gtest/gtest.h>

#include <array>
#include <thread>

#include "support/reading.h"
#include "support/scripted_server.h"

namespace qc {
namespace {
using namespace std::chrono_literals;

Instant in(Nanos time) { return monotonic_clock().now() + time; }

/// Connected within a second, or the test has failed.
void open(Line& line, Poller& poller) {
  auto broken = line.open();
  for (const Instant end = in(1s); !broken && line.state() != Line::State::open && monotonic_clock().now() < end; broken = line.go_on()) poller.wait(end);
  ASSERT_FALSE(broken) << broken->detail;
  ASSERT_EQ(line.state(), Line::State::open);
}

/// What comes next within five seconds, whoever reads it.
Received next(Line& line, Poller& poller, std::span<char> buffer) {
  Received got;
  for (const Instant end = in(5s); got.bytes.empty() && !got.end && monotonic_clock().now() < end;) {
    const auto ready = poller.wait(end);
    const bool delivered = !ready.empty() && ready.front().delivery && line.expects(*ready.front().delivery);
    got = delivered ? line.take(*ready.front().delivery, ClockTie::now(), monotonic_clock().now()) : poller.delivers() ? Received{} : line.receive(buffer, ClockTie::now());
  }
  return got;
}

TEST(Line, KnowsWhenItWasUsedLast) {
  const test::ScriptedServer server;
  const auto target = find_target(parse_url(server.url()).value()).value();
  Poller poller(test::reading());
  Line line(poller, nullptr, target);
  const Instant before = monotonic_clock().now();
  open(line, poller);
  EXPECT_TRUE(line.quiet());
  EXPECT_GE(line.last_used(), before);
  const Instant opened = monotonic_clock().now();
  EXPECT_LE(line.last_used(), opened);
  EXPECT_FALSE(line.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_GE(line.last_used(), opened);
}

TEST(Line, IsNotQuietWithAnEndOfFileWaiting) {
  const test::ScriptedServer server;
  const auto target = find_target(parse_url(server.url()).value()).value();
  Poller poller(test::reading());
  Line line(poller, nullptr, target);
  open(line, poller);
  EXPECT_FALSE(line.send("GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
  std::array<char, 4096> buffer;
  EXPECT_FALSE(next(line, poller, buffer).bytes.empty());
  bool quiet = true;   // the server closes after its answer; give it a moment, in which nobody waits for the poller
  for (const Instant end = in(5s); quiet && monotonic_clock().now() < end; quiet = line.quiet()) std::this_thread::sleep_for(10ms);
  EXPECT_FALSE(quiet);
}

TEST(Line, EndsOnceAndOldNewsIsNotItsOwn) {
  const test::ScriptedServer server;
  const auto target = find_target(parse_url(server.url()).value()).value();
  Poller poller(test::reading());
  if (!poller.delivers()) GTEST_SKIP() << "nothing is delivered by epoll";
  Line line(poller, nullptr, target);
  open(line, poller);
  EXPECT_FALSE(line.send("GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
  const auto ready = poller.wait(in(5s));
  ASSERT_FALSE(ready.empty());
  const Delivery answer = *ready.front().delivery;
  EXPECT_TRUE(line.expects(answer));
  EXPECT_TRUE(answer.bytes.starts_with("HTTP/1.1 200")) << answer.bytes;
  EXPECT_NE(answer.stamped_ns, 0);
  open(line, poller);
  EXPECT_FALSE(line.expects(answer)) << "the connection is another";
  EXPECT_TRUE(poller.wait(in(100ms)).empty()) << "the first one's end is nobody's";
}

TEST(Line, KnowsWhenItsLastByteLeft) {
  const test::ScriptedServer server;
  const auto target = find_target(parse_url(server.url()).value()).value();
  Poller poller(test::reading());
  Line line(poller, nullptr, target);
  open(line, poller);
  const Instant before = monotonic_clock().now();
  EXPECT_FALSE(line.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_GE(line.sent(), before + Nanos(-2us));   // two microseconds are the clocks' own
  EXPECT_LE(line.sent(), monotonic_clock().now());
}

}  // namespace
}  // namespace qc
