#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "judge/sequence/sequence.h"
#include "support/tiny_study.h"

namespace qc {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const PointName kChat1{"chat", 1}, kChat8{"chat", 8}, kChat16{"chat", 16};

Study sequential(int blocks) {
  Study s = test::study();
  s.sequential = true, s.blocks = blocks;
  return s;
}

Study budget() {
  Study s = test::study();
  s.time_budget_minutes = 30;
  return s;
}

TEST(NextBlocks, of_a_sequential_study_go_to_all_points_that_are_not_settled) {
  const std::vector<PointState> states = {{kChat1, 2, true, 0.01, 10}, {kChat8, 2, false, 0.01, 10}, {kChat16, 2, false, {}, 10}};
  const NextBlocks next = next_blocks(states, sequential(8), {});
  EXPECT_THAT(next.points, ElementsAre(kChat8, kChat16));
  EXPECT_THAT(next.settled, ElementsAre(kChat1));
}

TEST(NextBlocks, end_with_the_studys_blocks) {
  EXPECT_THAT(next_blocks({{kChat1, 8, false, 0.01, 10}}, sequential(8), {}).points, IsEmpty());
  EXPECT_THAT(next_blocks({{kChat1, 16, false, 0.01, 10}}, budget(), TimeLeft{1e6, 0}).points, IsEmpty());
}

TEST(NextBlocks, of_a_budget_go_first_to_the_widest_intervals) {
  // Time for one pair of blocks of 10 s.
  const std::vector<PointState> states = {{kChat1, 4, false, 0.01, 10}, {kChat8, 4, false, 0.10, 10}, {kChat16, 4, false, 0.02, 10}};
  EXPECT_THAT(next_blocks(states, budget(), TimeLeft{25, 0}).points, ElementsAre(kChat8));
}

TEST(NextBlocks, of_a_budget_count_what_a_second_buys) {
  const std::vector<PointState> states = {{kChat1, 4, false, 0.05, 10}, {kChat8, 4, false, 0.06, 30}};
  EXPECT_THAT(next_blocks(states, budget(), TimeLeft{70, 0}).points, ElementsAre(kChat1));
}

TEST(NextBlocks, of_a_budget_end_where_none_fits) {
  const std::vector<PointState> states = {{kChat1, 2, false, 0.05, 10}, {kChat8, 2, false, 0.05, 12}};
  EXPECT_THAT(next_blocks(states, budget(), TimeLeft{19, 0}).points, IsEmpty());
  EXPECT_THAT(next_blocks(states, budget(), TimeLeft{23, 0}).points, ElementsAre(kChat1));   // the dearer one does not fit
  EXPECT_THAT(next_blocks(states, budget(), TimeLeft{-5, 0}).points, IsEmpty());
}

TEST(NextBlocks, pay_for_the_servers_turns_once_a_pair) {
  // 2 x (10 + 30) s for the first point, 2 x 10 s for the second one in the same pair.
  const std::vector<PointState> states = {{kChat1, 2, false, 0.05, 10}, {kChat8, 2, false, 0.05, 10}};
  EXPECT_THAT(next_blocks(states, budget(), TimeLeft{79, 30}).points, IsEmpty());
  EXPECT_THAT(next_blocks(states, budget(), TimeLeft{99, 30}).points, ElementsAre(kChat1));
  EXPECT_THAT(next_blocks(states, budget(), TimeLeft{101, 30}).points, ElementsAre(kChat1, kChat8));
}

TEST(NextBlocks, two_blocks_that_agree_by_luck_do_not_end_a_point) {
  // Time for two pairs of each: at its own word chat at 1 would get nothing.
  const std::vector<PointState> states = {{kChat1, 2, false, 0.0001, 10}, {kChat8, 2, false, 0.05, 10}, {kChat16, 2, false, 0.05, 10}};
  EXPECT_THAT(next_blocks(states, budget(), TimeLeft{125, 0}).points, ElementsAre(kChat1, kChat8, kChat16));
}

TEST(NextBlocks, of_a_sequential_budget_leave_out_what_is_settled) {
  Study s = budget();
  s.sequential = true;
  const std::vector<PointState> states = {{kChat1, 2, true, 0.10, 10}, {kChat8, 2, false, 0.01, 10}};
  EXPECT_THAT(next_blocks(states, s, TimeLeft{1e6, 0}).points, ElementsAre(kChat8));
}

TEST(StatesOf, a_point_is_settled_when_every_delta_is) {
  // Throughput, median and mean TTFT of one request a block have intervals of hardly any width; a p95 has none, and more blocks bring it none.
  EXPECT_TRUE(states_of(test::two_blocks({1100, 1100.1}, {1000, 1000}))[0].settled);
  EXPECT_TRUE(states_of(test::two_blocks({1100, 1100}, {1100.1, 1100.1}))[0].settled);    // surely below 1 %
  EXPECT_FALSE(states_of(test::two_blocks({1210, 1210}, {1100, 1000}))[0].settled);       // -60 to +250 %
}

TEST(StatesOf, one_block_settles_nothing) { EXPECT_FALSE(states_of(test::two_blocks({1100}, {1000}))[0].settled); }

TEST(StatesOf, knows_blocks_spread_and_seconds) {
  // Log ratios ln 1.1 and 2 ln 1.1, so a standard deviation of ln 1.1 / sqrt(2), for throughput, median and TTFT alike.
  const PointState s = states_of(test::two_blocks({1210, 1210}, {1100, 1000}))[0];
  EXPECT_EQ(s.point, kChat1);
  EXPECT_EQ(s.blocks, 2);
  EXPECT_NEAR(*s.spread, std::log(1.1) / std::sqrt(2), 1e-6);
  EXPECT_NEAR(s.block_s, (1.21 + 1.21 + 1.1 + 1.0) / 2, 1e-9);
}

}  // namespace
}  // namespace qc
