// Requests as clients send them, answers as servers do, written down by hand.
#include "measure/metronome/answer_text.h"

#include <gmock/gmock.h>

namespace qc {
namespace {
using testing::EndsWith;
using testing::HasSubstr;

const std::string kHead = "POST /v1/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Request-Id: aB-7\r\nContent-Length: 21\r\n\r\n";
const std::string kBody = "{\"max_tokens\": 5,\"a\"}";

TEST(FirstRequest, IsReadOnceItIsWhole) {
  const std::string all = kHead + kBody;
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_FALSE(first_request(all.substr(0, i))) << i;
  const auto r = first_request(all + "GET /next");
  ASSERT_TRUE(r);
  EXPECT_TRUE(r->post);
  EXPECT_EQ(r->id, "aB-7");
  EXPECT_EQ(r->tokens, 5);
  EXPECT_EQ(r->bytes, all.size());
}

TEST(FirstRequest, FieldNamesMayHaveAnyCase) {
  const auto r = first_request("POST / HTTP/1.1\r\nx-request-id:Q\r\ncontent-length:15\r\n\r\n{\"max_tokens\":70}{");
  ASSERT_TRUE(r);
  EXPECT_EQ(r->id, "Q");
  EXPECT_EQ(r->tokens, 7) << "the body ends after 15 bytes, within the number";
}

TEST(FirstRequest, WithoutIdTokensOrBody) {
  const auto r = first_request("GET /health HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(r);
  EXPECT_FALSE(r->post);
  EXPECT_EQ(r->id, "");
  EXPECT_EQ(r->tokens, 16);
  EXPECT_FALSE(first_request("POST /tokenize HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}")->post) << "nobody there counts words";
  EXPECT_EQ(first_request("POST / HTTP/1.1\r\nContent-Length: 16\r\n\r\n{\"max_tokens\":0}")->tokens, 1);
}

TEST(Answer, EachEventIsOneChunkOfItsOwnLength) {
  const std::string_view text = token_chunk();
  const auto end = text.find("\r\n");
  EXPECT_EQ(std::stoul(std::string(text.substr(0, end)), nullptr, 16), text.size() - end - 4);
  EXPECT_THAT(std::string(text), EndsWith("\n\n\r\n"));
}

TEST(Answer, EndsWithUsageDoneAndTheLastChunk) {
  const std::string last = last_chunks(32);
  EXPECT_THAT(last, HasSubstr("\"finish_reason\":\"length\""));
  EXPECT_THAT(last, HasSubstr("\"completion_tokens\":32"));
  EXPECT_THAT(last, EndsWith("e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n"));
}

}  // namespace
}  // namespace qc
