// Errors of records made by hand against a truth made by hand.
#include <gtest/gtest.h>

#include "doctor/own_error.h"

namespace qc {
namespace {

RequestRecord record(const std::string& id, std::vector<Event> events) {
  RequestRecord r;
  r.x_request_id = id;
  r.events = std::move(events);
  if (!r.events.empty()) r.first = r.events.front().at, r.last = r.done = r.events.back().at;
  return r;
}

TrueSend sent(std::int64_t at) { return {{at}, {at + 2'000}}; }

TEST(AgainstTruth, EachEventIsHeldAgainstItsOwnSend) {
  // Off by 4, -6 and 20 us, and by 10 us in another request, whose answer was begun first.
  const std::vector<RequestRecord> records = {record("a", {{{104'000}, 1, Stamp::kernel}, {{194'000}, 1, Stamp::kernel}, {{320'000}, 1, Stamp::user}}), record("b", {{{60'000}, 1, Stamp::kernel}})};
  const std::vector<TrueAnswer> truth = {{"b", {sent(50'000)}}, {"a", {sent(100'000), sent(200'000), sent(300'000)}}};
  ErrorStage s;
  hold_against(s, records, truth);
  EXPECT_EQ(s.requests, 2u);
  EXPECT_EQ(s.failed + s.unmatched, 0u);
  EXPECT_EQ(s.event_us.n, 4u);
  EXPECT_DOUBLE_EQ(*s.event_us.p50, 8);              // of 4, 6, 10, 20
  EXPECT_DOUBLE_EQ(*s.event_us.p99, 10 + 0.97 * 10); // place 2.97 of 3
  EXPECT_DOUBLE_EQ(*s.event_us.max, 20);
  EXPECT_EQ(s.first_us.n, 2u);
  EXPECT_DOUBLE_EQ(*s.first_us.max, 10);
  EXPECT_DOUBLE_EQ(*s.server_us.p50, 2);
  EXPECT_EQ(s.kernel_stamps, 3u);
  EXPECT_EQ(s.user_stamps, 1u);
  EXPECT_EQ(s.tokens, 4u);
  EXPECT_DOUBLE_EQ(*s.tokens_per_s, 4 / 320e-6);     // both sent at 0
}

TEST(AgainstTruth, WhatTheServerDoesNotKnowIsUnmatchedAndNoSample) {
  ErrorStage s;
  hold_against(s, {record("short", {{{1}, 1, Stamp::kernel}}), record("unknown", {{{1}, 1, Stamp::kernel}}), record("empty", {})}, {{"short", {sent(1), sent(2)}}, {"empty", {}}});
  EXPECT_EQ(s.unmatched, 3u);
  EXPECT_EQ(s.event_us.n, 0u);
  EXPECT_FALSE(s.event_us.p99);
}

TEST(AgainstTruth, WarmUpIsLeftOutAndFailuresAreCounted) {
  RequestRecord warm = record("w", {{{1'000'000}, 1, Stamp::user}}), failed = record("f", {{{1'000'000}, 1, Stamp::kernel}});
  warm.warmup = true;
  failed.failure = Failure::truncated;
  ErrorStage s;
  hold_against(s, {warm, failed}, {{"w", {sent(0)}}, {"f", {sent(0)}}});
  EXPECT_EQ(s.requests, 1u);
  EXPECT_EQ(s.failed, 1u);
  EXPECT_EQ(s.event_us.n, 0u);
  EXPECT_EQ(s.user_stamps, 0u);
}

TEST(StagePlans, AreOneSixteenAndManyInBothRhythmsWithinTenSeconds) {
  Seconds all{0};
  std::vector<std::pair<int, Rhythm>> error;
  for (const StagePlan& each : stage_plans()) {
    all += each.takes();
    if (each.aim == StageAim::error) error.emplace_back(each.streams, each.server.rhythm);
  }
  using R = Rhythm;
  EXPECT_EQ(error, (std::vector<std::pair<int, Rhythm>>{{1, R::lock_step}, {1, R::jittered}, {16, R::lock_step}, {16, R::jittered}, {256, R::lock_step}, {256, R::jittered}}));
  EXPECT_LT(all.count(), 9.5);
  EXPECT_NEAR(stage_plans()[0].takes().count(), 0.05 + 16 * 0.01 + 3 * (0.05 + 32 * 0.01), 1e-9);
}

}  // namespace
}  // namespace qc
