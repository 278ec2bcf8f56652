// How long the rest takes.
#include "run/eta.h"

#include <gtest/gtest.h>

namespace qc {
namespace {

/// Four blocks of two visits, one request of 100 tokens each; guessed at 10 tokens a second.
std::vector<PlannedTrial> four_blocks() {
  std::vector<PlannedTrial> trials;
  for (int block = 0; block < 4; ++block)
    for (const char* variant : {"bf16", "q4"}) {
      PlannedTrial t;
      t.variant = variant, t.workload = "chat", t.concurrency = 1, t.max_tokens = 100, t.requests = 1, t.block = block;
      trials.push_back(t);
    }
  return trials;
}

TEST(Eta, GoesByWhatWasMeasured) {
  const auto trials = four_blocks();
  Eta eta(trials, {});
  for (const auto& [i, took] : {std::pair<std::size_t, double>{0, 20}, {1, 10}}) eta.done(trials[i], took);
  EXPECT_DOUBLE_EQ(eta.remaining(2, 0), 3 * 30);
  EXPECT_DOUBLE_EQ(eta.remaining(2, 5), 95);
}

TEST(Eta, IsNoLongerThanAStudyMayTakeButForTheBlocksThatAreAlwaysRun) {
  const auto trials = four_blocks();
  Eta eta(trials, {});
  for (const auto& [i, took] : {std::pair<std::size_t, double>{0, 20}, {1, 10}}) eta.done(trials[i], took);
  EXPECT_DOUBLE_EQ(eta.remaining(2, 0, 100.0), 90);
  EXPECT_DOUBLE_EQ(eta.remaining(2, 0, 70.0), 70);
  EXPECT_DOUBLE_EQ(eta.remaining(2, 0, 10.0), 30);          // the second block is run in any case
}

}  // namespace
}  // namespace qc
