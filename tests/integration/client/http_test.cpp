#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/process.h"
#include "measure/client/http.h"
#include "support/scripted_server.h"

namespace qc {
namespace {
using testing::HasSubstr;

TEST(Http, GetAndPost) {
  const test::ScriptedServer server;
  const Address address = parse_url(server.url() + "/v1").value();
  const HttpReply health = http_get(address, "/health", Seconds(5)).value();
  EXPECT_EQ(health.status, 200);
  EXPECT_EQ(health.body, R"({"status":"ok"})");
  EXPECT_EQ(http_post(address, "/tokenize", R"({"content":"a b c"})", Seconds(5)).value().body, R"({"tokens":[0,1,2]})");
  EXPECT_EQ(http_get(address, "/nowhere", Seconds(5)).value().status, 404);
}

TEST(Http, FailuresNameTheCall) {
  const int port = free_port().value();
  const auto refused = http_get(parse_url("http://127.0.0.1:" + std::to_string(port)).value(), "/health", Seconds(2));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, Fault::engine);
  EXPECT_THAT(refused.error().message, HasSubstr("GET http://127.0.0.1:" + std::to_string(port) + "/health"));

  const test::ScriptedServer silent({.name = "silent"});
  const auto late = http_post(parse_url(silent.url()).value(), "/v1/completions", "{}", Seconds(0.2));
  ASSERT_FALSE(late);
  EXPECT_THAT(late.error().message, HasSubstr("no whole answer within 0.2 s"));

  const test::ScriptedServer cut({.name = "wrong-length-cut"});
  const auto broken = http_post(parse_url(cut.url()).value(), "/v1/completions", "{}", Seconds(2));
  ASSERT_FALSE(broken);
  EXPECT_THAT(broken.error().message, HasSubstr("ended before the answer did"));
}

}  // namespace
}  // namespace qc
