#include "judge/compare/other_counts.h"

#include <gtest/gtest.h>

#include "support/tiny_study.h"

namespace qc {
namespace {

/// Sent at `sent_ms`, tokens 100 ms apart.
RequestRecord request(int id, double sent_ms, int tokens, std::optional<int> characters, std::optional<int> second) {
  RequestRecord r = test::answered(1, id, sent_ms, sent_ms + 100, 100, tokens);
  r.characters = characters, r.second_count = second;
  return r;
}

OtherCounts counted(const std::vector<std::vector<RequestRecord>>& visits) {
  OtherCounter counter;
  for (const auto& visit : visits) {
    std::vector<const RequestRecord*> pointers;
    for (const RequestRecord& r : visit) pointers.push_back(&r);
    counter.add(pointers);
  }
  return counter.result();
}

TEST(OtherCounts, WholeRunGoesFromTheFirstByteSentToTheLastText) {
  // 10 + 20 tokens from 0 to 2.5 s; 20 characters more than tokens.
  const auto c = counted({{request(0, 0, 10, 40, 10), request(1, 500, 20, 60, 18)}});
  EXPECT_DOUBLE_EQ(*c.whole_run_tok_s.value, 30 / 2.5);
  EXPECT_DOUBLE_EQ(*c.characters_s.value, 100 / 2.5);
  EXPECT_DOUBLE_EQ(*c.characters_per_token.value, 100 / 30.0);
  EXPECT_DOUBLE_EQ(*c.second_count.value, 28 / 30.0);
}

TEST(OtherCounts, RatesAreMeansOverVisitsAndSharesAreOfAllAnswers) {
  const auto c = counted({{request(0, 0, 10, 10, 10)}, {request(0, 0, 40, 120, 40)}});
  EXPECT_DOUBLE_EQ(*c.whole_run_tok_s.value, 10);  // 10 tokens in 1 s, 40 in 4 s
  EXPECT_DOUBLE_EQ(*c.characters_s.value, (10.0 + 30.0) / 2);
  EXPECT_DOUBLE_EQ(*c.characters_per_token.value, 130 / 50.0);
}

TEST(OtherCounts, WarmUpAndFailedRequestsAreLeftOut) {
  RequestRecord warm = request(-1, 0, 10, 99, 99), failed = request(1, 5000, 10, 99, 99);
  warm.warmup = true, failed.failure = Failure::truncated;
  const auto c = counted({{warm, request(0, 1000, 10, 30, 10), failed}});
  EXPECT_DOUBLE_EQ(*c.whole_run_tok_s.value, 10);
  EXPECT_DOUBLE_EQ(*c.characters_per_token.value, 3);
  EXPECT_DOUBLE_EQ(*c.second_count.value, 1);
}

TEST(OtherCounts, OnlyAnswersThatHaveBothCountsAreCompared) {
  EXPECT_DOUBLE_EQ(*counted({{request(0, 0, 10, 30, 9), request(1, 0, 90, 270, std::nullopt)}}).second_count.value, 0.9);
}

TEST(OtherCounts, WhatIsNotStoredIsNotAvailable) {
  const auto c = counted({{request(0, 0, 10, std::nullopt, std::nullopt)}});
  EXPECT_TRUE(c.whole_run_tok_s);
  EXPECT_EQ(c.characters_s.na, "the answers' lengths in characters are not stored");
  EXPECT_EQ(c.second_count.na, "the server has no /tokenize");
  EXPECT_EQ(counted({}).whole_run_tok_s.na, "no request was answered");
}

}  // namespace
}  // namespace qc
