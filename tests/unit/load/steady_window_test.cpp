// Closed loops drawn by hand; times in ms.
#include <gtest/gtest.h>

#include "measure/load/visit.h"

namespace qc {
namespace {

RequestRecord request(std::int64_t intended_ms, std::int64_t sent_ms, std::int64_t done_ms, bool warmup = false) {
  RequestRecord r;
  r.intended = {intended_ms * 1'000'000};
  r.sent = {sent_ms * 1'000'000};
  r.done = Instant{done_ms * 1'000'000};
  r.warmup = warmup;
  return r;
}

using Window = std::pair<std::int64_t, std::int64_t>;
Window window(const std::vector<RequestRecord>& requests, int slots) {
  const auto [start, end] = steady_window(requests, slots);
  return {start.ns / 1'000'000, end.ns / 1'000'000};
}

// Two slots, five requests: A 100..150, 150..210, 210..260 and B 101..170, 170..230. B looks for work at 230 and finds none.
TEST(SteadyWindow, FromAllSlotsBusyUntilTheFirstFindsNoMoreWork) {
  const std::vector<RequestRecord> requests = {request(100, 100, 150), request(100, 101, 170), request(150, 150, 210), request(170, 170, 230), request(210, 210, 260)};
  EXPECT_EQ(window(requests, 2), Window(101, 230));
  const std::vector<RequestRecord> shuffled = {requests[3], requests[0], requests[4], requests[2], requests[1]};
  EXPECT_EQ(window(shuffled, 2), Window(101, 230));
}

TEST(SteadyWindow, WarmupIsOutside) {
  EXPECT_EQ(window({request(0, 0, 90, true), request(100, 100, 150), request(100, 102, 170), request(150, 150, 210), request(170, 170, 230)}, 2), Window(102, 210));
}

TEST(SteadyWindow, OneSlotIsSteadyUntilItsLastEnd) { EXPECT_EQ(window({request(10, 11, 20), request(20, 20, 35)}, 1), Window(11, 35)); }

TEST(SteadyWindow, FewerThanTwiceTheSlotsIsTheWholeTrial) {
  EXPECT_EQ(window({request(100, 101, 150), request(100, 102, 170), request(150, 150, 210)}, 2), Window(100, 210));
}

TEST(SteadyWindow, AFailedRequestStillEndsItsTurn) {
  auto failed = request(100, 101, 103);
  failed.failure = Failure::reset;
  EXPECT_EQ(window({request(100, 100, 150), failed, request(103, 103, 160), request(150, 150, 200)}, 2), Window(101, 160));
}

TEST(SteadyWindow, NoRequestNoWindow) { EXPECT_EQ(window({}, 4), Window(0, 0)); }

}  // namespace
}  // namespace qc
