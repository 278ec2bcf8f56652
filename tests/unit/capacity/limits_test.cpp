// Limits as typed, and which requests keep them.
#include "judge/compare/limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/tiny_study.h"

namespace qc {
namespace {
using testing::HasSubstr;
using test::answered;

std::string error_of(std::string_view text) {
  const auto limits = parse_limits(text);
  return limits ? "" : limits.error().message;
}

TEST(ParseLimits, TakesPercentilesTimesAndShares) {
  const auto limits = parse_limits("p95_e2e=3000ms, p50_TTFT=0.5s,p99_itl=50ms,tpot=20ms,failed=1%,goodput=0.95");
  ASSERT_TRUE(limits) << limits.error().message;
  ASSERT_EQ(limits->size(), 6u);
  const auto& l = *limits;
  EXPECT_EQ(l[0].what, Bounded::e2e);
  EXPECT_EQ(l[0].share, 0.95);
  EXPECT_EQ(l[0].ms, 3000);
  EXPECT_EQ(l[1].what, Bounded::ttft);
  EXPECT_EQ(l[1].share, 0.5);
  EXPECT_EQ(l[1].ms, 500);
  EXPECT_EQ(l[2].share, 0.99);
  EXPECT_TRUE(l[3].of_each_request());
  EXPECT_EQ(l[4].what, Bounded::failed);
  EXPECT_DOUBLE_EQ(l[4].share, 0.99);      // so many must not fail
  EXPECT_EQ(l[5].what, Bounded::missed);
  EXPECT_DOUBLE_EQ(l[5].share, 0.95);
  EXPECT_EQ(limit_text(l[1]), "p50_ttft <= 500 ms");
  EXPECT_EQ(limit_text(l[4]), "failed <= 1 %");
  EXPECT_EQ(limit_text(l[5]), "goodput >= 95 %");
}

TEST(ParseLimits, NamesThePartThatIsWrong) {
  EXPECT_THAT(error_of("p95_e2e=3000"), HasSubstr("p95_e2e=3000: accepted: p95_e2e=TIME, above 0, in ms or s"));
  EXPECT_THAT(error_of("p95_e2e=3000ms,p42_e2e=1s"), HasSubstr("p42_e2e=1s: accepted: p50, p90, p95 or p99 of ttft, tpot, itl or e2e"));
  EXPECT_THAT(error_of("p95_latency=1s"), HasSubstr("p95_latency=1s: accepted"));
  EXPECT_THAT(error_of("p95_e2e=-1s"), HasSubstr("above 0"));
  EXPECT_THAT(error_of("failed=101%"), HasSubstr("a share above 0 and below 100%"));
  EXPECT_THAT(error_of("p95_e2e=1s,p95_e2e=2s"), HasSubstr("p95_e2e is given twice"));
  EXPECT_THAT(error_of(""), HasSubstr("accepted"));
}

// Sent at 0, first token at 100 ms, then one every 10 ms: e2e 140, tpot 10.
TEST(IsGood, AsksEveryLatencyOfTheRequestItself) {
  const auto r = answered(1, 0, 0, 100, 10, 5);
  EXPECT_TRUE(is_good(r, *parse_limits("p95_e2e=140ms,ttft=100ms,p50_tpot=10ms,p99_itl=10ms,failed=1%")));
  EXPECT_FALSE(is_good(r, *parse_limits("e2e=139ms")));
  EXPECT_FALSE(is_good(r, *parse_limits("p50_ttft=99ms,e2e=1s")));
  EXPECT_FALSE(is_good(r, *parse_limits("tpot=9.9ms")));
  EXPECT_FALSE(is_good(r, *parse_limits("itl=9.9ms")));
  EXPECT_TRUE(is_good(answered(1, 0, 0, 100, 10, 1), *parse_limits("tpot=1ms,itl=1ms")));   // one token has neither
}

// Gaps 10, 10, 10, 50: their median is 10, their largest 50.
TEST(IsGood, TakesARequestsOwnPercentileOfItsGaps) {
  auto r = answered(1, 0, 0, 100, 10, 5);
  r.events.back().at = test::at_ms(180);
  r.last = r.events.back().at;
  EXPECT_TRUE(is_good(r, *parse_limits("p50_itl=10ms")));
  EXPECT_FALSE(is_good(r, *parse_limits("itl=49ms")));
  EXPECT_TRUE(is_good(r, *parse_limits("itl=50ms")));
  r.events[4].tokens = 5;                  // one chunk of five: 10 ms a token
  EXPECT_TRUE(is_good(r, *parse_limits("itl=10ms")));
}

// Three answered of which two are good, one failed, one warm-up: 2 of 4, and two thirds of what is answered a second.
TEST(GoodputOf, CountsFailedRequestsInTheDenominator) {
  std::vector<RequestRecord> requests = {answered(1, 0, 0, 100, 10, 5), answered(1, 1, 0, 100, 10, 5), answered(1, 2, 0, 400, 10, 5), answered(1, 3, 0, 100, 10, 5), answered(1, -1, 0, 100, 10, 5)};
  requests[3].failure = Failure::http_5xx;
  requests[4].warmup = true;
  const auto g = goodput_of(requests, *parse_limits("p95_e2e=200ms"), 6.0);
  EXPECT_EQ(g.good, 2);
  EXPECT_EQ(g.requests, 4);
  EXPECT_DOUBLE_EQ(*g.share, 0.5);
  EXPECT_DOUBLE_EQ(*g.requests_per_s, 4);
  EXPECT_FALSE(goodput_of({}, *parse_limits("e2e=1s"), 6.0).share);
  EXPECT_FALSE(goodput_of(requests, *parse_limits("e2e=1s"), std::nullopt).requests_per_s);
}

}  // namespace
}  // namespace qc
