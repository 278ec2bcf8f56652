// HTTP bytes to a record, without sockets.
#include "measure/client/reply.h"

#include <gtest/gtest.h>

#include "support/fixture.h"

namespace qc {
namespace {

const std::string kHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n";
const std::string kEvents =
    "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n"
    "data: {\"choices\":[{\"delta\":{\"content\":\"b\"},\"finish_reason\":\"length\"}],\"usage\":{\"completion_tokens\":2}}\n\n";
const std::string kDoneOfReply = "data: [DONE]\n\n";

struct Told {
  RequestRecord record;
  bool reusable, wanted_more;
};

Told tell(const std::string& bytes, bool end_of_file = false) {
  Reply reply(2, true, false);
  const bool more = reply.on_bytes(bytes, {{5}, Stamp::kernel, Nanos(1)});
  if (end_of_file) reply.on_end_of_file();
  Told out{{}, reply.reusable(), more};
  reply.finish(out.record);
  return out;
}

TEST(Reply, ChunkedAnswerEndsAndLeavesTheConnectionFit) {
  const auto told = tell(test::chunked(kEvents + kDoneOfReply, 7));
  EXPECT_EQ(told.record.failure, std::nullopt);
  EXPECT_TRUE(told.reusable);
  EXPECT_FALSE(told.wanted_more);
  EXPECT_EQ(told.record.events.size(), 2u);
}

TEST(Reply, AfterDoneTheEndOfTheBodyIsStillWanted) {
  const std::string whole = test::chunked(kEvents + kDoneOfReply, 1000);
  EXPECT_TRUE(tell(whole.substr(0, whole.size() - 5)).wanted_more);
}

TEST(Reply, AnEmptyChunkedBodyThatComesByteByByteEnds) {
  Reply reply(2, true, false);
  bool more = true;
  for (const char byte : kHead + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n") {
    EXPECT_TRUE(more);
    more = reply.on_bytes(std::string_view(&byte, 1), {});
  }
  EXPECT_FALSE(more);
  EXPECT_TRUE(reply.reusable());
}

TEST(Reply, AnInterimAnswerIsPassedOver) { EXPECT_EQ(tell("HTTP/1.1 100 Continue\r\n\r\n" + test::chunked(kEvents + kDoneOfReply, 50)).record.failure, std::nullopt); }

TEST(Reply, ABodyUntilTheEndOfFile) {
  const auto told = tell(kHead + "\r\n" + kEvents + kDoneOfReply, true);
  EXPECT_EQ(told.record.failure, std::nullopt);
  EXPECT_FALSE(told.reusable);
}

TEST(Reply, ConnectionCloseIsNotReused) { EXPECT_FALSE(tell(kHead + "Connection: close\r\nContent-Length: 0\r\n\r\n").reusable); }

TEST(Reply, BytesAfterTheAnswerSpoilTheConnection) { EXPECT_FALSE(tell(test::chunked(kEvents + kDoneOfReply, 50) + "HTTP/1.1 200 OK\r\n").reusable); }

TEST(Reply, ACutChunkedBodyIsABadStream) {
  const std::string whole = test::chunked(kEvents, 50);
  EXPECT_EQ(tell(whole.substr(0, whole.size() - 9), true).record.failure, Failure::bad_stream);
}

TEST(Reply, AShortBodyIsABadStreamUnlessDoneWasSaid) {
  EXPECT_EQ(tell(kHead + "Content-Length: 999\r\n\r\n" + kEvents, true).record.failure, Failure::bad_stream);
  EXPECT_EQ(tell(kHead + "Content-Length: 999\r\n\r\n" + kEvents + kDoneOfReply, true).record.failure, std::nullopt);
}

TEST(Reply, AnUnfinishedLastEventIsABadStreamUnlessItIsDone) {
  EXPECT_EQ(tell(test::chunked(kEvents + "data: {\"cho", 50)).record.failure, Failure::bad_stream);
  EXPECT_EQ(tell(test::chunked(kEvents + "data: [DONE]", 50)).record.failure, std::nullopt);
}

TEST(Reply, NoEventStreamAtAll) {
  const auto told = tell("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n{\"choices\":[]}");
  EXPECT_EQ(told.record.failure, Failure::bad_stream);
}

TEST(Reply, RecordedErrors) {
  const auto llama = tell(test::fixture("streams/llama_too_long.http"));
  EXPECT_EQ(llama.record.failure, Failure::too_long);
  EXPECT_TRUE(llama.record.failure_detail.starts_with("HTTP 400: request (6031 tokens) exceeds"));
  EXPECT_EQ(tell(test::fixture("streams/vllm_too_long.http")).record.failure, Failure::too_long);
}

TEST(Reply, ACompressedStreamIsRefusedByName) {
  const auto told = tell(kHead + "Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n\x1f\x8b\x08\x08\r\n");
  EXPECT_EQ(told.record.failure, Failure::bad_stream);
  EXPECT_NE(told.record.failure_detail.find("compressed (Content-Encoding: gzip), though plain text was asked for"), std::string::npos) << told.record.failure_detail;
  EXPECT_FALSE(told.wanted_more);
  EXPECT_FALSE(told.reusable);
  EXPECT_EQ(tell(kHead + "Content-Encoding: identity\r\n\r\n" + kEvents + kDoneOfReply, true).record.failure, std::nullopt);
}

TEST(Reply, TrailersEndAnAnswer) {
  std::string whole = test::chunked(kEvents + kDoneOfReply, 1000);
  whole.insert(whole.size() - 2, "X-Took: 5\r\n");
  const auto told = tell(whole);
  EXPECT_EQ(told.record.failure, std::nullopt);
  EXPECT_TRUE(told.reusable);
}

TEST(Reply, NoHttp) { EXPECT_EQ(tell("SSH-2.0-OpenSSH\r\n\r\n").record.failure, Failure::bad_stream); }

TEST(Reply, ARunawayIsNoticedOnTheWay) {
  Reply reply(2, true, false);
  reply.on_bytes(kHead + "\r\n", {});
  int events = 0;
  while (reply.on_bytes("data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n", {}) && events < 1000) ++events;
  EXPECT_LT(events, 12);
  RequestRecord record;
  reply.finish(record);
  EXPECT_EQ(record.failure, Failure::runaway);
}

TEST(Reply, AnErrorEventIsNoticedOnTheWay) {
  Reply reply(100, true, false);
  EXPECT_TRUE(reply.on_bytes(kHead + "\r\n" + kEvents, {}));
  EXPECT_TRUE(reply.on_bytes("data: {\"choices\":[{\"delta\":{\"content\":\"\\\"error\\\"\"}}]}\n\n", {}));   // text that only speaks of one
  EXPECT_FALSE(reply.on_bytes("data: {\"error\":{\"message\":\"x\"}}\n\n", {}));
}

}  // namespace
}  // namespace qc
