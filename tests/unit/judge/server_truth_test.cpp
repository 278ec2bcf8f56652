// Server beside client on a study worked out by hand: two blocks, one request of 11 tokens a trial.
#include "judge/advise/server_truth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "judge/advise/findings.h"
#include "judge/advise/trial_words.h"
#include "support/tiny_study.h"

namespace qc {
namespace {
using testing::HasSubstr;

constexpr double kInf = std::numeric_limits<double>::infinity();

/// bf16: trials 1 and 3, 100 ms a token; q4: 2 and 4, 50 ms.
StudyData data() {
  StudyData d = test::two_blocks({1100, 1100}, {550, 550});
  VariantFacts f;
  f.variant = "bf16", f.server = "vLLM";
  d.variants = {f};
  return d;
}

void say(StudyData& d, int trial, std::int64_t ns, const std::string& name, double value) { d.telemetry.server.push_back({trial, {ns}, name, value}); }

/// Both edges, and a counter that rises between them.
void counted(StudyData& d, int trial, const std::string& name, double before, double after) {
  say(d, trial, 0, "edge", 0), say(d, trial, 100, "edge", 1);
  say(d, trial, 0, name, before), say(d, trial, 100, name, after);
}

const ServerRow& row_of(const std::vector<ServerRow>& rows, const std::string& variant) { return *std::ranges::find(rows, variant, &ServerRow::variant); }

TEST(QuantileBetween, GivesTheBucketAndNoMore) {
  // vLLM's time to first token as recorded on an H100: 759 requests, p95 is the 721.05th.
  const ServerHistogram h{"ttft_s", 759, 396.6, {{0.5, 436}, {0.75, 555}, {1, 675}, {2.5, 755}, {5, 759}, {kInf, 759}}};
  const auto p95 = quantile_between(h, 0.95);
  ASSERT_TRUE(p95);
  EXPECT_EQ(p95->lo, 1);
  EXPECT_EQ(p95->hi, 2.5);
  EXPECT_NEAR(p95->value, 1 + 1.5 * 46.05 / 80, 1e-12);
  EXPECT_EQ(quantile_between(h, 0.1)->lo, 0);
  const auto beyond = quantile_between({"x", 2, 9, {{1, 0}, {kInf, 2}}}, 0.5);
  EXPECT_EQ(beyond->value, 1);                              // only "over 1" is known
  EXPECT_TRUE(std::isinf(beyond->hi));
  EXPECT_FALSE(quantile_between({"x", 0, 0, {{1, 0}, {kInf, 0}}}, 0.5));
  EXPECT_FALSE(quantile_between({"x", 3, 1, {}}, 0.5));
}

TEST(ServerRows, MeansAreOverAllTrialsOfTheCell) {
  StudyData d = data();
  for (const int trial : {1, 3}) counted(d, trial, "generation_tokens", 1000, 1011);
  d.telemetry.histograms = {{1, {"ttft_s", 1, 0.09, {{0.1, 1}, {kInf, 1}}}}, {3, {"ttft_s", 1, 0.07, {{0.1, 1}, {kInf, 1}}}}, {1, {"queue_s", 1, 0.02, {}}}, {3, {"queue_s", 1, 0.04, {}}}};
  const auto rows = server_rows(d);
  ASSERT_EQ(rows.size(), 2u);
  const auto& row = row_of(rows, "bf16");
  EXPECT_NEAR(*row.ttft_ms.value, 80, 1e-9);
  EXPECT_NEAR(*row.our_ttft_ms.value, 100, 1e-9);
  EXPECT_NEAR(*row.our_itl_ms.value, 100, 1e-9);
  EXPECT_NEAR(*row.queue_ms.value, 30, 1e-9);
  EXPECT_NEAR(*row.ttft_p95_ms.lo, 0, 1e-9);
  EXPECT_NEAR(*row.ttft_p95_ms.hi, 100, 1e-9);
  EXPECT_EQ(*row.tokens.value, 22);
  EXPECT_EQ(*row.our_tokens.value, 22);
  EXPECT_TRUE(row.warnings.empty());
  EXPECT_FALSE(row.prefill_ms);
  EXPECT_EQ(row.prefill_ms.na, "vLLM does not tell it");
  EXPECT_EQ(row_of(rows, "q4").tokens.na, "the server gave no /metrics, or the run ended before");
}

TEST(ServerRows, ACounterThatOneEdgeLacksIsNotKnown) {
  StudyData d = data();
  for (const int trial : {1, 3}) {
    say(d, trial, 0, "edge", 0), say(d, trial, 100, "edge", 1);
    say(d, trial, 100, "generation_tokens", 1011);          // not yet told at the first
  }
  EXPECT_EQ(row_of(server_rows(d), "bf16").tokens.na, "vLLM does not tell it");
}

TEST(ServerRows, LlamaServersBusyTimeIsSharedByItsRequests) {
  StudyData d = data();
  for (const int trial : {1, 3}) counted(d, trial, "prefill_busy_s", 5, 5.08), counted(d, trial, "decode_busy_s", 7, 8);
  const auto rows = server_rows(d);
  EXPECT_NEAR(*row_of(rows, "bf16").prefill_ms.value, 80, 1e-9);
  EXPECT_NEAR(*row_of(rows, "bf16").decode_ms.value, 1000, 1e-9);
}

TEST(ServerRows, GaugesAreThoseUnderLoad) {
  StudyData d = data();
  counted(d, 1, "requests_waiting", 50, 60);                // at the edges nothing of ours runs
  for (const auto& [ns, n] : {std::pair{10, 0.0}, {20, 2.0}, {30, 3.0}, {40, 0.0}}) say(d, 1, ns, "requests_waiting", n);
  const auto rows = server_rows(d);
  EXPECT_EQ(*row_of(rows, "bf16").waiting_max.value, 3);
  EXPECT_EQ(*row_of(rows, "bf16").waiting_share.value, 0.5);
}

TEST(ServerRows, ADifferenceOfOverOnePercentIsAWarningAndACaveat) {
  StudyData d = data();
  for (const int trial : {1, 3}) counted(d, trial, "generation_tokens", 0, 11);
  EXPECT_TRUE(row_of(server_rows(d), "bf16").warnings.empty());
  d.telemetry.server.back().value = 12;                     // 23 where we counted 22
  const auto row = row_of(server_rows(d), "bf16");
  ASSERT_EQ(row.warnings.size(), 1u);
  EXPECT_THAT(row.warnings[0], HasSubstr("{server_tokens}"));
  EXPECT_THAT(judge(d).caveats, testing::Contains(HasSubstr("In chat at concurrency 1 the server of bf16 and our own count disagree")));
}

TEST(ServerRows, AFirstTokenThatTheServerHadLaterThanWeIsAWarning) {
  StudyData d = data();
  d.telemetry.histograms = {{1, {"ttft_s", 1, 0.2, {}}}};
  EXPECT_EQ(row_of(server_rows(d), "bf16").warnings.size(), 1u);
}

TEST(ServerRows, NothingIsSubtractedWithoutBothEdgesOrFromACounterThatFell) {
  StudyData d = data();
  counted(d, 1, "generation_tokens", 0, 11);
  say(d, 3, 0, "edge", 0), say(d, 3, 0, "generation_tokens", 11), say(d, 3, 50, "generation_tokens", 18);
  EXPECT_FALSE(row_of(server_rows(d), "bf16").tokens);
  EXPECT_EQ(row_of(server_rows(d), "bf16").tokens.na, "/metrics was not answered around every trial");
  d = data();
  for (const int trial : {1, 3}) counted(d, trial, "generation_tokens", 11, 3);
  EXPECT_FALSE(row_of(server_rows(d), "bf16").tokens);
}

TEST(ServerRows, FailedRequestsLeaveTheTokensOut) {
  StudyData d = data();
  d.requests[0].failure = Failure::timeout;
  for (const int trial : {1, 3}) counted(d, trial, "generation_tokens", 0, 11);
  const auto row = row_of(server_rows(d), "bf16");
  EXPECT_FALSE(row.our_tokens);
  EXPECT_TRUE(row.warnings.empty());
}

Measured is(double x) { Measured m; m.value = x; return m; }

/// A row whose p95 is half above the median; 80 % of what the slowest take longer is before the first token.
ServerRow slow_first() {
  ServerRow row;
  row.p95_ms = is(1500), row.tail = is(0.5), row.slow_first_token = is(0.6), row.excess_first_token = is(0.8);
  return row;
}

// Two visits, one of them slower as a whole; within it the requests end together, whenever their first token came.
TEST(ServerRows, AVisitThatIsSlowerAsAWholeIsNoWaitForTheFirstToken) {
  StudyData d = data();
  d.requests.clear();
  const auto add = [&](int trial, std::int64_t first_ms, std::int64_t whole_ms) {
    RequestRecord r;
    r.trial_id = trial, r.sent = {0}, r.first = Instant{first_ms * 1'000'000}, r.last = r.done = Instant{whole_ms * 1'000'000}, r.output_tokens = 11;
    d.requests.push_back(r);
  };
  for (int i = 0; i < 10; ++i) add(1, 100 + 100 * i, 2000 + i), add(3, 300 + 100 * i, 3000 + i);
  const auto row = row_of(server_rows(d), "bf16");
  EXPECT_GT(*row.excess_visit.value, 0.95);                 // some 500 ms by their visit, a few within it
  EXPECT_EQ(row.cause, "slower visit");
  EXPECT_THAT(row.because, HasSubstr("{excess_visit_pct}"));
  d.requests.clear();                                       // a small tail is still its visit's
  for (int i = 0; i < 10; ++i) add(1, 100 + 100 * i, 2000 + i), add(3, 300 + 100 * i, 2300 + i);
  const auto small = row_of(server_rows(d), "bf16");
  EXPECT_LT(*small.tail.value, 0.1);
  EXPECT_EQ(small.cause, "slower visit");
  d.requests.clear();                                       // alike visits, a tail that waits
  for (int i = 0; i < 10; ++i) add(1, 100 + 200 * i, 2000 + 200 * i), add(3, 100 + 200 * i, 2000 + 200 * i);
  const auto waits = row_of(server_rows(d), "bf16");
  EXPECT_EQ(*waits.excess_visit.value, 0);
  EXPECT_EQ(*waits.excess_first_token.value, 1);
  EXPECT_EQ(waits.cause, "first token");
}

TEST(Cause, IsTheFirstRuleThatHolds) {
  const auto cause = [](ServerRow row) { return find_cause(row), row.cause; };
  ServerRow row = slow_first();
  EXPECT_EQ(cause(row), "first token");                     // this server does not split it
  row.queue_ms = is(2), row.prefill_ms = is(100), row.decode_ms = is(500);
  EXPECT_EQ(cause(row), "prefill");
  row.excess_first_token = is(0.55);                        // neither half alone
  EXPECT_EQ(cause(row), "prefill and decode");
  row.excess_first_token = is(0.62);
  EXPECT_EQ(cause(row), "prefill");
  row.excess_first_token = is(0.2);
  EXPECT_EQ(cause(row), "decode");
  row.tail = is(0.05), row.slow_first_token = is(0.1);
  EXPECT_EQ(cause(row), "decode");
  row.slow_first_token = is(0.45);
  EXPECT_EQ(cause(row), "first token and decode");
  row.slow_first_token = is(0.7);
  EXPECT_EQ(cause(row), "first token");
  row.queue_ms = is(60);                                    // 9 % of 660 ms
  EXPECT_EQ(cause(row), "first token");
  row.queue_ms = is(100);                                   // 14 % of 700 ms
  EXPECT_EQ(cause(row), "queue");
  find_cause(row);
  EXPECT_EQ(row.because.find("**the queue in part**: a request waits {server_queue_ms} on average"), 0u) << row.because;
  row.queue_ms = is(600);                                   // half of 1,200 ms
  find_cause(row);
  EXPECT_EQ(row.because.find("**the queue**: "), 0u) << row.because;
  row.preemptions = is(41);
  EXPECT_EQ(cause(row), "preemption");
  ServerRow unsplit = slow_first();
  unsplit.excess_first_token = is(0.41);
  EXPECT_EQ(cause(unsplit), "first token and decode");
  unsplit.waiting_share = is(0.3);
  EXPECT_EQ(cause(unsplit), "queue");
  EXPECT_EQ(cause({}), "");
}

}  // namespace
}  // namespace qc
