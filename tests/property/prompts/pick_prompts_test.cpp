// What must hold of the order of prompts for any set, seed, block and count.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/random.h"
#include "measure/load/prompts.h"

namespace qc {
namespace {

PromptSet set_of(std::size_t size) {
  PromptSet set{"test", "", {}};
  for (std::size_t i = 0; i < size; ++i) set.prompts.push_back({std::to_string(i), "text", ""});
  return set;
}

TEST(PickPromptsProperty, IsTheSameEveryTime) {
  Random random(3);
  for (int i = 0; i < 300; ++i) {
    const PromptSet set = set_of(1 + random.below(200));
    const std::uint64_t seed = random.next();
    const int block = static_cast<int>(random.below(8)), count = static_cast<int>(random.below(300));
    ASSERT_EQ(pick_prompts(set, seed, "chat", block, count), pick_prompts(set, seed, "chat", block, count));
  }
}

TEST(PickPromptsProperty, RepeatsNothingInAVisitWhileTheSetLasts) {
  Random random(4);
  for (int i = 0; i < 300; ++i) {
    const std::size_t size = 1 + random.below(200);
    const int count = static_cast<int>(1 + random.below(size));
    const auto picked = pick_prompts(set_of(size), random.next(), "batch", static_cast<int>(random.below(8)), count);
    ASSERT_EQ(std::set<std::size_t>(picked.begin(), picked.end()).size(), static_cast<std::size_t>(count));
    ASSERT_LT(*std::ranges::max_element(picked), size);
  }
}

TEST(PickPromptsProperty, BlocksUseAllPromptsBeforeAnyComesAgain) {
  Random random(5);
  for (int i = 0; i < 100; ++i) {
    const int count = static_cast<int>(1 + random.below(20)), blocks = static_cast<int>(1 + random.below(8));
    const PromptSet set = set_of(static_cast<std::size_t>(count * blocks));
    const std::uint64_t seed = random.next();
    std::set<std::size_t> used;
    for (int block = 0; block < blocks; ++block)
      for (const std::size_t index : pick_prompts(set, seed, "chat", block, count)) used.insert(index);
    ASSERT_EQ(used.size(), set.prompts.size());
  }
}

TEST(PickPromptsProperty, EveryPlaceMayHoldEveryPrompt) {
  const PromptSet set = set_of(5);
  std::set<std::size_t> first, last;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto picked = pick_prompts(set, seed, "chat", 0, 5);
    first.insert(picked.front());
    last.insert(picked.back());
  }
  EXPECT_EQ(first.size(), 5u);
  EXPECT_EQ(last.size(), 5u);
}

}  // namespace
}  // namespace qc
