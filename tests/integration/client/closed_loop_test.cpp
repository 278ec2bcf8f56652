// The transport against the scripted server: order, concurrency, instants, reconnects, stopping.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "measure/client/stream_client.h"
#include "support/reading.h"
#include "support/scripted_server.h"

namespace qc {
namespace {
using namespace std::chrono_literals;
using testing::AllOf;
using testing::Ge;
using testing::Le;

std::vector<Outgoing> requests(int n, int max_tokens = 8, EndpointKind endpoint = EndpointKind::chat) {
  std::vector<Outgoing> out;
  for (int i = 0; i < n; ++i)
    out.push_back({i, "r-" + std::to_string(i), "sha", false, {.endpoint = endpoint, .model = "m", .prompt = "Say hi", .messages = {}, .max_tokens = max_tokens}});
  return out;
}

ClientOptions options_for(const test::ScriptedServer& server) { return {.address = parse_url(server.url()).value(), .api_key = "key", .byte_timeout = Seconds(5), .reading = test::reading()}; }

LoopResult run(const test::ScriptedServer& server, const std::vector<Outgoing>& asked, int slots) {
  const StopFlag stop;
  return closed_loop(options_for(server), asked, slots, stop, {});
}

TEST(ClosedLoop, AGoodAnswerIsRecordedWhole) {
  const test::ScriptedServer server({.first = 5ms, .gap = 1ms});
  const auto result = run(server, requests(1), 1);
  ASSERT_EQ(result.records.size(), 1u);
  const RequestRecord& r = result.records[0];
  EXPECT_EQ(r.failure, std::nullopt) << r.failure_detail;
  EXPECT_EQ(r.x_request_id, "r-0");
  EXPECT_EQ(r.prompt_sha256, "sha");
  EXPECT_EQ(r.output_tokens, 8);
  EXPECT_EQ(r.prompt_tokens, 32);
  EXPECT_EQ(r.cached_tokens, 0);
  EXPECT_EQ(r.finish_reason, "length");
  EXPECT_EQ(r.events.size(), 8u);
  EXPECT_EQ(r.intended, result.started);
  EXPECT_LE(r.intended, r.sent);
  EXPECT_LT(r.sent, *r.first);
  EXPECT_LT(*r.first, *r.last);
  EXPECT_LE(*r.last, *r.done);
}

TEST(ClosedLoop, TheHeadSaysWhatItMust) {
  const test::ScriptedServer server;
  run(server, requests(1, 8, EndpointKind::completions), 1);
  const auto seen = server.requests().at(0);
  EXPECT_EQ(seen.path, "/v1/completions");
  EXPECT_EQ(seen.headers.at("accept"), "text/event-stream");
  EXPECT_EQ(seen.headers.at("content-type"), "application/json");
  EXPECT_EQ(seen.headers.at("x-request-id"), "r-0");
  EXPECT_EQ(seen.headers.at("authorization"), "Bearer key");
  EXPECT_EQ(seen.headers.at("host"), "127.0.0.1:" + std::to_string(server.port()));
}

TEST(ClosedLoop, KeepsOrderAndConcurrency) {
  const test::ScriptedServer server({.first = 2ms, .gap = 1ms});
  const auto asked = requests(24, 5);
  const auto result = run(server, asked, 4);
  EXPECT_EQ(server.most_at_once(), 4);
  EXPECT_EQ(server.connections(), 4);
  ASSERT_EQ(result.records.size(), 24u);
  for (std::size_t i = 0; i < 24; ++i) {
    EXPECT_EQ(result.records[i].request_id, static_cast<int>(i));
    EXPECT_TRUE(result.records[i].ok()) << result.records[i].failure_detail;
    EXPECT_LE(result.records[i == 0 ? 0 : i - 1].sent, result.records[i].sent);
  }
  // Each request after the first four was due when some earlier one was done, and no two at the same.
  std::multiset<std::int64_t> ends;
  for (const auto& r : result.records) ends.insert(r.done->ns);
  for (std::size_t i = 4; i < 24; ++i) {
    const auto end = ends.find(result.records[i].intended.ns);
    ASSERT_NE(end, ends.end()) << i;
    ends.erase(end);
  }
}

TEST(ClosedLoop, FewerRequestsThanSlots) {
  const test::ScriptedServer server;
  EXPECT_EQ(run(server, requests(2), 16).records.size(), 2u);
  EXPECT_EQ(server.connections(), 2);
  EXPECT_TRUE(run(server, {}, 4).records.empty());
}

TEST(ClosedLoop, InstantsAreTheServersOwnWithinAMillisecond) {
  const test::ScriptedServer server({.first = 5ms, .gap = 3ms});
  const auto result = run(server, requests(4, 40), 2);
  std::vector<std::int64_t> errors;
  int kernel = 0;
  const auto seen = server.requests();
  for (const auto& r : result.records) {
    const auto it = std::ranges::find(seen, r.x_request_id, [](const auto& s) { return s.headers.at("x-request-id"); });
    ASSERT_NE(it, seen.end());
    ASSERT_EQ(it->tokens_sent.size(), r.events.size());
    for (std::size_t i = 0; i < r.events.size(); ++i) {
      errors.push_back((r.events[i].at - it->tokens_sent[i]).count());
      kernel += r.events[i].stamp == Stamp::kernel;
    }
  }
  std::ranges::sort(errors);
  // The kernel's clock and ours are tied by readings that lie up to microseconds apart: an event may seem that much too early.
  EXPECT_GE(errors.front(), -20'000) << "an event before it was sent";
  EXPECT_LT(errors[errors.size() / 2], 1'000'000);
  RecordProperty("kernel_stamps", kernel);
  if (kernel == 0) GTEST_SKIP() << "this machine's loopback gives no kernel stamps";
  EXPECT_GE(kernel, 150);   // of 160: the first may come before the kernel's stamping is on
}

TEST(ClosedLoop, AReusedConnectionThatEndsUnansweredIsSentOnceMore) {
  const test::ScriptedServer server({.name = "close-reused"});
  const auto result = run(server, requests(4), 1);
  EXPECT_EQ(result.reconnects, 1);   // seen once, no connection is used twice
  EXPECT_EQ(server.connections(), 4);
  for (const auto& r : result.records) EXPECT_TRUE(r.ok()) << r.failure_detail;
  EXPECT_EQ(result.records[0].x_request_id, "r-0");
  EXPECT_EQ(result.records[1].x_request_id, "r-1-2");
  EXPECT_GT(result.records[1].intended, *result.records[0].done);   // its clock is new
  const auto seen = server.requests();
  ASSERT_EQ(seen.size(), 5u);
  EXPECT_EQ(seen[1].headers.at("x-request-id"), "r-1");
  EXPECT_EQ(seen[2].headers.at("x-request-id"), "r-1-2");
}

TEST(ClosedLoop, ASecondUnansweredSendingIsAFailure) {
  test::ScriptedServer server;
  const StopFlag stop;
  const auto result = closed_loop(options_for(server), requests(3), 1, stop, [&](const RequestRecord& r) {
    if (r.request_id == 0) server.play({.name = "no-answer"});
  });
  EXPECT_EQ(result.records[0].failure, std::nullopt);
  EXPECT_EQ(result.records[2].failure, Failure::reset);
}

TEST(ClosedLoop, AnnouncedClosingIsNoReconnect) {
  const test::ScriptedServer server({.name = "say-close"});
  const auto result = run(server, requests(3), 1);
  for (const auto& r : result.records) EXPECT_TRUE(r.ok()) << r.failure_detail;
  EXPECT_EQ(result.reconnects, 0);
  EXPECT_EQ(server.connections(), 3);
}

// Over the connection that is kept and over a new one. (A server that closes unannounced may never see what it was sent.)
TEST(ClosedLoop, TheNextRequestGoesOutBeforeTheLastAnswerIsRead) {
  for (const char* script : {"stream", "say-close"}) {
    const test::ScriptedServer server({.name = script});
    int ahead = 0;
    const auto seen = [&](std::size_t n) {   // what was sent reaches the server's thread soon
      for (int i = 0; i < 400 && server.requests().size() < n; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
      return server.requests().size() >= n;
    };
    const auto result = closed_loop(options_for(server), requests(3), 1, StopFlag(),
                                    [&](const RequestRecord& r) { ahead += r.request_id < 2 && seen(static_cast<std::size_t>(r.request_id) + 2); });
    EXPECT_EQ(result.records.size(), 3u) << script;
    EXPECT_EQ(ahead, 2) << script;
  }
}

TEST(ClosedLoop, UnannouncedClosingHurtsNobody) {
  const test::ScriptedServer server({.name = "close-after"});
  const auto result = run(server, requests(10), 2);
  for (const auto& r : result.records) EXPECT_TRUE(r.ok()) << r.failure_detail;
  EXPECT_LE(result.reconnects, 2);   // one a slot at most, until the server is known to do so
}

TEST(ClosedLoop, DoneWithoutAnEndCostsAQuarterSecondAndNoFailure) {
  const test::ScriptedServer server({.name = "no-end"});
  const auto result = run(server, requests(2), 1);
  for (const auto& r : result.records) EXPECT_TRUE(r.ok()) << r.failure_detail;
  const auto waited = *result.records[0].done - *result.records[0].last;
  EXPECT_THAT(waited, AllOf(Ge(Nanos(250ms)), Le(Nanos(4s))));   // by far less than the byte timeout, on a busy machine too
}

TEST(ClosedLoop, WarningsAreCounted) {
  const test::ScriptedServer server({.name = "done-twice"});
  EXPECT_EQ(run(server, requests(3), 1).warnings.at("[DONE] came more than once"), 3);
}

TEST(ClosedLoop, StopOnceTakesNoNewRequest) {
  const test::ScriptedServer server({.gap = 2ms});
  StopFlag stop;
  const auto result = closed_loop(options_for(server), requests(20), 2, stop, [&](const RequestRecord&) { if (!stop.finish_in_hand()) stop.ask(); });
  EXPECT_TRUE(result.cut_short);
  EXPECT_LT(result.records.size(), 6u);
}

TEST(ClosedLoop, StopTwiceCancelsWhatIsOpen) {
  const test::ScriptedServer server({.name = "stall"});
  StopFlag stop;
  std::thread user([&] {
    std::this_thread::sleep_for(100ms);
    stop.ask();
    stop.ask();
  });
  const Instant before = monotonic_clock().now();
  const auto result = closed_loop(options_for(server), requests(20), 2, stop, {});
  user.join();
  EXPECT_LT(monotonic_clock().now() - before, Nanos(4s));   // the byte timeout is 5 s
  EXPECT_TRUE(result.cut_short);
  ASSERT_EQ(result.records.size(), 2u);
  for (const auto& r : result.records) EXPECT_EQ(r.failure, Failure::cancelled);
}

}  // namespace
}  // namespace qc
