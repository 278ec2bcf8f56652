// How often the answer of a whole search holds the true limit between its ends: simulated servers whose limit has a closed form, requests that know of one another, fixed seeds.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "core/random.h"
#include "judge/capacity/capacity.h"

namespace qc {
namespace {

constexpr int kSearches = 100;            // the standard error of a coverage of 95 % is then 2.2 points
constexpr double kLimitMs = 1000, kZ95 = 1.6448536;

/// Latencies of one load, one after another, in ms.
using Server = std::function<std::function<double()>(double load, Random& random)>;

double exponential(Random& random, double mean) { return -mean * std::log1p(-random.uniform()); }

/// M/M/1, served in order, empty at the start: e2e is exponential with rate mu - lambda once it is in balance.
std::function<double()> queue(double lambda, Random& random) {
  return [lambda, &random, wait = 0.0]() mutable {
    wait = std::max(0.0, wait - exponential(random, 1 / lambda)) + exponential(random, 0.1);
    return 1000 * wait;
  };
}

/// A closed loop in lockstep: all of a wave take as long, 40 ms a slot, waves with a log sd of 10 % and requests with one of 2 %.
std::function<double()> waves(double slots, Random& random) {
  return [slots, &random, place = 0, wave = 0.0]() mutable {
    if (place++ % static_cast<int>(slots) == 0) wave = 40 * slots * std::exp(0.1 * random.normal());
    return wave * std::exp(0.02 * random.normal());
  };
}

/// A closed loop whose requests know nothing of one another.
std::function<double()> independent(double slots, Random& random) {
  return [slots, &random] { return 40 * slots * std::exp(0.2 * random.normal()); };
}

RequestRecord request(int id, double e2e_ms) {
  RequestRecord r;
  r.request_id = id;
  r.first = r.last = r.done = Instant{static_cast<std::int64_t>(e2e_ms * 1e6)};
  return r;
}

struct Tally { int held = 0, both_ends = 0, levels = 0; double requests = 0, width = 0; };

CapacityAnswer search_once(const SearchSpace& space, const Server& server, const std::string& limits, Random& random, Tally& tally) {
  CapacitySearch search(space);
  while (const auto load = search.next()) {
    LevelWatch watch(*parse_limits(limits), space.whole ? static_cast<std::size_t>(*load) : 0, kCapacityMiss / CapacitySearch::kMostLevels);
    const auto next = server(*load, random);
    int i = 0;
    while (!watch.add(request(i, next()))) ++i;
    search.add({*load, watch.standing().standing, watch.standing().room()});
    tally.requests += i, ++tally.levels;
  }
  return search.answer();
}

Tally tally(const std::string& name, const SearchSpace& space, const Server& server, double truth, const std::string& limits = "p95_e2e=1s") {
  Random random(derive_seed(19, name));
  Tally out;
  for (int i = 0; i < kSearches; ++i) {
    const CapacityAnswer a = search_once(space, server, limits, random, out);
    out.held += a.meets.value_or(0) <= truth && truth < a.misses.value_or(1e9);
    if (a.meets && a.misses) ++out.both_ends, out.width += (*a.misses - *a.meets) / truth;
  }
  std::printf("%s: held %.3f, both ends %.3f, width %.1f %%, %.1f levels and %.0f requests a search\n", name.c_str(), static_cast<double>(out.held) / kSearches, static_cast<double>(out.both_ends) / kSearches,
              100 * out.width / std::max(1, out.both_ends), static_cast<double>(out.levels) / kSearches, out.requests / kSearches);
  return out;
}

void expect_good(const Tally& t, double width) {
  EXPECT_GE(t.held, 0.95 * kSearches);
  EXPECT_GE(t.both_ends, 0.95 * kSearches);
  EXPECT_LE(t.width / t.both_ends, width);
}

// The limit on a rate of service of 10 a second: 10 - ln 20.
TEST(CapacityAnswer, HoldsTheLimitOfAQueue) {
  expect_good(tally("M/M/1", {1, 32, false, 0.05}, queue, 10 - std::log(20)), 0.45);
}

// "95 % of the requests are within 1 s" is the same limit in other words.
TEST(CapacityAnswer, HoldsTheLimitOfAQueuesGoodput) {
  expect_good(tally("M/M/1, goodput", {1, 32, false, 0.05}, queue, 10 - std::log(20), "e2e=1s,goodput=95%"), 0.45);
}

// Its p95 is 40 ms x slots x exp(1.645 x sd of both): the least concurrency that misses is the next whole one above the limit.
TEST(CapacityAnswer, HoldsTheLimitOfALoopInLockstep) {
  expect_good(tally("waves", {1, 128, true, 0.05}, waves, kLimitMs / (40 * std::exp(kZ95 * std::hypot(0.1, 0.02)))), 0.35);
}

TEST(CapacityAnswer, HoldsTheLimitOfIndependentRequests) {
  expect_good(tally("independent", {1, 128, true, 0.05}, independent, kLimitMs / (40 * std::exp(kZ95 * 0.2))), 0.25);
}

}  // namespace
}  // namespace qc
