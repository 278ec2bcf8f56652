// A whole visit beside a server whose answers are good and whose /metrics is not.
#include "run/watch.h"

#include <gtest/gtest.h>

#include <thread>

#include "core/host.h"
#include "measure/engines/server_reading.h"
#include "support/scripted_server.h"

namespace qc {
namespace {

using namespace std::chrono_literals;

struct Watched {
  Visit visit;
  Telemetry said;
  double load_s = 0;                                         ///< from the first request sent to the last answer

  std::optional<double> edge(const std::string& name, bool after) const {
    std::optional<double> found;
    for (const auto& sample : said.server)
      if (sample.name == name && (after || !found)) found = sample.value;
    return found;
  }
};

/// 12 requests of 32 tokens at concurrency 4: about 160 ms.
Watched watched_visit(const std::string& metrics, Nanos gap = 1ms) {
  const test::ScriptedServer server({.first = 20ms, .gap = gap, .metrics = metrics});
  PromptSet prompts{"test", "made up", {}};
  for (int i = 0; i < 40; ++i) prompts.prompts.push_back({"p" + std::to_string(i), "prompt " + std::to_string(i), "sha" + std::to_string(i)});
  VisitSpec spec;
  spec.trial = {.id = 7, .variant = "bf16", .workload = "chat", .concurrency = 4, .max_tokens = 32, .requests = 12, .warmup = 2, .block = 1, .position = 1};
  spec.client = {.address = parse_url(server.url()).value(), .api_key = "", .byte_timeout = Seconds(5)};
  spec.model = "m";
  ServerWatch watch(server_reader(spec.client.address, ""), Seconds(0.02));
  GpuWatch gpu;
  const StopFlag stop;
  Watched out;
  out.visit = make_visit(spec, prompts, stop, [&](int done, int) {
    if (done == 0) watch.begin(), gpu.begin();
  });
  out.said = end_watch(watch, gpu, out.visit, true);
  Instant first{INT64_MAX}, last{};
  for (const auto& r : out.visit.requests) {
    EXPECT_TRUE(r.ok()) << metrics << ": " << r.failure_detail;
    if (!r.warmup) first = std::min(first, r.sent), last = std::max(last, *r.done);
  }
  out.load_s = seconds(last - first);
  return out;
}

TEST(Watch, CountsExactlyTheLoadBetweenItsEdges) {
  const auto w = watched_visit("good");
  EXPECT_EQ(*w.edge("generation_tokens", true) - *w.edge("generation_tokens", false), 12 * 32);   // no warm-up among them
  EXPECT_EQ(w.visit.trial.prompt_tokens_processed, 12 * 32);
  EXPECT_EQ(w.visit.trial.prompt_tokens_cached, 0);
  EXPECT_TRUE(w.visit.trial.notes.empty());
}

TEST(Watch, ASlowAnswerDoesNotDelayTheLoad) {
  const double good = watched_visit("good").load_s;
  const auto slow = watched_visit("slow");
  EXPECT_LT(slow.load_s, good + 0.2);                        // one answer takes 0.5 s
  EXPECT_EQ(*slow.edge("generation_tokens", true) - *slow.edge("generation_tokens", false), 12 * 32);
}

TEST(Watch, ASilentServerCostsItsPatienceBeforeTheLoadAndNothingWithin) {
  const double good = watched_visit("good").load_s;
  const auto silent = watched_visit("silent");
  EXPECT_LT(silent.load_s, good + 0.2);
  EXPECT_FALSE(silent.edge("edge", false));
  ASSERT_EQ(silent.visit.trial.notes.size(), 1u);
  EXPECT_EQ(silent.visit.trial.notes[0], "server counters: the server gives no /metrics that we can read");
  EXPECT_EQ(silent.edge("unanswered", true), 1);
}

TEST(Watch, GarbageIsNoReading) {
  for (const char* how : {"garbage", "missing", "reset"}) {
    const auto w = watched_visit(how);
    EXPECT_FALSE(w.edge("edge", false)) << how;
    EXPECT_FALSE(w.visit.trial.prompt_tokens_processed) << how;
    EXPECT_EQ(w.visit.trial.notes.size(), 1u) << how;
  }
}

TEST(Watch, ReadingBesideTheLoadIsCheap) {
  const test::ScriptedServer server;
  ServerWatch watch(server_reader(parse_url(server.url()).value(), ""));
  const double before = own_cpu_seconds();
  watch.begin();
  std::this_thread::sleep_for(1500ms);
  watch.end();
  EXPECT_LT(own_cpu_seconds() - before, 0.06);               // 4 % of a core, the scripted server's own time within it, sanitizers or not
}

}  // namespace
}  // namespace qc
