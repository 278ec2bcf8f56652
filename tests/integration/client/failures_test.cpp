// Each kind of METRICS' list, as a server produces it.
#include <gtest/gtest.h>

#include "core/process.h"
#include "measure/client/stream_client.h"
#include "support/reading.h"
#include "support/scripted_server.h"

namespace qc {
namespace {
using namespace std::chrono_literals;

struct Case {
  std::string script;
  std::optional<Failure> failure;
  double byte_timeout_s = 5;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.script; }

class FailureKind : public testing::TestWithParam<Case> {};

RequestRecord ask(const Address& address, double byte_timeout_s, int max_tokens = 8) {
  const StopFlag stop;
  const Outgoing one{0, "r", "sha", false, {.model = "m", .prompt = "Say hi", .max_tokens = max_tokens}};
  return closed_loop({.address = address, .api_key = "", .byte_timeout = Seconds(byte_timeout_s), .reading = test::reading()}, {one}, 1, stop, {}).records.at(0);
}

TEST_P(FailureKind, IsTold) {
  const test::ScriptedServer server({.name = GetParam().script});
  const RequestRecord r = ask(parse_url(server.url()).value(), GetParam().byte_timeout_s);
  const auto name = [](const std::optional<Failure>& f) { return f ? to_string(*f) : "ok"; };
  EXPECT_EQ(name(r.failure), name(GetParam().failure)) << r.failure_detail;
  EXPECT_EQ(r.failure_detail.empty(), r.ok());
  EXPECT_LE(r.intended, r.sent);
  ASSERT_TRUE(r.done);
  EXPECT_LE(r.sent, *r.done);
}

INSTANTIATE_TEST_SUITE_P(Scripts, FailureKind, testing::Values(
    Case{"stream", {}}, Case{"one-write", {}}, Case{"no-usage", {}}, Case{"continuous-usage", {}}, Case{"done-twice", {}}, Case{"no-done", {}},
    Case{"stop-early", {}}, Case{"say-close", {}}, Case{"wrong-length", {}}, Case{"close-late", {}}, Case{"close-late-no-done", {}},
    Case{"reset", Failure::reset}, Case{"no-answer", Failure::reset}, Case{"reset-mid-stream", Failure::reset},
    Case{"silent", Failure::timeout, 0.2}, Case{"stall", Failure::timeout, 0.2}, Case{"keep-alive-comments", Failure::timeout, 0.1},
    Case{"trickle", Failure::timeout, 0.5},
    Case{"too-long-llama", Failure::too_long}, Case{"too-long-vllm", Failure::too_long},
    Case{"busy", Failure::refused_by_server}, Case{"unavailable", Failure::refused_by_server},
    Case{"not-found", Failure::http_4xx}, Case{"html-500", Failure::http_5xx}, Case{"redirect", Failure::redirect},
    Case{"broken-json", Failure::bad_stream}, Case{"close-mid-stream", Failure::bad_stream}, Case{"wrong-length-cut", Failure::bad_stream},
    Case{"bad-chunk", Failure::bad_stream}, Case{"not-http", Failure::bad_stream}, Case{"json-body", Failure::bad_stream},
    Case{"endless-line", Failure::bad_stream},
    Case{"error-event", Failure::error_event}, Case{"no-finish", Failure::truncated}, Case{"short", Failure::truncated},
    Case{"endless", Failure::runaway}),
    [](const auto& p) {
      std::string name = p.param.script;
      std::ranges::replace(name, '-', '_');
      return name;
    });

TEST(FailureKind, TheWholeRequestHasALimitOfTenByteTimeouts) {
  const test::ScriptedServer server({.name = "keep-alive-comments"});
  const RequestRecord r = ask(parse_url(server.url()).value(), 0.1);
  EXPECT_EQ(r.failure_detail, "not done after 1 s");
  EXPECT_GE(*r.done - r.sent, Nanos(1s) - Nanos(10ms));
  EXPECT_LT(*r.done - r.sent, Nanos(3s));
}

TEST(FailureKind, NothingListens) {
  const auto address = parse_url("http://127.0.0.1:" + std::to_string(free_port().value())).value();
  const RequestRecord r = ask(address, 5);
  EXPECT_EQ(r.failure, Failure::connect);
  EXPECT_EQ(r.sent, *r.done);
  EXPECT_NE(r.failure_detail.find("refused"), std::string::npos) << r.failure_detail;
}

TEST(FailureKind, NoSuchHost) {
  const RequestRecord r = ask(parse_url("http://no-such-host.invalid:80").value(), 5);
  EXPECT_EQ(r.failure, Failure::connect);
}

TEST(FailureKind, ALocalNameIsFound) {
  const test::ScriptedServer server;
  EXPECT_TRUE(ask(parse_url("http://localhost:" + std::to_string(server.port())).value(), 5).ok());
}

}  // namespace
}  // namespace qc
