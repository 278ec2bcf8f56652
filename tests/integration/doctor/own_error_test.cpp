// The real client against the metronome, in this process: short stages.
#include "doctor/own_error.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace qc {
namespace {
using namespace std::chrono_literals;

StagePlan plan(int streams, Rhythm rhythm) { return {.aim = StageAim::error, .streams = streams, .turns = 6, .tokens = 6, .server = {.port = 0, .first = 10ms, .gap = 2ms, .rhythm = rhythm, .tokens_per_event = 1}}; }

TEST(OwnError, EveryTokenOfEveryStageHasItsTruth) {
  const StopFlag stop;
  std::vector<std::size_t> kept;
  double last = 0;
  const OwnErrorWatch watch{[&](double part, const StagePlan&) {
                              EXPECT_GE(part, last);
                              EXPECT_LE(part, 1);
                              last = part;
                            },
                            [&](std::size_t stage, const auto& records, const auto& truth) {
                              kept.push_back(stage);
                              EXPECT_EQ(records.size(), truth.size()) << "warm-up is known to both";
                            }};
  const auto error = measure_own_error({plan(3, Rhythm::lock_step), plan(2, Rhythm::jittered)}, stop, watch);
  ASSERT_TRUE(error) << error.error().message;
  EXPECT_FALSE(error->cut_short);
  ASSERT_EQ(error->stages.size(), 2u);
  EXPECT_EQ(kept, (std::vector<std::size_t>{0, 1}));
  const ErrorStage& s = error->stages[0];
  EXPECT_EQ(s.requests, 18u);
  EXPECT_EQ(s.failed, 0u);
  EXPECT_EQ(s.unmatched, 0u);
  EXPECT_EQ(s.tokens, 108u);
  EXPECT_EQ(s.event_us.n, 108u);
  EXPECT_EQ(s.first_us.n, 18u);
  EXPECT_EQ(s.kernel_stamps + s.user_stamps, 108u);
  EXPECT_EQ(error->stages[1].tokens, 72u);
  EXPECT_TRUE(s.read_lag_p99_us && s.send_lateness_p99_us && s.cpu_us_per_token && s.tokens_per_s);
  EXPECT_GT(error->peak_rss_mib, 1);
  EXPECT_NE(error->scheduling, "");
}

TEST(OwnError, TheServersWorkIsNotOurs) {
  rusage before{}, after{};
  getrusage(RUSAGE_CHILDREN, &before);
  const auto error = measure_own_error({plan(16, Rhythm::jittered)}, StopFlag(), {});
  ASSERT_TRUE(error);
  getrusage(RUSAGE_CHILDREN, &after);
  const auto used = [](const rusage& r) { return static_cast<double>(r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1e6 + static_cast<double>(r.ru_utime.tv_usec + r.ru_stime.tv_usec); };
  EXPECT_GT(used(after), used(before)) << "a child did it, and it was waited for";
}

TEST(OwnError, StoppedByTheUserItSaysSo) {
  StopFlag stop;
  stop.ask();
  const auto error = measure_own_error({plan(1, Rhythm::lock_step)}, stop, {});
  ASSERT_TRUE(error);
  EXPECT_TRUE(error->cut_short);
  EXPECT_TRUE(error->stages.empty());
}

}  // namespace
}  // namespace qc
