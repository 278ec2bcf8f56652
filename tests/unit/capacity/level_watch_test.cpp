// One level in virtual time: latencies go in by hand, and what a sample can and cannot say comes out.
#include "judge/capacity/level_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/random.h"
#include "support/tiny_study.h"

namespace qc {
namespace {

constexpr double kMiss = 0.05 / 16;

RequestRecord request(int id, double e2e_ms) { return test::answered(1, id, id, id + e2e_ms, 0, 1); }
RequestRecord failed(int id) {
  auto r = request(id, 1);
  r.failure = Failure::refused_by_server;
  return r;
}

/// Adds requests until it is enough; how many that were.
template <class Make>
int fill(LevelWatch& watch, Make make) {
  for (int i = 0;; ++i)
    if (watch.add(make(i))) return i + 1;
}

// Eight looks share 0.05 / 16: 0.00039 each. 0.95^153 = 0.00039: 153 requests within the limit and none over it. A third more for correlations that are there by chance, and a tenth that is left
// out: looks at 56, 112 and 224.
TEST(LevelWatch, MeetsALimitWhenNoWorseStateCouldHaveMadeTheSample) {
  LevelWatch watch(*parse_limits("p95_e2e=1000ms"), 0, kMiss);
  Random random(1);
  EXPECT_EQ(fill(watch, [&](int i) { return request(i, 500 + 100 * random.uniform()); }), 224);
  EXPECT_EQ(watch.standing().standing, Standing::met);
  EXPECT_EQ(watch.standing().counted, 202u);
  EXPECT_NEAR(watch.standing().room(), 1000 / 595.0, 0.01);
}

TEST(LevelWatch, MissesByFarAtTheFirstLook) {
  LevelWatch watch(*parse_limits("p95_e2e=1000ms"), 0, kMiss);
  Random random(1);
  EXPECT_EQ(fill(watch, [&](int i) { return request(i, 1500 + 100 * random.uniform()); }), 56);
  EXPECT_EQ(watch.standing().standing, Standing::missed);
  EXPECT_EQ(watch.standing().limited_by, 0u);
}

// Of each hundred five are over the limit: that is the limit, and no sample says on which side of it.
TEST(LevelWatch, StaysUndecidedAtTheLimitUntilItsLastLook) {
  LevelWatch watch(*parse_limits("p95_e2e=1000ms"), 0, kMiss);
  Random random(2);
  const int n = fill(watch, [&](int i) { return request(i, random.uniform() < 0.05 ? 1200 : 800 + 100 * random.uniform()); });
  EXPECT_EQ(static_cast<std::size_t>(n), watch.most_requests());
  EXPECT_EQ(watch.standing().standing, Standing::undecided);
}

TEST(LevelWatch, CountsOnlyWhatCameBeforeTheOldestOpenRequest) {
  LevelWatch watch(*parse_limits("p95_e2e=1000ms"), 0, kMiss);
  for (int i = 1; i < 2000; ++i) ASSERT_FALSE(watch.add(request(i, 100)));   // the first one is still on its way
  EXPECT_EQ(watch.standing().counted, 0u);
  EXPECT_TRUE(watch.add(request(0, 5000)));
  EXPECT_EQ(watch.standing().standing, Standing::met);
}

TEST(LevelWatch, AFailedRequestMissesALatency) {
  LevelWatch watch(*parse_limits("p95_e2e=1000ms"), 0, kMiss);
  Random random(3);
  fill(watch, [&](int i) { return random.uniform() < 0.3 ? failed(i) : request(i, 100); });
  EXPECT_EQ(watch.standing().standing, Standing::missed);
  EXPECT_FALSE(watch.standing().limits[0].value);   // the percentile is of failed requests
  EXPECT_NEAR(watch.standing().room(), 0, 1e-9);
}

TEST(LevelWatch, AllLimitsAreMetOrOneIsMissed) {
  LevelWatch good(*parse_limits("p95_e2e=1000ms,p50_ttft=900ms,failed=5%,goodput=90%,ttft=950ms"), 4, kMiss);
  Random random(4);
  fill(good, [&](int i) { return request(i, 500 + 100 * random.uniform()); });
  EXPECT_EQ(good.standing().standing, Standing::met);
  EXPECT_EQ(good.standing().limits.size(), 4u);      // that of each request is in goodput alone
  LevelWatch one(*parse_limits("p95_e2e=1000ms,goodput=90%,ttft=550ms"), 4, kMiss);
  fill(one, [&](int i) { return request(i, 500 + 100 * random.uniform()); });
  EXPECT_EQ(one.standing().standing, Standing::missed);   // half of the requests take longer than 550 ms
  EXPECT_EQ(one.judged()[*one.standing().limited_by].name, "goodput");
  EXPECT_NEAR(*one.standing().limits[1].value, 0.5, 0.2);
}

// Waves of 16 that share one latency, just below the limit: 172 requests are eleven independent ones, and say nothing.
TEST(LevelWatch, CorrelatedRequestsCountForFewer) {
  LevelWatch watch(*parse_limits("p95_e2e=610ms"), 16, kMiss);
  Random random(5);
  double wave = 0;
  const int n = fill(watch, [&](int i) {
    if (i % 16 == 0) wave = 500 + 100 * random.uniform();
    return request(i, wave + random.uniform());
  });
  EXPECT_EQ(watch.standing().standing, Standing::met);
  EXPECT_GT(n, 153 * 12);
  EXPECT_NEAR(watch.standing().limits[0].independent, static_cast<double>(watch.standing().counted) / 16, static_cast<double>(watch.standing().counted) / 40);
}

// A server that takes nearly as long for each request and drifts: hardly two requests are independent, and none comes near the limit.
TEST(LevelWatch, ASmallDriftFarFromTheLimitDecides) {
  for (const auto& [centre, standing] : {std::pair{500.0, Standing::met}, {2000.0, Standing::missed}}) {
    LevelWatch watch(*parse_limits("p95_e2e=1000ms,goodput=95%"), 0, kMiss);
    Random random(8);
    double drift = 0;
    const int n = fill(watch, [&, at = centre](int i) { return request(i, at * std::exp(drift = 0.999 * drift + 0.001 * random.normal())); });
    EXPECT_EQ(watch.standing().standing, standing);
    EXPECT_LT(watch.standing().limits[0].independent, 30);
    EXPECT_EQ(n, 448);                     // the first look with 16 pieces of 20
  }
}

// Waves of 16 in lockstep, each request a little apart: correlated little enough to be known, so much that hundreds are worth too few for a bound, and all far below the limit.
TEST(LevelWatch, AlikeWavesFarFromTheLimitDecideWithoutABound) {
  LevelWatch watch(*parse_limits("p95_e2e=270ms"), 16, kMiss);
  Random random(9);
  double wave = 0;
  const int n = fill(watch, [&](int i) {
    if (i % 16 == 0) wave = 230 + 0.1 * random.normal();
    return request(i, wave + 0.08 * random.normal());
  });
  EXPECT_EQ(watch.standing().standing, Standing::met);
  EXPECT_GE(watch.standing().limits[0].independent, 30);
  EXPECT_FALSE(watch.standing().limits[0].hi);
  EXPECT_EQ(n, 448);
}

// A queue that gains 20 ms a request: one long correlation, but no state that meets the limit would do that.
TEST(LevelWatch, WhatKeepsGrowingIsMissed) {
  LevelWatch watch(*parse_limits("p95_e2e=1000ms"), 0, kMiss);
  Random random(6);
  const int n = fill(watch, [&](int i) { return request(i, 100 + 20 * i + 10 * random.uniform()); });
  EXPECT_EQ(watch.standing().standing, Standing::missed);
  EXPECT_TRUE(watch.standing().limits[0].growing);
  EXPECT_LT(n, 800);
}

TEST(LevelWatch, APercentileOfGapsIsOfAllTokens) {
  LevelWatch watch(*parse_limits("p50_itl=20ms"), 0, kMiss);
  Random random(7);
  fill(watch, [&](int i) { return test::answered(1, i, i, i + 50, random.uniform() < 0.2 ? 30 : 10 + random.uniform(), 9); });
  EXPECT_EQ(watch.standing().standing, Standing::met);
  EXPECT_NEAR(*watch.standing().limits[0].value, 10.5, 0.5);
}

}  // namespace
}  // namespace qc
