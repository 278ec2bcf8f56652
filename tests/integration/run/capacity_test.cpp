// `quantcase capacity` as a program, against a server whose latency grows with concurrency by a known rule.
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>

#include "core/files.h"
#include "core/json.h"
#include "core/process.h"
#include "support/scripted_server.h"

namespace qc {
namespace {
using namespace std::chrono_literals;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
namespace fs = std::filesystem;

class CapacityVerb : public testing::Test {
 protected:
  CapacityVerb() { fs::create_directories(dir_); }
  ~CapacityVerb() override { fs::remove_all(dir_); }
  /// Both streams, then "exit N".
  std::string said(const std::string& flags) {
    const auto text = capture({.words = {"sh", "-c", QC_BINARY_DIR "/quantcase capacity " + flags + " 2>&1; echo exit $?"}}, Seconds(120));
    return text ? *text : text.error().message;
  }
  Json json_of(const std::string& flags, int code = 0) {
    const std::string text = said(flags + " --quiet --max-tokens 2 --prompts random:8 --json " + file("c.json"));
    EXPECT_THAT(text, EndsWith("exit " + std::to_string(code) + "\n"));
    return Json::parse(read_file(dir_ / "c.json").value());
  }
  [[nodiscard]] std::string file(const std::string& name) const { return (dir_ / name).string(); }
  const fs::path dir_ = fs::temp_directory_path() / ("qc_capacity_" + std::to_string(getpid()));
};

// 150 ms, and 5 ms for each request that is open: p95 of e2e is 150 + 5 x concurrency and a little, so that a limit of 270 ms lies at 24 or below, and above 16.
// Slow, since a measurement is valid while our sends are late by less than 5 % of the first token: over 11 ms here, which a loaded machine keeps.
TEST_F(CapacityVerb, FindsTheConcurrencyOfAServerThatSlowsDown) {
  const test::ScriptedServer server({.first = 150ms, .first_each = 5ms});
  const Json c = json_of("--url " + server.url() + " --slo p95_e2e=270ms,failed=5% --concurrency 16..64 --resolution 40% --max-minutes 1.5");
  EXPECT_EQ(c["over"], "concurrency");
  const Json& a = c["answer"];
  ASSERT_TRUE(a["meets"].is_number()) << c.dump(1);
  ASSERT_TRUE(a["misses"].is_number()) << c.dump(1);
  EXPECT_LE(a["meets"].get<double>(), 24);
  EXPECT_GE(a["meets"].get<double>(), 16);
  EXPECT_GT(a["misses"].get<double>(), 16);
  EXPECT_LE(a["misses"].get<double>(), 32);
  EXPECT_GE(a["best"], a["meets"]);
  EXPECT_LT(a["best"], a["misses"]);
  bool seen = false;
  for (const Json& level : c["levels"]) {
    EXPECT_NEAR(level["e2e_ms"]["p50"].get<double>(), 150 + 5 * level["load"].get<double>(), 20);
    EXPECT_EQ(level["requests_failed"], 0);
    if (level["load"] != a["misses"]) continue;
    seen = true;
    EXPECT_EQ(level["standing"], "missed");
    EXPECT_EQ(level["limited_by"], "p95_e2e");
    EXPECT_LT(level["good_share"].get<double>(), 0.95);
  }
  EXPECT_TRUE(seen);
  EXPECT_EQ(c["levels"][0]["standing"], "met");
  EXPECT_EQ(c["levels"][0]["good_share"], 1.0);
  EXPECT_GT(c["levels"][0]["goodput_requests_per_s"].get<double>(), 0);
}

TEST_F(CapacityVerb, EvenTheLowestMisses) {
  const test::ScriptedServer server({.first = 400ms});
  const Json c = json_of("--url " + server.url() + " --slo p90_ttft=10ms --concurrency 24..64");
  EXPECT_EQ(c["answer"]["end"], "lowest_misses");
  EXPECT_TRUE(c["answer"]["meets"].is_null());
  EXPECT_EQ(c["answer"]["misses"], 24.0);
  EXPECT_EQ(c["levels"].size(), 1u);
  EXPECT_THAT(c["answer"]["text"].get<std::string>(), HasSubstr("Even the lowest load, 24 requests at once, misses: p90_ttft <= 10 ms"));
}

TEST_F(CapacityVerb, TheHighestStillMeetsAndAPersonReadsATable) {
  const test::ScriptedServer server({.first = 200ms});
  const std::string text = said("--url " + server.url() + " --slo p90_e2e=2s --goodput 90% --concurrency 24..32 --max-tokens 2 --prompts random:8");
  EXPECT_THAT(text, AllOf(HasSubstr("32 requests at once: met"), HasSubstr("goodput >= 90 %"), HasSubstr("The highest load asked for, 32 requests at once, still meets every limit"), EndsWith("exit 0\n")));
  EXPECT_THAT(server.requests().back().body, HasSubstr("\"max_tokens\":2"));
}

// One at a time, 20 ms each: no more than 50 a second. At 100 a second the queue grows as long as it is looked at.
TEST_F(CapacityVerb, ARateBeyondWhatTheServerTakesKeepsGrowing) {
  const test::ScriptedServer server({.first = 20ms, .one_at_a_time = true});
  const Json c = json_of("--url " + server.url() + " --slo p50_e2e=200ms --rate 100..200");
  EXPECT_EQ(c["over"], "rate");
  EXPECT_EQ(c["answer"]["end"], "lowest_misses");
  EXPECT_EQ(c["levels"][0]["limits"][0]["keeps_growing"], true);
}

TEST_F(CapacityVerb, TheTimeThatItHasIsKeptAndSaid) {
  const test::ScriptedServer server({.first = 400ms});
  const Instant before = monotonic_clock().now();
  const Json c = json_of("--url " + server.url() + " --slo p99_e2e=480ms --concurrency 8..64 --max-minutes 0.05");
  EXPECT_LT(seconds(monotonic_clock().now() - before), 8);
  EXPECT_EQ(c["answer"]["cut"], "time");
  EXPECT_THAT(c["answer"]["text"].get<std::string>(), HasSubstr("the 0.05 minutes are over"));
}

TEST_F(CapacityVerb, RefusedRequestsMissALimit) {
  const test::ScriptedServer server({.name = "busy"});
  const Json c = json_of("--url " + server.url() + " --slo p95_e2e=1s --concurrency 1..4");
  EXPECT_EQ(c["answer"]["end"], "lowest_misses");
  EXPECT_TRUE(c["levels"][0]["limits"][0]["value_ms"].is_null());
  EXPECT_TRUE(c["levels"][0]["own_error_us"]["send_lateness_p99"].is_number());
  EXPECT_EQ(c["levels"][0]["own_error_us"]["events_kernel_stamped"], 0);
  EXPECT_TRUE(c["levels"][0]["client_cpu_s"].is_number());
  EXPECT_GT(c["levels"][0]["failures"]["refused_by_server"], 0);
}

TEST_F(CapacityVerb, NothingListeningIsThree) { EXPECT_THAT(said("--url http://127.0.0.1:1 --slo p95_e2e=1s"), AllOf(HasSubstr("nothing answers at http://127.0.0.1:1 within 5 s"), EndsWith("exit 3\n"))); }

TEST_F(CapacityVerb, WrongFlagsAreTwoAndName) {
  const std::string url = "--url http://127.0.0.1:1 ";
  EXPECT_THAT(said(url), AllOf(HasSubstr("capacity needs --slo"), EndsWith("exit 2\n")));
  EXPECT_THAT(said(url + "--slo p95_e2e=3"), AllOf(HasSubstr("--slo p95_e2e=3: accepted: p95_e2e=TIME"), EndsWith("exit 2\n")));
  EXPECT_THAT(said(url + "--slo e2e=3s"), AllOf(HasSubstr("need a share that must keep them: --goodput 95%"), EndsWith("exit 2\n")));
  EXPECT_THAT(said(url + "--slo p95_e2e=3s --concurrency 8"), AllOf(HasSubstr("--concurrency 8: accepted: LO..HI"), EndsWith("exit 2\n")));
  EXPECT_THAT(said(url + "--slo p95_e2e=3s --rate 0..4"), AllOf(HasSubstr("--rate 0..4: accepted"), EndsWith("exit 2\n")));
  EXPECT_THAT(said(url + "--slo p95_e2e=3s --rate 1..4 --concurrency 1..4"), AllOf(HasSubstr("both were given"), EndsWith("exit 2\n")));
  EXPECT_THAT(said(url + "--slo p95_tpot=30ms --max-tokens 1"), AllOf(HasSubstr("an answer of one token has neither"), EndsWith("exit 2\n")));
  EXPECT_THAT(said(url + "--slo p95_e2e=3s --resolution 0"), AllOf(HasSubstr("--resolution 0: accepted"), EndsWith("exit 2\n")));
}

}  // namespace
}  // namespace qc
