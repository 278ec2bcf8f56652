#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "measure/client/http.h"
#include "measure/client/openai.h"
#include "measure/client/request_text.h"

namespace qc {
namespace {
using testing::HasSubstr;
using testing::Not;

TEST(RequestBody, ChatWithEveryFlag) {
  EXPECT_EQ(request_body({.model = "m", .prompt = "Say \"hi\"\n", .max_tokens = 6, .continuous_usage = true, .seed = 42}),
            R"({"model":"m","messages":[{"role":"user","content":"Say \"hi\"\n"}],"max_tokens":6,"temperature":0,"seed":42,"stream":true,)"
            R"("stream_options":{"include_usage":true,"continuous_usage_stats":true},"ignore_eos":true,"cache_prompt":false})");
}

TEST(RequestBody, AListOfMessagesIsSentAsItIs) {
  EXPECT_THAT(request_body({.model = "m", .prompt = "Be brief.\n\nHi", .messages = R"([{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"}])"}),
              HasSubstr(R"("messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"}],)"));
}

TEST(RequestBody, CompletionsWithoutFlags) {
  EXPECT_EQ(request_body({.endpoint = EndpointKind::completions, .model = "", .prompt = "x", .max_tokens = 1, .ignore_eos = false, .cache_prompt_off = false}),
            R"({"prompt":"x","max_tokens":1,"temperature":0,"seed":0,"stream":true,"stream_options":{"include_usage":true}})");
}

TEST(RequestBody, BytesThatAreNoUtf8AreReplaced) { EXPECT_THAT(request_body({.model = "", .prompt = "a\xff"}), HasSubstr("a\xEF\xBF\xBD")); }

TEST(Url, PartsAreTakenApart) {
  const auto a = parse_url("https://example.org/x/v1/").value();
  EXPECT_TRUE(a.tls);
  EXPECT_EQ(a.host, "example.org");
  EXPECT_EQ(a.port, "443");
  EXPECT_EQ(a.base, "/x");
  EXPECT_EQ(parse_url("http://127.0.0.1:8080/v1").value().text(), "http://127.0.0.1:8080");
  EXPECT_EQ(parse_url("HTTP://[::1]:99").value().text(), "http://[::1]:99");
  EXPECT_EQ(parse_url("http://host").value().port, "80");
}

TEST(Url, WhatIsRefused) {
  for (const char* url : {"", "host:80", "ftp://host", "http://", "http://:80", "http://host:0", "http://host:70000", "http://host:x", "http://u:p@host",
                          "http://host/?q", "http://[::1", "http://a b"}) {
    const auto a = parse_url(url);
    ASSERT_FALSE(a.has_value()) << url;
    EXPECT_EQ(a.error().fault, Fault::usage);
    EXPECT_THAT(a.error().message, HasSubstr("http://HOST"));
  }
}

TEST(RequestText, HeadAndBody) {
  const Address a{false, "localhost", "8080", "/base"};
  EXPECT_EQ(to_bytes({.method = "POST", .path = "/v1/x", .api_key = "k", .headers = {{"X-Request-Id", "7"}}, .json_body = "{}"}, a),
            "POST /base/v1/x HTTP/1.1\r\nHost: localhost:8080\r\nUser-Agent: quantcase\r\nAccept-Encoding: identity\r\nX-Request-Id: 7\r\nAuthorization: Bearer k\r\n"
            "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
  EXPECT_THAT(to_bytes({.method = "GET", .path = "/", .api_key = {}, .headers = {}, .json_body = {}}, a), Not(HasSubstr("Authorization")));
  EXPECT_THAT(to_bytes({.method = "GET", .path = "/", .api_key = {}, .headers = {}, .json_body = {}}, {true, "::1", "443", ""}), HasSubstr("Host: [::1]\r\n"));
}

}  // namespace
}  // namespace qc
