// What is seen of a body before it is read.
#include "measure/client/capture.h"

#include <gtest/gtest.h>

namespace qc {
namespace {

const std::string kToken = "data: {\"choices\":[{\"text\":\"a\",\"finish_reason\":null}]}\n\n";
const std::string kDoneOfCapture = "data: [DONE]\n\n";

struct CaptureOf {
  explicit CaptureOf(int max_tokens = 8) : capture(max_tokens, true, false) {}
  Capture capture;
  bool put(const std::string& bytes) {
    capture.buffer() += bytes;
    return capture.arrived(bytes.size(), {{5}, Stamp::kernel, Nanos(1)});
  }
};

TEST(Capture, DoneIsSeenBeforeItsEventsAreRead) {
  CaptureOf of;
  of.put(kToken);   // the first of a kind is read at once
  of.put(kToken);
  EXPECT_EQ(of.capture.events(), 1u);
  EXPECT_TRUE(of.put(kToken + kDoneOfCapture));
  EXPECT_TRUE(of.capture.done());
  EXPECT_EQ(of.capture.events(), 1u) << "the next request is due: nothing is read now";
  of.capture.read_on();
  EXPECT_EQ(of.capture.events(), 4u);
  EXPECT_TRUE(of.capture.reader().warnings().empty() || of.capture.reader().warnings().front().find("[DONE]") == std::string::npos);
}

std::string tokens(int n) {
  std::string out;
  for (int i = 0; i < n; ++i) out += kToken;
  return out;
}

TEST(Capture, UsualEventsAreReadWhenSomeoneHasTheTime) {
  CaptureOf of(10'000);
  of.put(kToken);
  EXPECT_TRUE(of.put(tokens(100)));
  EXPECT_FALSE(of.capture.wants_reading());
  EXPECT_TRUE(of.put(tokens(100)));   // 10 KiB by now
  EXPECT_TRUE(of.capture.wants_reading());
  EXPECT_EQ(of.capture.events(), 1u);
  of.capture.read_on();
  EXPECT_EQ(of.capture.events(), 201u);
  EXPECT_FALSE(of.capture.wants_reading());
  EXPECT_TRUE(of.put(tokens(200) + "data: {\"error\":{\"message\":\"full\"}}\n\n" + kToken));
  EXPECT_TRUE(of.capture.goes_on());
  of.capture.read_on();
  EXPECT_FALSE(of.capture.goes_on());
}

TEST(Capture, WhatNobodyHasTheTimeForIsBounded) {
  CaptureOf of(10'000);
  of.put(kToken);
  for (int i = 0; i < 20; ++i) of.put(tokens(100));
  EXPECT_GT(of.capture.events(), 1000u);
  EXPECT_LT(of.capture.buffer().size(), std::size_t{64} << 10);
}

TEST(Capture, DoneOnALineOfAnotherEventIsNoEnd) {
  CaptureOf split, whole;
  split.put("data: {\n");
  split.put(kDoneOfCapture);
  EXPECT_FALSE(split.capture.done());
  whole.put("data: {\n" + kDoneOfCapture);
  EXPECT_FALSE(whole.capture.done());
}

TEST(Capture, AnErrorBesideDoneIsReadLaterAndTold) {
  CaptureOf of;
  of.put(kToken);
  of.put("data: {\"error\":{\"message\":\"full\"}}\n\n" + kDoneOfCapture);
  EXPECT_TRUE(of.capture.done());
  of.capture.read_on();
  RequestRecord record;
  of.capture.reader().finish(record, true);
  EXPECT_EQ(record.failure, Failure::error_event);
}

}  // namespace
}  // namespace qc
