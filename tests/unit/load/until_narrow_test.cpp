// When a run has seen enough, on values made by hand.
#include "measure/load/until_narrow.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/random.h"

namespace qc {
namespace {

std::size_t length_of(UntilNarrow& until, double sd, std::uint64_t seed = 1) {
  Random random(seed);
  std::size_t n = 0;
  while (!until.add(n, 100 + sd * random.normal()) && n < 1'000'000) ++n;
  return n + 1;
}

// Looks at 300 and at half as many again each time; one that is narrow needs a second one: 450 at least.
TEST(UntilNarrow, NeedsTwoLooks) {
  UntilNarrow until(0.1, 0);
  EXPECT_EQ(length_of(until, 1), 450u);
  EXPECT_NEAR(until.interval()->mean, 100, 0.5);
}

// t(19) x 20 % / sqrt(n) <= 2 %: n of some 440; a tenth is left out, and another look comes after: 450 or 675, then the next.
TEST(UntilNarrow, TakesAsLongAsTheScatterAsks) {
  UntilNarrow until(0.02, 0);
  const std::size_t n = length_of(until, 20);
  EXPECT_GE(n, 675u);
  EXPECT_LE(n, 1518u);
  EXPECT_LE(until.interval()->half_width, 2.05);
}

// Nothing is looked at before the oldest open request is done, nor before every slot had its turn four times.
TEST(UntilNarrow, WaitsForTheOldestAndForEverySlot) {
  UntilNarrow until(0.1, 100);
  Random random(1);
  for (std::size_t i = 1; i < 1000; ++i) ASSERT_FALSE(until.add(i, 100 + random.normal()));
  EXPECT_FALSE(until.interval());
  EXPECT_TRUE(until.add(0, 100));
  UntilNarrow many(0.1, 100);
  EXPECT_EQ(length_of(many, 1), 600u);
}

TEST(UntilNarrow, FailedRequestsHaveNoTime) {
  UntilNarrow until(0.1, 0);
  for (std::size_t i = 0; i < 5000; ++i) ASSERT_FALSE(until.add(i, std::nullopt));
  EXPECT_FALSE(until.interval());
  RequestRecord r;
  r.request_id = 5000, r.sent = Instant{1'000'000}, r.last = Instant{3'000'000};
  EXPECT_FALSE(until.add(r));
}

// A series that only rises is one long correlation, however narrow the interval of its pieces (5 % at 450). One that hardly rises is as good as still.
TEST(UntilNarrow, NeverTrustsADrift) {
  UntilNarrow until(0.1, 0);
  std::size_t n = 0;
  while (n < 20'000 && !until.add(n, 1000 + static_cast<double>(n))) ++n;
  EXPECT_EQ(n, 20'000u);
  UntilNarrow still(0.1, 0);
  for (n = 0; n < 20'000 && !still.add(n, 1000 + 0.01 * static_cast<double>(n)); ++n) {}
  EXPECT_EQ(n, 449u);
  EXPECT_GT(still.interval()->half_width, 8 * 2.09 * 4.05 / std::sqrt(12 * 20) * 0.9);   // of a line over 405 values, and eight times that
}

}  // namespace
}  // namespace qc
