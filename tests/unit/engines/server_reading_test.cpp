// Names of all releases, on recorded pages: numbers read off the pages by eye.
#include "measure/engines/server_reading.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "measure/engines/metric_names.h"
#include "unit/engines/support.h"

namespace qc {
namespace {

using test::fixture;

const ServerHistogram& histogram(const ServerReading& reading, const std::string& name) {
  static const ServerHistogram none;
  const auto at = std::ranges::find(reading.histograms, name, &ServerHistogram::name);
  EXPECT_NE(at, reading.histograms.end()) << name;
  return at == reading.histograms.end() ? none : *at;
}

/// The pages of the series, each without the line of seconds before it.
std::vector<std::string> pages_of(const std::string& series) {
  std::vector<std::string> pages;
  std::istringstream lines(series);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("1795")) pages.emplace_back();
    else if (!pages.empty()) pages.back() += line + "\n";
  }
  return pages;
}

TEST(ServerReading, VllmAfterALoad) {
  const auto r = read_metrics(fixture("vllm/load_after.txt"));
  EXPECT_EQ(r.value("generation_tokens"), 114816);
  EXPECT_EQ(r.value("prompt_tokens"), 860160);
  EXPECT_EQ(r.value("requests_finished"), 759);              // over five reasons to finish
  EXPECT_EQ(r.value("preemptions"), 0);
  EXPECT_FALSE(r.value("prefill_busy_s"));                   // llama-server's
  EXPECT_EQ(r.histograms.size(), 6U);
  const auto& queue = histogram(r, "queue_s");
  EXPECT_EQ(queue.count, 759);
  EXPECT_DOUBLE_EQ(queue.sum, 125.63017764199981);
  EXPECT_EQ(queue.buckets.front().bound, 0.3);
  EXPECT_EQ(queue.buckets.front().count, 589);
  EXPECT_TRUE(std::isinf(queue.buckets.back().bound));
  EXPECT_EQ(queue.buckets.back().count, 759);
  EXPECT_EQ(histogram(r, "itl_s").count, 114057);            // 114,816 tokens of 759 requests
}

TEST(ServerReading, TheSeriesWhileTheCacheFilled) {
  const auto pages = pages_of(fixture("vllm/kv_full_series.txt"));
  ASSERT_EQ(pages.size(), 60U);
  double usage = 0, waiting = 0, running = 0;
  for (const auto& page : pages) {
    const auto r = read_metrics(page);
    usage = std::max(usage, r.value("kv_usage").value()), waiting = std::max(waiting, r.value("requests_waiting").value());
    running = std::max(running, r.value("requests_running").value());
  }
  EXPECT_NEAR(usage, 0.9997, 5e-5);
  EXPECT_EQ(waiting, 79);                                    // num_requests_waiting_by_reason is not added to it
  EXPECT_GT(running, 0);
  EXPECT_EQ(read_metrics(pages.front()).value("preemptions"), 0);
  EXPECT_EQ(read_metrics(pages.back()).value("preemptions"), 41);
}

TEST(ServerReading, LlamaServerWithRequestsWaiting) {
  const auto r = read_metrics(fixture("llamacpp/metrics_busy.txt"));
  EXPECT_EQ(r.value("requests_running"), 2);
  EXPECT_EQ(r.value("requests_waiting"), 4);
  EXPECT_EQ(r.value("generation_tokens"), 223);
  EXPECT_EQ(r.value("prompt_tokens"), 99);                   // 67 computed, 32 from the cache
  EXPECT_EQ(r.value("prompt_tokens_cached"), 32);
  EXPECT_EQ(r.value("prefill_busy_s"), 0.142479);
  EXPECT_TRUE(r.histograms.empty());
}

TEST(ServerReading, OldAndNewNamesOfOneThingCountOnce) {
  const auto old = read_metrics("vllm:gpu_cache_usage_perc{m=\"x\"} 0.25\nvllm:time_per_output_token_seconds_sum 3\nvllm:time_per_output_token_seconds_count 2\n"
                                "vllm:gpu_prefix_cache_hits_total 5\nvllm:num_preemptions 7\n");
  EXPECT_EQ(old.value("kv_usage"), 0.25);
  EXPECT_EQ(old.value("prompt_tokens_cached"), 5);
  EXPECT_EQ(old.value("preemptions"), 7);
  EXPECT_EQ(histogram(old, "itl_s").sum, 3);
  const auto both = read_metrics("vllm:gpu_cache_usage_perc 0.25\nvllm:kv_cache_usage_perc 0.5\nvllm:time_per_output_token_seconds_sum 3\n"
                                 "vllm:time_per_output_token_seconds_count 2\nvllm:inter_token_latency_seconds_sum 4\nvllm:inter_token_latency_seconds_count 2\n");
  EXPECT_EQ(both.value("kv_usage"), 0.5);
  EXPECT_EQ(histogram(both, "itl_s").sum, 4);
}

TEST(ServerReading, EnginesBehindOneServerAreAddedUpAndSharesAreNot) {
  const auto r = read_metrics("vllm:num_requests_running{engine=\"0\"} 3\nvllm:num_requests_running{engine=\"1\"} 4\n"
                              "vllm:kv_cache_usage_perc{engine=\"0\"} 0.6\nvllm:kv_cache_usage_perc{engine=\"1\"} 0.7\n"
                              "vllm:request_queue_time_seconds_bucket{engine=\"0\",le=\"0.3\"} 1\nvllm:request_queue_time_seconds_bucket{engine=\"1\",le=\"0.3\"} 2\n"
                              "vllm:request_queue_time_seconds_sum{engine=\"0\"} 1\nvllm:request_queue_time_seconds_sum{engine=\"1\"} 1\n"
                              "vllm:request_queue_time_seconds_count{engine=\"0\"} 1\nvllm:request_queue_time_seconds_count{engine=\"1\"} 2\n");
  EXPECT_EQ(r.value("requests_running"), 7);
  EXPECT_EQ(r.value("kv_usage"), 0.7);
  EXPECT_EQ(histogram(r, "queue_s").count, 3);
  EXPECT_EQ(histogram(r, "queue_s").buckets.at(0).count, 3);
}

TEST(ServerReading, PartOfACountIsNoCount) {
  EXPECT_FALSE(read_metrics("llamacpp:prompt_tokens_total 67\n").value("prompt_tokens"));
  EXPECT_TRUE(read_metrics("vllm:time_to_first_token_seconds_sum 3\n").histograms.empty());
}

TEST(ServerReading, NoTextBreaksIt) {
  for (const auto* text : {"", "{", "}{", "vllm:num_requests_running", "vllm:num_requests_running NaN\n", "vllm:num_requests_running +Inf\n", "vllm:kv_cache_usage_perc{x=\"} 1",
                           "<html>503</html>", "vllm:who_knows_this_release 3\n", "\xff\xfe\n\n{} 1", "vllm:request_queue_time_seconds_bucket{le=\"x\"} 1\n"}) {
    const auto r = read_metrics(text);
    EXPECT_TRUE(r.values.empty() && r.histograms.empty()) << text;
  }
  const auto whole = fixture("vllm/load_after.txt");
  for (std::size_t n = 0; n < whole.size(); n += 211) read_metrics(std::string_view(whole).substr(0, n));
  std::string huge;
  for (int i = 0; i < 20000; ++i) huge += "vllm:unknown_family_bucket{le=\"" + std::to_string(i) + "\"} 1\n";
  EXPECT_EQ(read_metrics(huge + "vllm:num_requests_running 2\n").value("requests_running"), 2);
}

TEST(MetricNames, EachOfTheirNamesMeansOneThing) {
  for (const auto& a : metric_names())
    for (const auto& b : metric_names())
      if (&a != &b && a.theirs == b.theirs) { EXPECT_EQ(a.theirs, "llamacpp:prompt_tokens_cached_total"); }   // a part of the prompt's count, too
  std::vector<std::string_view> seen;
  for (const auto& name : metric_names()) {                  // read_metrics takes a name's rows as a run
    if (!seen.empty() && seen.back() == name.ours) continue;
    EXPECT_THAT(seen, testing::Not(testing::Contains(name.ours)));
    seen.push_back(name.ours);
  }
}

}  // namespace
}  // namespace qc
