// Load shapes against answers known from elsewhere.
#include "measure/load/arrivals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace qc {
namespace {
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<double> draw(const Gaps& gaps, int n) {
  std::vector<double> out;
  for (int i = 0; i < n; ++i) out.push_back(gaps());
  return out;
}

double mean_of(const std::vector<double>& xs) { return std::accumulate(xs.begin(), xs.end(), 0.0) / static_cast<double>(xs.size()); }

double variance_of(const std::vector<double>& xs) {
  const double centre = mean_of(xs);
  double sum = 0;
  for (const double x : xs) sum += (x - centre) * (x - centre);
  return sum / static_cast<double>(xs.size() - 1);
}

/// Largest distance between the samples' distribution and `cdf` (Kolmogorov and Smirnov).
template <class Cdf>
double distance(std::vector<double> xs, Cdf cdf) {
  std::ranges::sort(xs);
  double worst = 0;
  const auto n = static_cast<double>(xs.size());
  for (std::size_t i = 0; i < xs.size(); ++i)
    worst = std::max({worst, std::abs(cdf(xs[i]) - static_cast<double>(i) / n), std::abs(cdf(xs[i]) - static_cast<double>(i + 1) / n)});
  return worst;
}

// 1.63 / sqrt(n) is the 1 % point of Kolmogorov's distribution; the seed is fixed, so this passes always or never.
TEST(Gaps, PoissonGapsAreExponential) {
  const auto gaps = draw(poisson_gaps(1), 20'000);
  EXPECT_LT(distance(gaps, [](double x) { return 1 - std::exp(-x); }), 1.63 / std::sqrt(20'000));
  EXPECT_EQ(draw(poisson_gaps(7), 5), draw(poisson_gaps(7), 5));
  EXPECT_NE(draw(poisson_gaps(7), 5), draw(poisson_gaps(8), 5));
}

TEST(Gaps, GammaGapsHaveMeanOneAndTheVarianceOfTheirBurstiness) {
  for (const double burstiness : {0.25, 1.0, 4.0}) {
    const auto gaps = draw(gamma_gaps(burstiness, 3), 40'000);
    EXPECT_NEAR(mean_of(gaps), 1, 4 / std::sqrt(burstiness * 40'000));
    EXPECT_NEAR(variance_of(gaps) * burstiness, 1, 0.1) << burstiness;
  }
  // Of shape 1 it is the exponential distribution, of shape 2 its distribution function is 1 - (1 + 2x) e^-2x.
  EXPECT_LT(distance(draw(gamma_gaps(1, 4), 20'000), [](double x) { return 1 - std::exp(-x); }), 1.63 / std::sqrt(20'000));
  EXPECT_LT(distance(draw(gamma_gaps(2, 4), 20'000), [](double x) { return 1 - (1 + 2 * x) * std::exp(-2 * x); }), 1.63 / std::sqrt(20'000));
}

TEST(Gaps, BurstsComeTogetherAndKeepTheRate) {
  EXPECT_THAT(draw(burst_gaps(3), 7), ElementsAre(3, 0, 0, 3, 0, 0, 3));
  EXPECT_THAT(draw(constant_gaps(), 3), ElementsAre(1, 1, 1));
}

TEST(RateCurve, ARampExpectsHalfOfASlopeTimesTimeSquared) {
  const RateCurve ramp = RateCurve::ramp(0, 20, 10s);   // 2 more a second each second
  for (const double t : {0.5, 1.0, 3.0, 9.9}) {
    EXPECT_NEAR(ramp.expected(t), 0.5 * 2 * t * t, 1e-12);
    EXPECT_NEAR(*ramp.when(0.5 * 2 * t * t), t, 1e-12);
  }
  EXPECT_NEAR(ramp.expected(13), 100 + 3 * 20, 1e-12);  // then it stays
  EXPECT_NEAR(*ramp.when(160), 13, 1e-12);
}

TEST(RateCurve, WhenIsTheInverseOfExpected) {
  const RateCurve curve({{1, 4}, {3, 10}, {3.5, 0}, {5, 0}, {6, 8}});
  EXPECT_DOUBLE_EQ(curve.expected(1), 4);               // before the first knot as at it
  EXPECT_DOUBLE_EQ(curve.expected(3), 4 + 14);
  EXPECT_DOUBLE_EQ(curve.expected(5), 4 + 14 + 2.5);    // nothing for one and a half seconds
  EXPECT_DOUBLE_EQ(curve.expected(6), 4 + 14 + 2.5 + 4);
  for (double t = 0.1; t < 10; t += 0.37) {
    if (t > 3.5 && t < 5) continue;
    EXPECT_NEAR(*curve.when(curve.expected(t)), t, 1e-9) << t;
  }
  EXPECT_EQ(RateCurve({{0, 5}, {2, 0}}).when(5.001), std::nullopt);   // five and no more
  EXPECT_NEAR(*RateCurve({{0, 5}, {2, 0}}).when(5), 2, 1e-9);
}

TEST(Arrivals, ComposeGapsAndRateUntilWhatComesFirst) {
  EXPECT_THAT(arrivals(constant_gaps(), RateCurve::steady(4), {.count = 3, .time = {}}), ElementsAre(250ms, 500ms, 750ms));
  EXPECT_EQ(arrivals(constant_gaps(), RateCurve::steady(4), {.count = {}, .time = Seconds(2)}).size(), 7u);   // the eighth is due at the end
  EXPECT_EQ(arrivals(constant_gaps(), RateCurve::steady(4), {.count = 5, .time = Seconds(2)}).size(), 5u);
  EXPECT_THAT(arrivals(burst_gaps(2), RateCurve::steady(2), {.count = 4, .time = {}}), ElementsAre(1s, 1s, 2s, 2s));
  // Under a ramp of a = 2 the k-th of evenly spaced arrivals comes at sqrt(2 k / a).
  EXPECT_THAT(arrivals(constant_gaps(), RateCurve::ramp(0, 20, 10s), {.count = 4, .time = {}}), ElementsAre(1s, Nanos(1'414'213'562), Nanos(1'732'050'808), 2s));
  EXPECT_TRUE(arrivals(constant_gaps(), RateCurve({{0, 1}, {1, 0}}), {.count = 3, .time = {}}).empty());      // half of one is expected, ever
}

TEST(Arrivals, APoissonStreamHasItsRate) {
  const auto due = arrivals(poisson_gaps(42), RateCurve::steady(100), {.count = {}, .time = Seconds(200)});
  EXPECT_NEAR(static_cast<double>(due.size()), 20'000, 4 * std::sqrt(20'000));
  EXPECT_TRUE(std::ranges::is_sorted(due));
}

TEST(Trace, OfMooncakeCountsFromItsFirstEntry) {
  const auto trace = read_trace("{\"timestamp\": 27482, \"input_length\": 6955, \"output_length\": 52, \"hash_ids\": [46, 47]}\n"
                                "{\"timestamp\": 30535, \"input_length\": 6472, \"output_length\": 26, \"hash_ids\": [46]}\n\n", "m.jsonl");
  ASSERT_TRUE(trace) << trace.error().message;
  ASSERT_EQ(trace->size(), 2u);
  EXPECT_EQ((*trace)[0].at, 0ns);
  EXPECT_EQ((*trace)[1].at, 3053ms);
  EXPECT_EQ((*trace)[1].input_tokens, 6472);
  EXPECT_EQ((*trace)[0].output_tokens, 52);
}

TEST(Trace, OfAzureHasDatesAndMayBeOutOfOrder) {
  const auto trace = read_trace("TIMESTAMP,ContextTokens,GeneratedTokens\r\n2023-11-16 18:17:03.9799600,4808,10\r\n2023-11-16 18:17:02.4799600,374,44\r\n", "a.csv");
  ASSERT_TRUE(trace) << trace.error().message;
  EXPECT_EQ((*trace)[0].input_tokens, 374);
  EXPECT_NEAR(seconds((*trace)[1].at), 1.5, 1e-6);
  const auto plain = read_trace("arrived_at,num_prefill_tokens,num_decode_tokens\n0.5,10,20\n1.25,11,21\n", "s.csv");
  ASSERT_TRUE(plain) << plain.error().message;
  EXPECT_EQ((*plain)[1].at, 750ms);
}

// The unit is that of the names, whatever the file's syntax.
TEST(Trace, EitherOneComesAsCsvOrJsonLines) {
  const auto second_at = [](std::string_view text) {
    const auto trace = read_trace(text, "t");
    EXPECT_TRUE(trace) << trace.error().message;
    return trace ? seconds(trace->at(1).at) : -1;
  };
  EXPECT_DOUBLE_EQ(second_at("timestamp,input_length,output_length\n0,10,20\n300,10,20\n"), 0.3);
  EXPECT_DOUBLE_EQ(second_at("{\"TIMESTAMP\": 0, \"ContextTokens\": 10, \"GeneratedTokens\": 20}\n{\"TIMESTAMP\": 2.5, \"ContextTokens\": 10, \"GeneratedTokens\": 20}\n"), 2.5);
  EXPECT_NEAR(second_at("{\"TIMESTAMP\": \"2023-11-16 18:17:03.5\", \"ContextTokens\": 10, \"GeneratedTokens\": 20}\n{\"TIMESTAMP\": \"2023-11-16 18:17:04.75\", \"ContextTokens\": 10, \"GeneratedTokens\": 20}\n"), 1.25, 1e-6);
  EXPECT_DOUBLE_EQ(second_at("\xEF\xBB\xBF\"TIMESTAMP\",\"ContextTokens\",\"GeneratedTokens\"\r\n\"2023-11-16 18:17:03\",\"10\",\"20\"\r\n\"2023-11-16 18:17:05\",\"10\",\"20\"\r\n"), 2.0);
}

TEST(Trace, SaysWhereItIsWrong) {
  const auto error_of = [](std::string_view text) { return read_trace(text, "t").error().message; };
  EXPECT_EQ(error_of(" \n"), "t: an empty trace");
  EXPECT_THAT(error_of("a,b,c\n1,2,3\n"), HasSubstr("t:1: found neither JSON lines"));
  EXPECT_EQ(error_of("{\"timestamp\": 1, \"input_length\": 2, \"output_length\": 3}\n{\"timestamp\": 1, \"input_length\": -2, \"output_length\": 3}\n"), "t:2: found no input length");
  EXPECT_EQ(error_of("TIMESTAMP,ContextTokens,GeneratedTokens\nyesterday,1,2\n"), "t:2: found no time");
  EXPECT_EQ(error_of("TIMESTAMP,ContextTokens,GeneratedTokens\n1,2\n"), "t:2: found 2 fields");
}

}  // namespace
}  // namespace qc
