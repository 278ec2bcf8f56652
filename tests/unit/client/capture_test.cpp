// What is seen of a body before it is read.
#include "measure/client/capture.h"

#include <gtest/gtest.h>

namespace qc {
namespace {

const std::string kToken = "data: {\"choices\":[{\"text\":\"a\",\"finish_reason\":null}]}\n\n";
const std::string kDoneOfCapture = "data: [DONE]\n\n";

struct CaptureOf {
  Capture capture{8, true, false};
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
