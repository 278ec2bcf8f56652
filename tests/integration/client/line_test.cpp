// METRICS.md: a connection idle for over 2 s, or with an end of file waiting, is not used again.
#include "measure/client/line.h"

#include <gtest/gtest.h>

#include <array>

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

TEST(Line, IsFitUntilItWasIdleTooLong) {
  const test::ScriptedServer server;
  const auto target = find_target(parse_url(server.url()).value()).value();
  Poller poller;
  Line line(poller, nullptr, target);
  EXPECT_FALSE(line.fit_for_reuse(monotonic_clock().now(), 2s)) << "not open yet";
  open(line, poller);
  const Instant opened = monotonic_clock().now();
  EXPECT_TRUE(line.fit_for_reuse(opened, 2s));
  EXPECT_FALSE(line.fit_for_reuse(opened + 2s + 1ns, 2s));
  line.close();
  EXPECT_FALSE(line.fit_for_reuse(opened, 2s));
}

TEST(Line, IsNotFitWithAnEndOfFileWaiting) {
  const test::ScriptedServer server;
  const auto target = find_target(parse_url(server.url()).value()).value();
  Poller poller;
  Line line(poller, nullptr, target);
  open(line, poller);
  EXPECT_FALSE(line.send("GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
  std::array<char, 4096> buffer;
  Received got;
  for (const Instant end = in(5s); got.bytes.empty() && monotonic_clock().now() < end; got = line.receive(buffer, ClockTie::now())) poller.wait(end);
  EXPECT_FALSE(got.bytes.empty());
  bool fit = true;   // the server closes after its answer; give it a moment
  for (const Instant end = in(5s); fit && monotonic_clock().now() < end; fit = line.fit_for_reuse(monotonic_clock().now(), 1h)) poller.wait(in(10ms));
  EXPECT_FALSE(fit);
}

TEST(Line, KnowsWhenItsLastByteLeft) {
  const test::ScriptedServer server;
  const auto target = find_target(parse_url(server.url()).value()).value();
  Poller poller;
  Line line(poller, nullptr, target);
  open(line, poller);
  const Instant before = monotonic_clock().now();
  EXPECT_FALSE(line.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_GE(line.sent(), before + Nanos(-2us));   // two microseconds are the clocks' own
  EXPECT_LE(line.sent(), monotonic_clock().now());
}

}  // namespace
}  // namespace qc
