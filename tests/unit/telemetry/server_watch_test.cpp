// What is asked of a server when, whatever it answers. The server is a function.
#include "measure/telemetry/server_watch.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace qc {
namespace {

using namespace std::chrono_literals;

ServerReading reading(double tokens, double ttft_count = 0) {
  ServerReading r;
  r.asked = r.at = monotonic_clock().now();
  r.values = {{"generation_tokens", tokens}};
  r.histograms = {{"ttft_s", ttft_count, 2 * ttft_count, {{1, 0}, {4, ttft_count}}}};
  return r;
}

int count(const Telemetry& t, const std::string& name) {
  int n = 0;
  for (const auto& sample : t.server) n += sample.name == name;
  return n;
}

void wait_for(const std::atomic<int>& asked, int n) {
  for (int i = 0; i < 2000 && asked < n; ++i) std::this_thread::sleep_for(1ms);
}

TEST(ServerWatch, ReadsBothEdgesAndBetweenThem) {
  std::atomic<int> asked = 0;
  ServerWatch watch([&](Seconds) { return std::optional(reading(100.0 * ++asked, asked)); }, Seconds(0.001));
  EXPECT_EQ(asked, 0);                                       // nothing before a trial
  watch.begin();
  wait_for(asked, 4);
  const auto trial = watch.end();
  EXPECT_EQ(trial.na, "");
  EXPECT_EQ(count(trial.telemetry, "edge"), 2);
  EXPECT_GE(count(trial.telemetry, "generation_tokens"), 4);
  EXPECT_EQ(trial.before->value("generation_tokens"), 100);
  ASSERT_EQ(trial.telemetry.histograms.size(), 1U);
  const double grew = *trial.after->value("generation_tokens") / 100 - 1;
  EXPECT_EQ(trial.telemetry.histograms[0].grown.count, grew);
  EXPECT_EQ(trial.telemetry.histograms[0].grown.buckets[1].count, grew);
  const int then = asked;
  std::this_thread::sleep_for(10ms);
  EXPECT_LE(asked, then + 1);                                // nor between trials, but for a call in hand
}

TEST(ServerWatch, GivesUpOnAServerThatNeverAnswers) {
  std::atomic<int> asked = 0;
  ServerWatch watch([&](Seconds limit) {
    EXPECT_EQ(limit, ServerWatch::kPatience);
    ++asked;
    return std::optional<ServerReading>();
  }, Seconds(0.001));
  for (int trial = 0; trial < 5; ++trial) {
    watch.begin();
    const auto said = watch.end();
    EXPECT_EQ(said.na, "the server gives no /metrics that we can read");
    EXPECT_EQ(count(said.telemetry, "edge"), 0);
  }
  EXPECT_EQ(asked, ServerWatch::kGiveUp);
}

TEST(ServerWatch, ASilenceBesideTheLoadEndsWithIt) {
  std::atomic<int> asked = 0;
  std::atomic<bool> busy = false;
  ServerWatch watch([&](Seconds) { return ++asked, busy ? std::nullopt : std::optional(reading(1)); }, Seconds(0.001));
  for (int trial = 0; trial < 2; ++trial) {
    asked = 0;
    watch.begin();
    busy = true;
    wait_for(asked, 1 + ServerWatch::kGiveUp);
    std::this_thread::sleep_for(10ms);
    EXPECT_GE(asked, 1 + ServerWatch::kGiveUp);              // in the second trial, too
    EXPECT_LE(asked, 2 + ServerWatch::kGiveUp);              // a reading may have come before the server was busy
    busy = false;
    EXPECT_EQ(watch.end().na, "");
  }
}

TEST(ServerWatch, ASlowAnswerIsAskedForSeldom) {
  std::atomic<int> asked = 0;
  ServerWatch watch([&](Seconds) {
    if (++asked > 1) std::this_thread::sleep_for(5ms);       // 2 % of the time: one in 250 ms
    return std::optional(reading(1));
  }, Seconds(0.001));
  watch.begin();
  std::this_thread::sleep_for(60ms);
  EXPECT_EQ(asked, 2);
  watch.end();
}

TEST(ServerWatch, CountersThatFellBelongToAnotherServer) {
  int asked = 0;
  ServerWatch watch([&](Seconds) { return std::optional(reading(asked++ == 0 ? 500 : 3)); }, Seconds(3600));
  watch.begin();
  const auto trial = watch.end();
  EXPECT_EQ(trial.na, "the server's counters began anew during the trial");
  EXPECT_FALSE(trial.before || trial.after);
  EXPECT_TRUE(trial.telemetry.histograms.empty());
}

TEST(ServerWatch, WithoutAnAnswerAfterTheLoadThereIsNoDifference) {
  int asked = 0;
  ServerWatch watch([&](Seconds) { return asked++ == 0 ? std::optional(reading(1)) : std::nullopt; }, Seconds(3600));
  watch.begin();
  const auto trial = watch.end();
  EXPECT_EQ(trial.na, "the server's /metrics gave no answer after the load");
  EXPECT_EQ(count(trial.telemetry, "edge"), 1);
  EXPECT_EQ(count(trial.telemetry, "unanswered"), 1);
}

TEST(Grown, OnlyOfTheSameBounds) {
  const ServerHistogram before{"a", 2, 3, {{1, 1}, {2, 2}}}, after{"a", 5, 9, {{1, 2}, {2, 5}}};
  const auto h = grown(before, after);
  ASSERT_TRUE(h);
  EXPECT_EQ(h->count, 3);
  EXPECT_EQ(h->sum, 6);
  EXPECT_EQ(h->buckets[0].count, 1);
  EXPECT_FALSE(grown(after, before));
  EXPECT_FALSE(grown(before, {"a", 5, 9, {{1, 2}, {3, 5}}}));
  EXPECT_FALSE(grown(before, {"a", 5, 9, {{1, 2}}}));
  EXPECT_FALSE(grown(before, {"a", 1, 9, {{1, 1}, {2, 1}}})) << "fewer than before: the server began anew";
  EXPECT_FALSE(grown(before, {"a", 5, 1, {{1, 2}, {2, 5}}}));
}

}  // namespace
}  // namespace qc
