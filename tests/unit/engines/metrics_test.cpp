#include "measure/engines/metrics.h"

#include "unit/engines/support.h"

namespace qc {
namespace {

using test::fixture;

TEST(PromptCounters, LlamaCountsCachedTokensApart) {
  const auto counters = prompt_counters(fixture("llamacpp/metrics.txt"));  // 74 computed, 39 from the cache
  ASSERT_TRUE(counters);
  EXPECT_EQ(counters->prompt_tokens, 113);
  EXPECT_EQ(counters->cached, 39);
}

TEST(PromptCounters, Vllm) {
  const auto counters = prompt_counters(fixture("vllm/metrics.txt"));
  ASSERT_TRUE(counters);
  EXPECT_EQ(counters->prompt_tokens, 194);
  EXPECT_EQ(counters->cached, 0);
  EXPECT_EQ(prompt_counters(fixture("vllm/metrics_h100.txt"))->prompt_tokens, 860160);
}

TEST(PromptCounters, SeveralEnginesAreAddedUp) {
  const auto counters = prompt_counters(
      "vllm:prompt_tokens_total{engine=\"0\"} 100.0\nvllm:prompt_tokens_total{engine=\"1\"} 50.0\n"
      "vllm:prefix_cache_hits_total{engine=\"0\"} 16.0\nvllm:prefix_cache_hits_total{engine=\"1\"} 32.0\n");
  ASSERT_TRUE(counters);
  EXPECT_EQ(counters->prompt_tokens, 150);
  EXPECT_EQ(counters->cached, 48);
}

TEST(PromptCounters, Sglang) {
  const auto counters = prompt_counters("sglang:prompt_tokens_total{model_name=\"m\"} 8.0\nsglang:cached_tokens_total{model_name=\"m\"} 2.0\n");
  ASSERT_TRUE(counters);
  EXPECT_EQ(counters->prompt_tokens, 8);
  EXPECT_EQ(counters->cached, 2);
}

TEST(PromptCounters, OneCounterIsNotEnough) { EXPECT_FALSE(prompt_counters("llamacpp:prompt_tokens_total 74\n")); }

TEST(PromptCounters, NoTextBreaksThem) {
  for (const auto* text : {"", "{", "}{", "a{b=\"", "a{b=\"c\\", "llamacpp:prompt_tokens_total\n", "llamacpp:prompt_tokens_total NaN\nllamacpp:prompt_tokens_cached_total x",
                           "<html>404</html>", "\xff\xfe\n\n\n{} 1"})
    EXPECT_FALSE(prompt_counters(text)) << text;
  const auto whole = fixture("vllm/metrics.txt");
  for (std::size_t n = 0; n < whole.size(); n += 7) prompt_counters(std::string_view(whole).substr(0, n));
}

TEST(MetricSum, TakesTheWholeNameOnly) {
  EXPECT_EQ(metric_sum("a_total 1\na_total_more 2\n# a_total 4\nother_a_total 8\n", "a_total"), 1.0);
  EXPECT_EQ(metric_sum("a 1.5e3 1795440421000\n", "a"), 1500.0);  // with a timestamp
}

TEST(MetricLabel, ReadsQuotedValues) {
  const auto text = fixture("vllm/metrics.txt");
  EXPECT_EQ(metric_label(text, "vllm:cache_config_info", "kv_cache_size_tokens"), "46592");
  EXPECT_EQ(metric_label(text, "vllm:cache_config_info", "block_size"), "128");  // hash_block_size and others end in the same word
  EXPECT_FALSE(metric_label(text, "vllm:cache_config_info", "no_such"));
  EXPECT_EQ(metric_label("m{a=\"}\",b=\"2\"} 1\n", "m", "b"), "2");
}

}  // namespace
}  // namespace qc
