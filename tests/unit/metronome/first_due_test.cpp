#include <gtest/gtest.h>

#include <set>

#include "measure/metronome/metronome.h"

namespace qc {
namespace {

MetronomeOptions options(Rhythm rhythm) { return {.port = 0, .first = Nanos(50), .gap = Nanos(10), .rhythm = rhythm, .tokens_per_event = 1}; }

TEST(FirstDue, InLockStepAllLieOnOneGrid) {
  EXPECT_EQ(first_due(options(Rhythm::lock_step), {1003}, 0).ns, 1050);
  EXPECT_EQ(first_due(options(Rhythm::lock_step), {1009}, 1).ns, 1050);
  EXPECT_EQ(first_due(options(Rhythm::lock_step), {1010}, 2).ns, 1060);
}

TEST(FirstDue, JitteredEachHasAPhaseWithinOneGap) {
  std::set<std::int64_t> phases;
  for (std::uint64_t i = 0; i < 100; ++i) {
    const auto late = first_due(options(Rhythm::jittered), {1003}, i).ns - 1053;
    EXPECT_GE(late, 0);
    EXPECT_LT(late, 10);
    phases.insert(late);
  }
  EXPECT_EQ(phases.size(), 10u) << "of a hundred requests every phase is someone's";
}

}  // namespace
}  // namespace qc
