// Expectations from the WHATWG HTML standard, section 9.2 "Server-sent events", worked by hand.
#include "measure/client/sse.h"

#include <gtest/gtest.h>

namespace qc {
namespace {

std::vector<std::string> datas(const std::vector<SseEvent>& events) {
  std::vector<std::string> out;
  for (const auto& e : events) out.push_back(e.data);
  return out;
}
using Datas = std::vector<std::string>;

std::vector<SseEvent> all_of(std::string_view bytes) { return SseParser().feed(bytes); }

TEST(Sse, AnEventEndsAtItsBlankLine) {
  SseParser parser;
  EXPECT_TRUE(parser.feed("data: {\"a\":1}\n").empty());
  EXPECT_TRUE(parser.mid_event());
  const auto events = parser.feed("\ndata: [DONE]\n\n");
  EXPECT_EQ(datas(events), (Datas{"{\"a\":1}", "[DONE]"}));
  EXPECT_EQ(events[0].end_offset, 15u);   // 13 + 1 bytes of data line, 1 of the blank line
  EXPECT_EQ(events[1].end_offset, 29u);   // and 12 + 1 + 1
  EXPECT_FALSE(parser.mid_event());
}

TEST(Sse, AllThreeLineEnds) {
  EXPECT_EQ(datas(all_of("data: a\n\ndata: b\r\n\r\ndata: c\r\rdata: d\r\n\n")), (Datas{"a", "b", "c", "d"}));
}

TEST(Sse, TheCrOfABlankLineCompletesTheEvent) {
  SseParser parser;
  EXPECT_EQ(datas(parser.feed("data: a\r\n\r")), Datas{"a"});
  EXPECT_EQ(datas(parser.feed("\ndata: b\n\n")), Datas{"b"});
}

TEST(Sse, LinesOfDataAreJoined) { EXPECT_EQ(datas(all_of("data: YHOO\ndata: +2\ndata\ndata: 10\n\n")), Datas{"YHOO\n+2\n\n10"}); }

TEST(Sse, ACrLfIsOneLineEnd) { EXPECT_EQ(datas(all_of("data: a\r\ndata: b\r\n\r\n")), Datas{"a\nb"}); }

TEST(Sse, OnlyOneSpaceAfterTheColonGoes) { EXPECT_EQ(datas(all_of("data:a\n\ndata:  b\n\n")), (Datas{"a", " b"})); }

TEST(Sse, CommentsOtherFieldsAndEventsWithoutDataAreDropped) {
  EXPECT_EQ(datas(all_of(": ping\n\nid: 7\nretry: 10\n\nevent: x\n\ndatax: no\n\ndata: yes\n: in between\n\n")), Datas{"yes"});
}

TEST(Sse, TypeBelongsToItsEventOnly) {
  const auto events = all_of("event: error\ndata: a\n\ndata: b\n\nevent: gone\n\ndata: c\n\n");
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0].type, "error");
  EXPECT_EQ(events[1].type, "");
  EXPECT_EQ(events[2].type, "");
}

TEST(Sse, DataThatIsEmptyIsStillAnEvent) { EXPECT_EQ(datas(all_of("data\n\ndata:\n\n")), (Datas{"", ""})); }

TEST(Sse, ByteOrderMarkOnlyAtTheStart) {
  EXPECT_EQ(datas(all_of("\xEF\xBB\xBF" "data: a\n\n\xEF\xBB\xBF" "data: b\n\n")), Datas{"a"});
}

TEST(Sse, ALineWithoutEndBreaks) {
  SseParser parser(10);
  EXPECT_EQ(datas(parser.feed("data: abcd\n\n")), Datas{"abcd"});   // 10 bytes are allowed
  EXPECT_FALSE(parser.broken());
  EXPECT_TRUE(parser.feed("data: abcde").empty());
  EXPECT_TRUE(parser.broken());
  EXPECT_TRUE(parser.feed("\n\ndata: x\n\n").empty());
}

TEST(Sse, DataWithoutEndBreaks) {
  SseParser parser(10);
  parser.feed("data: abcd\ndata: abcd\ndata: abcd\n");
  EXPECT_TRUE(parser.broken());
}

}  // namespace
}  // namespace qc
