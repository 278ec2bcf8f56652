// The same events and the same record for any split of the bytes; what they must be is written by hand.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <numeric>

#include "measure/client/reply.h"
#include "measure/client/sse.h"
#include "support/fixture.h"

namespace qc {
namespace {

struct Case {
  std::string bytes;
  std::vector<std::string> datas;
};

/// Pieces that may stand one after another in any order, each with the events that it completes. None begins with LF: after a
/// piece that ends with CR that would be one line end and not two.
const std::vector<Case> kPieces = {
    {"data: plain\n\n", {"plain"}},
    {"data: crlf\r\n\r\n", {"crlf"}},
    {"data: cr\r\r", {"cr"}},
    {"data: mixed\r\n\n", {"mixed"}},
    {"data: {\"a\":\"\\n\"}\n\ndata: [DONE]\n\n", {"{\"a\":\"\\n\"}", "[DONE]"}},
    {"data: one\ndata: two\r\ndata:\rdata:three\n\n", {"one\ntwo\n\nthree"}},
    {": comment\n\n", {}},
    {":\n", {}},
    {"\r\n", {}},
    {"id: 3\nevent: message\ndata:  two spaces \n\n", {" two spaces "}},
    {"event: nothing\n\n", {}},
    {"data\n\n", {""}},
    {"data: caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80\n\n", {"caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80"}},
    {"nonsense\nretry: x\ndata: after nonsense\n\n", {"after nonsense"}},
};

std::vector<std::string> parsed(const std::string& bytes, const std::vector<std::size_t>& cuts) {
  SseParser parser;
  std::vector<std::string> out;
  std::size_t from = 0;
  const auto feed = [&](std::size_t to) {
    for (auto& e : parser.feed(std::string_view(bytes).substr(from, to - from))) out.push_back(e.data);
    from = to;
  };
  for (const std::size_t cut : cuts) feed(cut);
  feed(bytes.size());
  return out;
}

std::vector<std::size_t> any_cuts(std::size_t size) {
  auto cuts = *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, size + 1));
  std::ranges::sort(cuts);
  return cuts;
}

void check(const std::function<void()>& property) { EXPECT_TRUE(rc::check(property)); }

TEST(SseProperty, SameEventsForAnySplit) {
  check([] {
    const auto order = *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, kPieces.size()));
    std::string bytes = *rc::gen::element(std::string(), std::string("\xEF\xBB\xBF"));
    std::vector<std::string> expected;
    for (const std::size_t i : order) {
      bytes += kPieces[i].bytes;
      expected.insert(expected.end(), kPieces[i].datas.begin(), kPieces[i].datas.end());
    }
    RC_ASSERT(parsed(bytes, any_cuts(bytes.size())) == expected);
  });
}

TEST(SseProperty, EverySingleByteSplit) {
  for (const Case& c : kPieces) {
    std::vector<std::size_t> all(c.bytes.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    EXPECT_EQ(parsed(c.bytes, all), c.datas) << c.bytes;
  }
}

TEST(SseProperty, EndOffsetsDoNotDependOnTheSplit) {
  check([] {
    const std::string bytes = "data: a\r\n\r\n: x\n\ndata: bb\n\ndata: c\r\r";
    const std::vector<std::uint64_t> expected = {10, 26, 35};   // counted by hand: the CR of the blank line completes the first and last
    SseParser parser;
    std::vector<std::uint64_t> offsets;
    std::size_t from = 0;
    auto cuts = any_cuts(bytes.size());
    cuts.push_back(bytes.size());
    for (const std::size_t cut : cuts) {
      for (const auto& e : parser.feed(std::string_view(bytes).substr(from, cut - from))) offsets.push_back(e.end_offset);
      from = cut;
    }
    RC_ASSERT(offsets == expected);
  });
}

TEST(ReplyProperty, SameRecordForAnySplitAndAnyChunking) {
  const std::string body = test::body_of(test::fixture("streams/llama_chat.http"));
  check([&] {
    const std::string bytes = test::chunked(body, *rc::gen::inRange<std::size_t>(1, 700));
    auto cuts = any_cuts(bytes.size());
    cuts.push_back(bytes.size());
    Reply reply(6, true, true);
    std::size_t from = 0;
    for (const std::size_t cut : cuts) {
      if (cut > from) reply.on_bytes(std::string_view(bytes).substr(from, cut - from), {{static_cast<std::int64_t>(cut)}, Stamp::kernel, Nanos(0)});
      from = cut;
    }
    RequestRecord r;
    RC_ASSERT(reply.reusable());
    reply.finish(r);
    RC_ASSERT(r.ok());
    RC_ASSERT(r.text == "Hello there, welcome to my");
    RC_ASSERT(r.events.size() == 6u);
    RC_ASSERT(r.output_tokens == 6);
    RC_ASSERT(r.prompt_tokens == 32);
  });
}

/// ttft + tpot x (n - 1) = e2e to the nanosecond, with tpot as METRICS.md defines it.
TEST(TimeProperty, TheIdentityHoldsOnEveryRequestWithOneTokenAChunk) {
  check([] {
    const auto gaps = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(0, 1'000'000'000)));
    const int n = static_cast<int>(gaps.size());
    Reply reply(n, true, false);
    Instant at{1'000'000'007};
    const Instant sent = at;
    reply.on_bytes("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n", {at, Stamp::kernel, Nanos(0)});
    for (const std::int64_t gap : gaps) {
      at = at + Nanos(gap);
      reply.on_bytes("data: {\"choices\":[{\"text\":\"x\",\"finish_reason\":\"length\"}]}\n\n", {at, Stamp::kernel, Nanos(0)});
    }
    reply.on_bytes("data: [DONE]\n\n", {at + Nanos(5), Stamp::kernel, Nanos(0)});
    RequestRecord r;
    r.sent = sent;
    reply.finish(r);
    RC_ASSERT(r.ok());
    RC_ASSERT(*r.first - r.sent == Nanos(gaps.front()));
    RC_ASSERT(*r.last - r.sent == Nanos(std::accumulate(gaps.begin(), gaps.end(), std::int64_t{0})));
    RC_PRE(n > 1);
    const long double tpot = static_cast<long double>((*r.last - *r.first).count()) / (*r.output_tokens - 1);
    const long double sum = static_cast<long double>((*r.first - r.sent).count()) + tpot * (n - 1);
    RC_ASSERT(std::abs(sum - static_cast<long double>((*r.last - r.sent).count())) < 0.5L);
  });
}

}  // namespace
}  // namespace qc
