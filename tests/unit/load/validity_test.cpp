// METRICS.md's rules on records made by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "measure/load/own_error.h"
#include "measure/load/visit.h"
#include "stats/stats.h"

namespace qc {
namespace {
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Sent at 0, first token after 100 ms, then one each 10 ms.
RequestRecord good(int tokens = 4) {
  RequestRecord r;
  for (int i = 0; i < tokens; ++i) r.events.push_back({{100'000'000 + i * 10'000'000}, 1, Stamp::kernel});
  r.first = r.events.front().at;
  r.last = r.done = r.events.back().at;
  r.output_tokens = tokens;
  r.prompt_tokens = 1000;
  r.cached_tokens = 0;
  r.finish_reason = "length";
  return r;
}

TrialRecord judged(std::vector<RequestRecord> requests, TrialRecord trial = {}, bool ignore_eos = true) {
  judge_validity(trial, requests, ignore_eos);
  return trial;
}

TEST(Validity, AGoodTrialIsValidWhateverItWasBefore) {
  TrialRecord before;
  before.valid = false;
  before.invalid_because = "old";
  const auto t = judged({good(), good()}, before);
  EXPECT_TRUE(t.valid);
  EXPECT_EQ(t.invalid_because, "");
}

TEST(Validity, LatenessAboveFivePercentOfTheMedianTtft) {
  TrialRecord trial;
  trial.send_lateness_p99_us = 5000;   // 5 % of 100 ms exactly
  EXPECT_TRUE(judged({good()}, trial).valid);
  trial.send_lateness_p99_us = 5001;
  const auto t = judged({good()}, trial);
  EXPECT_FALSE(t.valid);
  EXPECT_THAT(t.invalid_because, HasSubstr("send lateness p99 5001 us"));
}

TEST(Validity, ReadLagCountsUnderTheUserClockOnly) {
  TrialRecord trial;
  trial.read_lag_p99_us = 501;   // over 5 % of the 10 ms gap
  EXPECT_TRUE(judged({good()}, trial).valid);
  auto user = good();
  for (auto& e : user.events) e.stamp = Stamp::user;
  EXPECT_THAT(judged({user}, trial).invalid_because, HasSubstr("read lag"));
  trial.read_lag_p99_us = 500;
  EXPECT_TRUE(judged({user}, trial).valid);
}

TEST(Validity, AllFailed) {
  auto failed = good();
  failed.failure = Failure::connect;
  failed.failure_detail = "refused";
  EXPECT_EQ(judged({failed, failed}).invalid_because, "all 2 requests failed, the first as connect: refused");
  EXPECT_TRUE(judged({failed, good()}).valid);
  auto warmup = good();
  warmup.warmup = true;
  EXPECT_FALSE(judged({warmup}).valid);
}

// Seen under vLLM: ids beyond the tokenizer's become no text, yet are counted.
TEST(Validity, TokensWithoutTextHaveNoInstant) {
  auto silent = good();
  silent.events.clear(), silent.first.reset(), silent.last.reset();
  EXPECT_EQ(judged({silent, good()}).invalid_because, "1 of 2 answers are tokens without text, so when they came can't be told: does the model's tokenizer fit, does it answer at all?");
  std::vector<RequestRecord> many(20, good());
  many[3] = silent;
  EXPECT_TRUE(judged(many).valid) << "one of twenty is no more than a twentieth";
  many[4] = silent;
  EXPECT_FALSE(judged(many).valid);
  silent.warmup = true;
  EXPECT_TRUE(judged({silent, good()}).valid);
}

TEST(Validity, OutputLengths) {
  EXPECT_THAT(judged({good(4), good(5)}).invalid_because, HasSubstr("output lengths differ (4 to 5 tokens) although ignore_eos was honoured"));
  EXPECT_TRUE(judged({good(4), good(5)}, {}, false).valid);
  TrialRecord uncounted;
  uncounted.notes = {"no usage: events were counted as tokens: 2 of 2 requests"};
  EXPECT_TRUE(judged({good(4), good(5)}, uncounted).valid) << "an event may hold two tokens";
  auto stopped = good(3);
  stopped.finish_reason = "stop";
  const auto t = judged({good(4), stopped});
  EXPECT_TRUE(t.valid);
  EXPECT_THAT(t.notes, ElementsAre(HasSubstr("does not honour ignore_eos")));
  EXPECT_EQ(judged({good(4), stopped}, t).notes.size(), 1u);   // said once, however often it is judged
}

TEST(Validity, CacheAboveOnePercent) {
  auto hit = good();
  hit.cached_tokens = 20;   // of 1000, the other one 0 of 1000: exactly 1 %
  EXPECT_TRUE(judged({hit, good()}).valid);
  hit.cached_tokens = 22;
  EXPECT_THAT(judged({hit, good()}).invalid_because, HasSubstr("1.1 % of the prompt tokens"));
  TrialRecord counted;
  counted.prompt_tokens_cached = 30;
  counted.prompt_tokens_processed = 2000;
  EXPECT_THAT(judged({good(), good()}, counted).invalid_because, HasSubstr("1.5 %"));
}

TEST(Validity, ReasonsAreJoined) {
  TrialRecord trial;
  trial.send_lateness_p99_us = 1e6;
  EXPECT_THAT(judged({good(4), good(5)}, trial).invalid_because, HasSubstr("; output lengths"));
}

TEST(OwnError, PercentilesAsNumpys) {
  // numpy.percentile([1, 2, 3, 4], [50, 99, 0, 100]) -> 2.5, 3.97, 1, 4
  EXPECT_DOUBLE_EQ(*quantile(std::vector<double>{4, 1, 3, 2}, 0.5), 2.5);
  EXPECT_DOUBLE_EQ(*quantile(std::vector<double>{4, 1, 3, 2}, 0.99), 3.97);
  EXPECT_DOUBLE_EQ(*quantile(std::vector<double>{4, 1, 3, 2}, 0), 1);
  EXPECT_DOUBLE_EQ(*quantile(std::vector<double>{4, 1, 3, 2}, 1), 4);
  EXPECT_EQ(quantile(std::vector<double>{}, 0.5), std::nullopt);
}

TEST(OwnError, LatenessLeavesOutWhatWasNeverSent) {
  auto late = good(), refused = good(), warmup = good();
  late.intended = {-7000};
  refused.failure = Failure::connect;
  warmup.warmup = true;
  EXPECT_THAT(send_lateness_us({late, refused, warmup}), ElementsAre(7.0));
  EXPECT_THAT(chunk_gaps_us({good(3)}), ElementsAre(10000.0, 10000.0));
  EXPECT_THAT(ttft_us({refused}), IsEmpty());
}

TEST(Validity, AGpuThatSlowedDownForHeatOrHardwareDoesNotCount) {
  for (const auto& [bits, name] : {std::pair{0x8, "hardware slowdown"}, {0x20, "software thermal slowdown"}, {0x40, "hardware thermal slowdown"}, {0x80, "hardware power brake"}}) {
    TrialRecord trial;
    trial.gpu_slowdown = bits;
    const auto t = judged({good()}, trial);
    EXPECT_FALSE(t.valid);
    EXPECT_THAT(t.invalid_because, HasSubstr(name));
  }
  TrialRecord trial;
  for (const int bits : {0x0, 0x1, 0x2, 0x4, 0x10, 0x100}) {  // idle, set by an application, the power cap, sync boost, display clocks
    trial.gpu_slowdown = bits;
    EXPECT_TRUE(judged({good()}, trial).valid) << bits;
  }
}

// A tenth of the prompt is shared on purpose: a cache may serve it, and no more.
TEST(Validity, ASharedPrefixMayComeFromTheCache) {
  auto r = good();
  r.cached_tokens = 100;
  TrialRecord trial;
  judge_validity(trial, {r}, true, 0.1);
  EXPECT_TRUE(trial.valid) << trial.invalid_because;
  EXPECT_THAT(trial.notes, ElementsAre(HasSubstr("served 10.0 % of the prompt tokens; 10.0 % are the shared prefix")));
  r.cached_tokens = 111;
  judge_validity(trial, {r}, true, 0.1);
  EXPECT_THAT(trial.invalid_because, HasSubstr("served 11.1 % of the prompt tokens, and the shared prefix is 10.0 %"));
}

}  // namespace
}  // namespace qc
