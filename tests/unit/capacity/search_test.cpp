// The search on servers whose limit is known, in no time at all.
#include "judge/capacity/search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

namespace qc {
namespace {
using testing::ElementsAre;

/// Carries a search out on `room(load)`: met from `sure` on, missed from 1 / sure on, undecided between. The loads that were asked for.
std::vector<double> carry_out(CapacitySearch& search, const std::function<double(double)>& room, double sure = 1) {
  std::vector<double> loads;
  while (const auto load = search.next()) {
    loads.push_back(*load);
    const double r = room(*load);
    search.add({*load, r >= sure ? Standing::met : r < 1 / sure ? Standing::missed : Standing::undecided, r});
  }
  return loads;
}

// M/M/1: e2e is exponential with rate mu - lambda, so its p95 is ln 20 / (mu - lambda), and a limit of 1 s is met up to mu - ln 20.
double mm1_room(double lambda) { return lambda >= 10 ? 0 : (10 - lambda) / std::log(20); }
const double kMm1Limit = 10 - std::log(20);   // 7.0043

TEST(CapacitySearch, FindsTheRateOfAQueue) {
  CapacitySearch search({0.5, 50, false, 0.05});
  const auto loads = carry_out(search, mm1_room);
  EXPECT_THAT(std::vector<double>(loads.begin(), loads.begin() + 6), ElementsAre(0.5, 1, 2, 4, 8, 6));
  const CapacityAnswer a = search.answer();
  EXPECT_EQ(a.end, SearchEnd::found);
  EXPECT_LE(*a.meets, kMm1Limit);
  EXPECT_GT(*a.misses, kMm1Limit);
  EXPECT_LE(*a.misses - *a.meets, 0.05 * *a.misses);
  EXPECT_NEAR(*a.best, kMm1Limit, 1e-9);   // room is a straight line there
  EXPECT_LE(loads.size(), 9u);
}

TEST(CapacitySearch, FindsAWholeConcurrencyExactly) {
  CapacitySearch search({1, 256, true, 0.01});
  const auto loads = carry_out(search, [](double n) { return 2350 / (100 * n); });
  EXPECT_THAT(loads, ElementsAre(1, 2, 4, 8, 16, 32, 24, 20, 22, 23));
  const CapacityAnswer a = search.answer();
  EXPECT_EQ(a.end, SearchEnd::found);
  EXPECT_EQ(a.meets, 23);
  EXPECT_EQ(a.misses, 24);
  EXPECT_EQ(a.best, 23);
}

TEST(CapacitySearch, SaysWhenEvenTheLowestMisses) {
  CapacitySearch search({4, 64, true, 0.05});
  EXPECT_THAT(carry_out(search, [](double) { return 0.5; }), ElementsAre(4));
  const CapacityAnswer a = search.answer();
  EXPECT_EQ(a.end, SearchEnd::lowest_misses);
  EXPECT_EQ(a.misses, 4);
  EXPECT_FALSE(a.meets);
  EXPECT_FALSE(a.best);
}

TEST(CapacitySearch, SaysWhenTheHighestStillMeets) {
  CapacitySearch search({1, 12, true, 0.05});
  EXPECT_THAT(carry_out(search, [](double) { return 3; }), ElementsAre(1, 2, 4, 8, 12));
  const CapacityAnswer a = search.answer();
  EXPECT_EQ(a.end, SearchEnd::highest_meets);
  EXPECT_EQ(a.meets, 12);
  EXPECT_FALSE(a.misses);
}

// 23.5 is the limit; a sample decides from 15 % off on: up to 20 is met, from 28 on missed.
TEST(CapacitySearch, PassesByWhatStaysUndecided) {
  CapacitySearch search({1, 256, true, 0.01});
  carry_out(search, [](double n) { return 23.5 / n; }, 1.15);
  const CapacityAnswer a = search.answer();
  EXPECT_EQ(a.end, SearchEnd::undecided);
  EXPECT_EQ(a.meets, 20);
  EXPECT_EQ(a.misses, 28);
  EXPECT_EQ(a.best, 23);                   // the line between 20 or more and 28 or less
}

TEST(CapacitySearch, GoesOnUpwardsFromAnUndecidedLowest) {
  CapacitySearch search({1, 4, true, 0.05});
  for (const auto standing : {Standing::undecided, Standing::met, Standing::missed, Standing::undecided}) {
    const auto load = search.next();
    ASSERT_TRUE(load);
    search.add({*load, standing, 1});
  }
  EXPECT_FALSE(search.next());
  EXPECT_EQ(search.answer().meets, 2);
  EXPECT_EQ(search.answer().misses, 4);
}

TEST(CapacitySearch, EndsAfterSixteenLevels) {
  CapacitySearch search({1, 1e5, false, 1e-9});
  EXPECT_EQ(carry_out(search, [](double x) { return 3 / x; }).size(), 16u);
  EXPECT_EQ(search.answer().end, SearchEnd::most_levels);
  EXPECT_EQ(search.levels_left(), 0);
}

TEST(CapacitySearch, IsStillSearchingInBetween) {
  CapacitySearch search({1, 64, true, 0.05});
  EXPECT_EQ(search.answer().end, SearchEnd::searching);
  EXPECT_EQ(search.next(), 1);
  search.add({1, Standing::met, 8});
  EXPECT_EQ(search.answer().meets, 1);
  EXPECT_GT(search.levels_left(), 5);      // six doublings to go at most
  search.add({2, Standing::missed, 0.9});
  EXPECT_EQ(search.levels_left(), 0);
}

}  // namespace
}  // namespace qc
