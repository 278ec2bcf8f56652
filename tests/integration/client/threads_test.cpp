// Connections shared out over threads: the same requests, once each, in the same order of records.
#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "measure/client/stream_client.h"
#include "support/reading.h"
#include "support/scripted_server.h"

namespace qc {
namespace {
using namespace std::chrono_literals;

RequestAt first(std::size_t n) {
  return [n](std::size_t i) -> std::optional<Outgoing> {
    if (i >= n) return std::nullopt;
    return Outgoing{static_cast<int>(i), "r-" + std::to_string(i), "sha", false, {.endpoint = EndpointKind::completions, .model = "m", .prompt = "Say hi", .max_tokens = 8}};
  };
}

ClientOptions options_for(const test::ScriptedServer& server, int threads) {
  return {.address = parse_url(server.url()).value(), .api_key = "", .byte_timeout = Seconds(5), .threads = threads, .reading = test::reading()};
}

TEST(Threads, CarryEachRequestOnceOverAllSlots) {
  const test::ScriptedServer server({.first = 2ms, .gap = 1ms});
  std::mutex guard;
  std::set<std::thread::id> carriers;
  const auto result = drive(options_for(server, 3), first(50), {.slots = 8}, StopFlag(), [&](const RequestRecord&) {
    const std::scoped_lock lock(guard);
    carriers.insert(std::this_thread::get_id());
  });
  EXPECT_EQ(carriers.size(), 3u);
  EXPECT_EQ(server.most_at_once(), 8);
  ASSERT_EQ(result.records.size(), 50u);
  for (std::size_t i = 0; i < 50; ++i) {
    EXPECT_EQ(result.records[i].request_id, static_cast<int>(i));
    EXPECT_TRUE(result.records[i].ok()) << result.records[i].failure_detail;
    EXPECT_GE(result.records[i].sent, result.started);
  }
}

TEST(Threads, KeepAnOpenLoopsTimetable) {
  const test::ScriptedServer server({.first = 50ms, .gap = 1ms});
  Timetable timetable;
  for (int i = 0; i < 20; ++i) timetable.due.push_back(i * 5ms);
  const auto result = drive(options_for(server, 2), first(100), timetable, StopFlag(), {});
  ASSERT_EQ(result.records.size(), 20u) << "no more than the timetable has";
  for (std::size_t i = 0; i < 20; ++i) EXPECT_EQ(result.records[i].intended, result.started + timetable.due[i]);
}

TEST(Threads, AreNeverMoreThanSlots) {
  const test::ScriptedServer server;
  const auto result = drive(options_for(server, 16), first(6), {.slots = 2}, StopFlag(), {});
  EXPECT_EQ(result.records.size(), 6u);
  EXPECT_EQ(server.connections(), 2);
}

}  // namespace
}  // namespace qc
