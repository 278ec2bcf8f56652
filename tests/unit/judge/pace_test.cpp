// What a step reads, on a study worked out by hand: bf16 makes a token in 100 ms, q4 in 50 ms; prompts of 20 tokens, answers of 11.
#include "judge/advise/pace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "judge/advise/findings.h"
#include "support/tiny_study.h"

namespace qc {
namespace {

/// 100 GB of weights against 40, and 1 MB of keys and values a token.
StudyData pace_data() {
  StudyData d = test::two_blocks({1100, 1100}, {550, 550});
  for (const auto& [variant, bytes] : {std::pair{"bf16", 100'000'000'000}, {"q4", 40'000'000'000}}) {
    VariantFacts f;
    f.variant = variant, f.server = "vLLM", f.weights_bytes = bytes, f.kv_bytes = 5'000'000'000, f.kv_tokens = 5000, f.slots = 8;
    f.url = "http://127.0.0.1:1", f.command = "vllm serve";
    d.variants.push_back(f);
  }
  d.run.gpus = {"NVIDIA H100 80GB HBM3, 81559 MiB, driver 580.159.04"};
  return d;
}

std::vector<PaceRow> rows_of_pace(const StudyData& d) {
  return pace_rows(d, compare(d));
}

TEST(Pace, AStepReadsTheWeightsOnceAndTheKeysAndValuesOfAllRequests) {
  const auto rows = rows_of_pace(pace_data());
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].variant, "bf16");
  EXPECT_NEAR(*rows[0].step_bytes.value, 100e9 + 25.5 * 1e6, 1);          // one request of 20 + 11 / 2 tokens
  EXPECT_NEAR(*rows[0].step_ms.value, 100, 1e-9);
  EXPECT_NEAR(*rows[0].traffic.value, (100e9 + 25.5e6) / 0.1, 1e3);
  EXPECT_NEAR(*rows[0].of_card.value, (100e9 + 25.5e6) / 0.1 / 3350e9, 1e-9);
  EXPECT_NEAR(*rows[1].traffic.value, (40e9 + 25.5e6) / 0.05, 1e3);
}

// llama.cpp keeps the file's tensors and a repacked copy of some: it reads one of the two.
TEST(Pace, OfARepackedTensorAStepReadsOneCopy) {
  StudyData d = pace_data();
  d.variants[1].file_bytes = 30'000'000'000;
  EXPECT_NEAR(*rows_of_pace(d)[1].step_bytes.value, 30e9 + 25.5e6, 1);
  d.variants[1].file_bytes = 80'000'000'000;   // quantized while it was loaded
  EXPECT_NEAR(*rows_of_pace(d)[1].step_bytes.value, 40e9 + 25.5e6, 1);
}

TEST(Pace, NoMoreRequestsRunThanTheServerHasPlacesFor) {
  StudyData d = pace_data();
  d.study.workloads[0].concurrency = {16};
  for (auto& t : d.trials) t.concurrency = 16;
  EXPECT_NEAR(*rows_of_pace(d)[0].step_bytes.value, 100e9 + 8 * 25.5e6, 1);
}

TEST(Pace, TheFirstTokensShareIsOfTheMedianRequest) {
  EXPECT_NEAR(*rows_of_pace(pace_data())[0].first_token_share.value, 100 / 1100.0, 1e-9);
}

TEST(Pace, WhatIsNotKnownSaysWhy) {
  StudyData d = pace_data();
  d.variants[0].proof = {{"speculative", "ngram", "log"}}, d.variants[1].kv_tokens.reset();
  auto rows = rows_of_pace(d);
  EXPECT_EQ(rows[0].step_ms.na, "with speculative decoding a step gives several tokens");
  EXPECT_EQ(rows[0].of_card.na, rows[0].step_ms.na);
  EXPECT_EQ(rows[1].traffic.na, "the server does not tell the size of its KV cache");
  d = pace_data(), d.variants[0].weights_bytes.reset(), d.variants.pop_back();
  rows = rows_of_pace(d);
  ASSERT_EQ(rows.size(), 1u);                                              // of a server that never answered nothing is known
  EXPECT_EQ(rows[0].step_bytes.na, "the server does not tell how much its weights take");
}

TEST(Pace, OnlyAKnownCardHereHasABandwidth) {
  StudyData d = pace_data();
  EXPECT_EQ(card_bandwidth(d), 3350e9);
  d.run.gpus = {"NVIDIA Mystery 9000, 1 MiB"};
  EXPECT_FALSE(card_bandwidth(d));
  EXPECT_EQ(rows_of_pace(d)[0].of_card.na, "the memory bandwidth of this card is not known");
  d.run.gpus.clear();
  EXPECT_EQ(rows_of_pace(d)[0].of_card.na, "the memory bandwidth of this machine is not known");
  d = pace_data();
  for (auto& f : d.variants) f.command.clear(), f.url = "http://gpu.example:8000";
  EXPECT_FALSE(card_bandwidth(d));                                         // this machine's card is not the server's
}

TEST(Pace, TheKernelOfQuantizedWeightsIsNamed) {
  StudyData d = pace_data();
  d.variants[0].proof = {{"quantized_kernel", "none", "log"}}, d.variants[1].proof = {{"quantized_kernel", "MarlinLinearKernel", "log"}};
  const auto rows = rows_of_pace(d);
  EXPECT_EQ(rows[0].kernel, "");
  EXPECT_EQ(rows[1].kernel, "MarlinLinearKernel");
}

TEST(RandomWeights, AreToldByHowTheServerLoadedThem) {
  StudyData d = pace_data();
  d.variants[0].proof = {{"load_format", "auto", "log"}};
  EXPECT_FALSE(random_weights(d));
  d.variants[1].proof = {{"load_format", "dummy", "log"}};
  EXPECT_TRUE(random_weights(d));
}

}  // namespace
}  // namespace qc
