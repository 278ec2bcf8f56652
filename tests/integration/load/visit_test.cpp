#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>

#include "measure/load/visit.h"
#include "support/scripted_server.h"

namespace qc {
namespace {
using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

PromptSet prompts() {
  PromptSet out{"test", "made up", {}};
  for (int i = 0; i < 40; ++i) out.prompts.push_back({"p" + std::to_string(i), "prompt " + std::to_string(i), "sha" + std::to_string(i)});
  return out;
}

VisitSpec spec_for(const test::ScriptedServer& server) {
  VisitSpec spec;
  spec.trial = {.id = 7, .variant = "bf16", .workload = "chat", .concurrency = 4, .max_tokens = 32, .requests = 12, .warmup = 2, .block = 1, .position = 1};
  spec.client = {.address = parse_url(server.url()).value(), .api_key = "", .byte_timeout = Seconds(5)};
  spec.model = "m";
  spec.seed = 42;
  return spec;
}

/// By our own instants: a server may close its books on an answer later than we have it.
int most_at_once(const std::vector<RequestRecord>& requests) {
  int most = 0;
  for (const RequestRecord& r : requests)
    most = std::max(most, static_cast<int>(std::ranges::count_if(requests, [&](const RequestRecord& other) { return other.sent <= r.sent && r.sent < *other.done; })));
  return most;
}

TEST(Visit, WarmupThenTheClosedLoop) {
  const test::ScriptedServer server({.first = 20ms, .gap = 1ms});
  const StopFlag stop;
  std::vector<int> progress;
  const Visit visit = make_visit(spec_for(server), prompts(), stop, [&](int done, int of) {
    EXPECT_EQ(of, 12);
    progress.push_back(done);
  });
  ASSERT_EQ(visit.requests.size(), 14u);
  EXPECT_EQ(progress.front(), 0);
  EXPECT_EQ(progress.back(), 12);
  std::vector<int> ids;
  std::set<std::string> names;
  for (const auto& r : visit.requests) {
    ids.push_back(r.request_id);
    names.insert(r.x_request_id);
    EXPECT_EQ(r.trial_id, 7);
    EXPECT_EQ(r.warmup, r.request_id < 0);
    EXPECT_TRUE(r.ok()) << r.failure_detail;
    EXPECT_EQ(r.output_tokens, r.warmup ? 16 : 32);
    EXPECT_TRUE(r.x_request_id.starts_with("42-7-0-")) << r.x_request_id;
  }
  EXPECT_THAT(ids, ElementsAre(-1, -2, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
  EXPECT_EQ(names.size(), 14u);
  EXPECT_EQ(most_at_once(visit.requests), 4);
  EXPECT_GE(server.most_at_once(), 4);
  const TrialRecord& t = visit.trial;
  ASSERT_TRUE(t.send_lateness_p99_us);
  EXPECT_TRUE(t.valid || t.send_lateness_p99_us > 500) << t.invalid_because;   // a machine that starves us may make it invalid
  EXPECT_EQ(t.block, 1);
  EXPECT_EQ(t.reconnects, 0);
  EXPECT_GT(t.steady_start, *visit.requests[1].done);
  EXPECT_LT(t.steady_start, t.steady_end);
  EXPECT_LT(t.steady_end, t.ended);
  EXPECT_GT(t.client_cpu_s, 0);
  EXPECT_TRUE(t.read_lag_p99_us);
  EXPECT_FALSE(visit.cut_short);
}

TEST(Visit, TheSameRequestsForEveryVariantAndOthersInTheNextBlock) {
  const test::ScriptedServer server;
  const StopFlag stop;
  const auto shas = [&](const VisitSpec& spec) {
    std::vector<std::string> out;
    for (const auto& r : make_visit(spec, prompts(), stop, {}).requests) out.push_back(r.prompt_sha256);
    return out;
  };
  VisitSpec spec = spec_for(server);
  const auto first = shas(spec);
  spec.trial.variant = "q8";
  spec.trial.id = 8;
  spec.model = "other";
  EXPECT_EQ(shas(spec), first);
  spec.trial.block = 2;
  EXPECT_NE(shas(spec), first);
}

TEST(Visit, FailuresAreDataAndWarningsNotes) {
  const test::ScriptedServer busy({.name = "busy"}), twice({.name = "done-twice"}), cached({.name = "cached"});
  const StopFlag stop;
  const Visit refused = make_visit(spec_for(busy), prompts(), stop, {});
  EXPECT_FALSE(refused.trial.valid);
  EXPECT_THAT(refused.trial.invalid_because, HasSubstr("all 12 requests failed, the first as refused_by_server: HTTP 429: slow down"));
  EXPECT_THAT(make_visit(spec_for(twice), prompts(), stop, {}).trial.notes, Contains("[DONE] came more than once: 12 of 12 requests"));
  EXPECT_THAT(make_visit(spec_for(cached), prompts(), stop, {}).trial.invalid_because, HasSubstr("the prefix cache served 50.0 %"));
}

// What the server takes to end its connection is its own time, and no lateness of ours.
TEST(Visit, AConnectionThatEndsLateIsNoLatenessOfOurs) {
  const StopFlag stop;
  for (const char* name : {"close-late", "close-late-no-done"}) {
    const test::ScriptedServer server({.name = name, .first = 5ms, .gap = 1ms});
    const Visit visit = make_visit(spec_for(server), prompts(), stop, {});
    for (const auto& r : visit.requests) EXPECT_TRUE(r.ok()) << name << ": " << r.failure_detail;
    EXPECT_LT(*visit.trial.send_lateness_p99_us, 25'000) << name;
  }
}

TEST(Visit, AServerThatGivesNoByteIsNotAskedOnAndOn) {
  const StopFlag stop;
  const test::ScriptedServer dead({.name = "silent"});
  VisitSpec spec = spec_for(dead);
  spec.client.byte_timeout = Seconds(0.2);
  const Visit never = make_visit(spec, prompts(), stop, {});
  EXPECT_EQ(never.in_vain, 2);
  EXPECT_EQ(never.requests.size(), 2u) << "the warm-up alone";
  EXPECT_FALSE(never.trial.valid);
  EXPECT_EQ(never.trial.invalid_because.substr(0, 86), "no request was sent, since no warm-up request was answered, the first as timeout: no b");
  test::ScriptedServer dies({.first = 1ms});
  spec = spec_for(dies);
  spec.client.byte_timeout = Seconds(0.3), spec.trial.requests = 40;
  const Visit later = make_visit(spec, prompts(), stop, [&](int done, int) {
    if (done == 6) dies.play({.name = "silent"});
  });
  EXPECT_GE(later.in_vain, 4);
  EXPECT_LT(later.requests.size(), 30u);
  EXPECT_EQ(make_visit(spec_for(test::ScriptedServer({.first = 1ms})), prompts(), stop, {}).in_vain, 0);
}

TEST(Visit, AServerThatFallsSilentWithinItsAnswersIsNotAskedOnEither) {
  const StopFlag stop;
  test::ScriptedServer dies({.first = 1ms});
  VisitSpec spec = spec_for(dies);
  spec.client.byte_timeout = Seconds(0.3), spec.trial.requests = 40;
  const Visit visit = make_visit(spec, prompts(), stop, [&](int done, int) {
    if (done == 6) dies.play({.name = "stall"});
  });
  EXPECT_GE(visit.in_vain, 4);
  EXPECT_LT(visit.requests.size(), 30u);
}

// A visit of one request: it is the last that waited.
TEST(Visit, OneRequestThatWaitedInVainIsEnoughAtTheEnd) {
  const StopFlag stop;
  const test::ScriptedServer dead({.name = "silent"});
  VisitSpec spec = spec_for(dead);
  spec.trial.warmup = 0, spec.trial.requests = 1, spec.trial.concurrency = 1, spec.client.byte_timeout = Seconds(0.2);
  EXPECT_EQ(make_visit(spec, prompts(), stop, {}).in_vain, 1);
}

// The only warm-up request is in flight when the user asks to stop: nothing was left to send, so only the flag tells.
TEST(Visit, OneThatWaitedInVainKnowsThatItWasStopped) {
  StopFlag stop;
  const test::ScriptedServer dead({.name = "silent"});
  VisitSpec spec = spec_for(dead);
  spec.trial.warmup = 1, spec.client.byte_timeout = Seconds(0.5);
  std::thread user([&] { std::this_thread::sleep_for(100ms), stop.ask(); });
  const Visit visit = make_visit(spec, prompts(), stop, {});
  user.join();
  EXPECT_TRUE(visit.cut_short);
  EXPECT_EQ(visit.in_vain, 1);
}

TEST(Visit, AStoppedVisitIsNotValid) {
  const test::ScriptedServer server({.gap = 1ms});
  StopFlag stop;
  const Visit visit = make_visit(spec_for(server), prompts(), stop, [&](int done, int) {
    if (done == 2) stop.ask();
  });
  EXPECT_TRUE(visit.cut_short);
  EXPECT_LT(visit.requests.size(), 14u);
  EXPECT_EQ(visit.trial.invalid_because, "stopped by the user");
}

}  // namespace
}  // namespace qc
