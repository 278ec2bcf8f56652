// Shapes of real servers (tests/fixtures/streams) in short; every number worked by hand from METRICS' definitions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "measure/client/openai.h"
#include "measure/client/sse.h"
#include "support/fixture.h"

namespace qc {
namespace {
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr auto kDone = "[DONE]";
std::string text(const std::string& t, const std::string& more = "") {
  return R"({"choices":[{"index":0,"delta":{"content":")" + t + R"("},"finish_reason":null}])" + more + "}";
}
std::string usage(int n) { return R"(,"usage":{"prompt_tokens":5,"completion_tokens":)" + std::to_string(n) + "}"; }
std::string finish(const std::string& reason) { return R"({"choices":[{"index":0,"delta":{},"finish_reason":")" + reason + "\"}]}"; }
std::string total(int n) { return R"({"choices":[])" + usage(n) + "}"; }

struct Read {
  RequestRecord record;
  std::vector<std::string> warnings;
  std::vector<bool> going;
};

/// The last event of a llama-server that is not asked for usage.
std::string timed(int n) { return R"({"choices":[{"index":0,"delta":{},"finish_reason":"length"}],"timings":{"cache_n":0,"predicted_n":)" + std::to_string(n) + "}}"; }

struct Options { int max_tokens = 3; bool ignore_eos = true, keep_text = false, clean_end = true; };

/// Event i at (i + 1) ms.
Read read(const std::vector<std::string>& events, Options o = {}) {
  StreamReader reader(o.max_tokens, o.ignore_eos, o.keep_text);
  Read out;
  for (const auto& e : events) out.going.push_back(reader.on_event(e, {static_cast<std::int64_t>(out.going.size() + 1) * 1'000'000}, Stamp::kernel));
  reader.finish(out.record, o.clean_end);
  out.warnings = reader.warnings();
  return out;
}

std::vector<int> tokens(const RequestRecord& r) {
  std::vector<int> out;
  for (const Event& e : r.events) out.push_back(e.tokens);
  return out;
}

Read read_body(const std::string& body, Options o) {
  std::vector<std::string> events;
  for (auto& e : SseParser().feed(body)) events.push_back(std::move(e.data));
  return read(events, o);
}

TEST(StreamReader, CountsTheCharactersOfTheAnswer) {
  EXPECT_EQ(read({text("a\xC3\xA4"), text("\xF0\x9F\x98\x80"), text("z"), finish("length"), total(3), kDone}).record.characters, 4);
  EXPECT_FALSE(read({finish("length"), kDone}).record.characters);
}

TEST(StreamReader, RoleOnlyAndEmptyDeltasAreNoTokens) {
  const auto r = read({R"({"choices":[{"delta":{"role":"assistant","content":null},"index":0,"finish_reason":null}]})", text(""), text("a"), text("b"),
                       text("c"), finish("length"), total(3), kDone}).record;
  EXPECT_TRUE(r.ok());
  EXPECT_EQ(r.first->ns, 3'000'000);
  EXPECT_EQ(r.last->ns, 5'000'000);
  EXPECT_EQ(r.output_tokens, 3);
  EXPECT_EQ(r.prompt_tokens, 5);
  EXPECT_EQ(r.cached_tokens, std::nullopt);
  EXPECT_THAT(tokens(r), ElementsAre(1, 1, 1));
}

TEST(StreamReader, ReasoningAndToolTextCount) {
  const auto r = read({R"({"choices":[{"delta":{"reasoning_content":"hm"}}]})", R"({"choices":[{"delta":{"reasoning":"so"}}]})",
                       R"({"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{"}}]}}]})", finish("length"), total(3), kDone}).record;
  EXPECT_EQ(r.events.size(), 3u);
}

TEST(StreamReader, CompletionsCarryText) {
  const auto r = read({R"({"choices":[{"index":0,"text":" Paris","finish_reason":null}]})", R"({"choices":[{"index":0,"text":"","finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":1}})", kDone},
                      {.max_tokens = 9, .keep_text = true}).record;
  EXPECT_TRUE(r.ok());   // stop: the server does not honour ignore_eos
  EXPECT_EQ(r.text, " Paris");
  EXPECT_EQ(r.output_tokens, 1);
  EXPECT_EQ(r.finish_reason, "stop");
}

TEST(StreamReader, TokensOfAnEventAreTheRiseOfContinuousUsage) {
  const auto r = read({text("a", usage(1)), text("bc", usage(4)), text("", usage(5)), text("d", usage(6)), finish("length"), total(8), kDone}, {.max_tokens = 8}).record;
  EXPECT_THAT(tokens(r), ElementsAre(1, 3, 4));   // the last: 2 of its own rise, 2 beyond
  EXPECT_EQ(r.output_tokens, 8);
}

TEST(StreamReader, UsageOnlyInTheLastTextEventIsATotal) {
  const auto r = read({text("a"), text("b"), R"({"choices":[{"delta":{"content":"c"},"finish_reason":"length"}],"usage":{"prompt_tokens":5,"completion_tokens":4}})", kDone}, {.max_tokens = 4}).record;
  EXPECT_THAT(tokens(r), ElementsAre(1, 1, 2));
}

TEST(StreamReader, ElseTheLengthOfTokenIds) {
  const auto with_ids = [](const std::string& t, const std::string& ids) { return R"({"choices":[{"delta":{"content":")" + t + R"("},"token_ids":[)" + ids + "]}]}"; };
  const auto r = read({with_ids("ab", "1,2"), with_ids("c", "3"), finish("length"), kDone});
  EXPECT_THAT(tokens(r.record), ElementsAre(2, 1));
  EXPECT_EQ(r.record.output_tokens, 3);
  EXPECT_THAT(r.warnings, Contains(HasSubstr("no usage")));
}

TEST(StreamReader, WhatUsageCountsBeyondGoesToTheLastEvent) {
  const auto r = read({text("a"), text("b"), finish("length"), total(3), kDone}).record;
  EXPECT_THAT(tokens(r), ElementsAre(1, 2));
  EXPECT_TRUE(r.ok());
}

TEST(StreamReader, MoreEventsThanTokensKeepTheServersSum) {
  const auto r = read({text("a"), text("b"), text("c"), text("d"), finish("length"), total(3), kDone});
  EXPECT_THAT(tokens(r.record), ElementsAre(1, 1, 1, 0));
  EXPECT_THAT(r.warnings, Contains(HasSubstr("more text events")));
}

TEST(StreamReader, NoUsageCountsEventsAndSaysSo) {
  const auto r = read({text("a"), text("b"), text("c"), finish("length"), kDone});
  EXPECT_TRUE(r.record.ok());
  EXPECT_EQ(r.record.output_tokens, 3);
  EXPECT_EQ(r.record.prompt_tokens, std::nullopt);
  EXPECT_THAT(r.warnings, Contains("no usage: events were counted as tokens"));
}

TEST(StreamReader, CachedTokensFromTimingsOrUsage) {
  EXPECT_EQ(read({R"({"choices":[],"timings":{"cache_n":31}})"}).record.cached_tokens, 31);
  EXPECT_EQ(read({R"({"choices":[],"usage":{"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":7}}})"}).record.cached_tokens, 7);
  EXPECT_EQ(read({R"({"choices":[],"usage":{"completion_tokens":1,"prompt_tokens_details":null}})"}).record.cached_tokens, std::nullopt);
}

TEST(StreamReader, StopsAtDoneAnErrorAndARunaway) {
  EXPECT_THAT(read({text("a"), kDone}).going, ElementsAre(true, false));
  EXPECT_THAT(read({text("a"), R"({"error":{"message":"out","code":500}})"}).going, ElementsAre(true, false));
  EXPECT_THAT(read({text("a", usage(3)), text("b", usage(4))}).going, ElementsAre(true, false));
}

TEST(StreamReader, ErrorEventWhateverFollows) {
  const auto r = read({text("a"), R"({"error": {"message": "EngineCore died", "code": 500}})", kDone}).record;
  EXPECT_EQ(r.failure, Failure::error_event);
  EXPECT_EQ(r.failure_detail, "EngineCore died");
  EXPECT_EQ(read({R"({"object":"error","message":"old wording"})"}).record.failure, Failure::error_event);
  EXPECT_EQ(read({text("a"), R"({"error":null,"choices":[]})", text("b"), text("c"), finish("length"), kDone}).record.failure, std::nullopt);
}

TEST(StreamReader, BrokenJsonIsABadStream) {
  EXPECT_EQ(read({text("a"), R"({"choices":[)"}).record.failure, Failure::bad_stream);
  EXPECT_EQ(read({"\"text\""}).record.failure, Failure::bad_stream);
}

TEST(StreamReader, AnUncleanEndIsABadStream) { EXPECT_EQ(read({text("a"), text("b")}, {.clean_end = false}).record.failure, Failure::bad_stream); }

TEST(StreamReader, TruncatedWithoutFinishReasonOrWithTooFewTokens) {
  EXPECT_EQ(read({text("a"), text("b"), kDone}).record.failure, Failure::truncated);
  const auto r = read({text("a"), finish("length"), total(1), kDone}).record;
  EXPECT_EQ(r.failure, Failure::truncated);
  EXPECT_EQ(r.failure_detail, "1 of 3 tokens, finish_reason length");
  EXPECT_EQ(read({text("a"), finish("length"), total(1), kDone}, {.ignore_eos = false}).record.failure, std::nullopt);
  EXPECT_EQ(read({text("a"), finish("stop"), total(1), kDone}).record.failure, std::nullopt);
  EXPECT_EQ(read({text("a b c"), finish("length"), kDone}).record.failure, std::nullopt) << "nobody told how many tokens an event has";
}

TEST(StreamReader, RunawayByUsageByIdsOrByManyEvents) {
  EXPECT_EQ(read({text("a"), finish("length"), total(4), kDone}).record.failure, Failure::runaway);
  EXPECT_EQ(read({R"({"choices":[{"delta":{"content":"x"},"token_ids":[1,2,3,4]}]})"}).record.failure, Failure::runaway);
  EXPECT_EQ(read({text("a"), text("b"), text("c"), text("d"), finish("length"), kDone}).record.failure, Failure::runaway);
  const std::vector<std::string> endless(40, text("x"));
  const auto r = read(endless);
  EXPECT_EQ(r.record.failure, Failure::runaway);
  EXPECT_EQ(std::ranges::count(r.going, true), 3 + 8);   // cut off when no count by the server can explain them
}

TEST(StreamReader, TheTransportsFailureStaysUnlessTheStreamSaidOneEarlierInTheList) {
  const auto with = [](Failure transport, const std::vector<std::string>& events) {
    StreamReader reader(3, true, false);
    for (const auto& e : events) reader.on_event(e, {}, Stamp::user);
    RequestRecord r;
    r.failure = transport;
    reader.finish(r, false);
    return r.failure;
  };
  EXPECT_EQ(with(Failure::timeout, {text("a")}), Failure::timeout);
  EXPECT_EQ(with(Failure::cancelled, {text("a")}), Failure::cancelled);
  EXPECT_EQ(with(Failure::cancelled, {R"({"error":{"message":"x"}})"}), Failure::error_event);
}

TEST(StreamReader, Warnings) {
  EXPECT_THAT(read({text("a"), text("b"), text("c"), finish("length"), total(3), kDone}).warnings, IsEmpty());
  EXPECT_THAT(read({text("a"), finish("stop"), total(1), kDone, kDone}).warnings, ElementsAre("[DONE] came more than once"));
  EXPECT_THAT(read({text("a"), finish("stop"), total(1)}).warnings, ElementsAre("[DONE] missing after a finish_reason"));
  EXPECT_THAT(read({text("a", R"(,"novel":1)"), text("a", R"(,"novel":1)"), finish("stop"), total(2), kDone}).warnings, ElementsAre("unknown field \"novel\""));
}

TEST(StreamReader, RecordedLlamaChat) {
  const auto r = read_body(test::body_of(test::fixture("streams/llama_chat.http")), {.max_tokens = 6, .keep_text = true});
  EXPECT_EQ(r.record.failure, std::nullopt);
  EXPECT_EQ(r.record.text, "Hello there, welcome to my");
  EXPECT_EQ(r.record.output_tokens, 6);
  EXPECT_EQ(r.record.prompt_tokens, 32);
  EXPECT_EQ(r.record.cached_tokens, 0);
  EXPECT_EQ(r.record.finish_reason, "length");
  EXPECT_EQ(r.record.first->ns, 2'000'000);   // the second event: the first carries the role alone
  EXPECT_EQ(r.record.last->ns, 7'000'000);
  EXPECT_THAT(r.warnings, IsEmpty());
}

TEST(StreamReader, RecordedLlamaContextFull) {
  const auto r = read_body(test::fixture("streams/llama_context_full.sse"), {.max_tokens = 600});
  EXPECT_EQ(r.record.failure, Failure::error_event);
  EXPECT_EQ(r.record.failure_detail, "Context size has been exceeded.");
}

TEST(StreamReader, RecordedVllmCompletions) {
  const auto r = read_body(test::body_of(test::fixture("streams/vllm_completions.http")), {.max_tokens = 12, .keep_text = true});
  EXPECT_EQ(r.record.failure, std::nullopt);
  EXPECT_EQ(r.record.text, " Paris.\n\nThe answer is: 201");
  EXPECT_EQ(r.record.output_tokens, 12);
  EXPECT_EQ(r.record.prompt_tokens, 5);
  EXPECT_EQ(r.record.events.size(), 12u);
  EXPECT_THAT(r.warnings, IsEmpty());
}

TEST(StreamReader, RecordedVllmContinuousUsage) {
  const auto r = read_body(test::fixture("streams/vllm_chat_continuous_usage.sse"), {.max_tokens = 12, .keep_text = true});
  EXPECT_EQ(r.record.failure, std::nullopt);
  EXPECT_EQ(r.record.text, "L'\u00c9toile, la Marseillaise,");
  EXPECT_EQ(r.record.prompt_tokens, 37);
  EXPECT_EQ(tokens(r.record), std::vector<int>(12, 1));
}

TEST(StreamReader, RecordedVllmEngineDied) {
  EXPECT_EQ(read_body(test::fixture("streams/vllm_engine_died.sse"), {.max_tokens = 512}).record.failure, Failure::error_event);
}

TEST(Status, Kinds) {
  const std::string llama = test::body_of(test::fixture("streams/llama_too_long.http")), vllm = test::body_of(test::fixture("streams/vllm_too_long.http"));
  EXPECT_EQ(classify_status(400, llama), Failure::too_long);
  EXPECT_EQ(classify_status(400, vllm), Failure::too_long);
  EXPECT_EQ(classify_status(400, R"({"error":{"message":"This model's maximum context length is 4096 tokens.","code":"context_length_exceeded"}})"), Failure::too_long);
  EXPECT_EQ(classify_status(400, R"({"object":"error","message":"The input (9000 tokens) is longer than the model's context length (8192 tokens).","code":400})"), Failure::too_long);
  EXPECT_EQ(classify_status(500, R"({"error":{"message":"Context size has been exceeded.","code":500}})"), Failure::too_long);
  EXPECT_EQ(classify_status(400, R"({"error":{"message":"'messages' is required"}})"), Failure::http_4xx);
  EXPECT_EQ(classify_status(422, R"({"detail":"bad","input":"my context length essay"})"), Failure::http_4xx);
  EXPECT_EQ(classify_status(429, ""), Failure::refused_by_server);
  EXPECT_EQ(classify_status(503, "Loading model"), Failure::refused_by_server);
  EXPECT_EQ(classify_status(500, "<html>oops</html>"), Failure::http_5xx);
  EXPECT_EQ(classify_status(307, ""), Failure::redirect);
  EXPECT_EQ(describe_status(400, llama), "HTTP 400: request (6031 tokens) exceeds the available context size (4096 tokens), try increasing it, exceed_context_size_error, 400");
}

TEST(StreamReader, TimingsCountWhereThereIsNoUsage) {
  const auto r = read({text("ab"), text("cd"), timed(8), kDone}, {.max_tokens = 8});
  EXPECT_TRUE(r.record.ok());
  EXPECT_EQ(r.record.output_tokens, 8);
  EXPECT_EQ(r.record.events.back().tokens, 7);
  EXPECT_THAT(r.warnings, Contains("no usage: the timings' predicted_n was taken"));
  EXPECT_EQ(read({text("ab"), timed(3), total(2), kDone}, {.max_tokens = 2}).record.output_tokens, 2) << "usage is the server's word";
}

}  // namespace
}  // namespace qc
