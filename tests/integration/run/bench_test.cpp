// `quantcase bench` as a program, against the scripted server: its files, its exit codes, its own word on its error.
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <set>

#include "core/files.h"
#include "core/json.h"
#include "core/process.h"
#include "core/text.h"
#include "support/scripted_server.h"

namespace qc {
namespace {
using namespace std::chrono_literals;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
namespace fs = std::filesystem;
// A measurement is valid while our sends are late by less than 5 % of the first token: 20 ms here, which a loaded machine keeps.
constexpr auto kFirst = 400ms;

class Bench : public testing::Test {
 protected:
  Bench() { fs::create_directories(dir_); }
  ~Bench() override { fs::remove_all(dir_); }
  /// Both streams, then "exit N".
  std::string said(const std::string& flags) {
    const auto text = capture({.words = {"sh", "-c", QC_BINARY_DIR "/quantcase bench " + flags + " 2>&1; echo exit $?"}}, Seconds(60));
    return text ? *text : text.error().message;
  }
  Json json_of(const std::string& flags, int code = 0) {
    EXPECT_THAT(said(flags + " --quiet --json " + file("b.json")), EndsWith("exit " + std::to_string(code) + "\n"));
    return Json::parse(read_file(dir_ / "b.json").value());
  }
  [[nodiscard]] std::string file(const std::string& name) const { return (dir_ / name).string(); }
  const fs::path dir_ = fs::temp_directory_path() / ("qc_bench_" + std::to_string(getpid()));
};

TEST_F(Bench, AClosedLoopIsToldWhole) {
  const test::ScriptedServer server({.first = kFirst, .gap = 2ms});
  const Json b = json_of("--url " + server.url() + "/v1 --concurrency 4 --requests 20 --max-tokens 10 --warmup 2 --records " + file("r.jsonl"));
  EXPECT_EQ(b["requests_ok"], 20);
  EXPECT_EQ(b["requests_failed"], 0);
  EXPECT_EQ(b["failures"], Json::object());
  EXPECT_EQ(b["output_tokens"], 200);
  EXPECT_EQ(b["ttft_ms"]["n"], 20);
  EXPECT_EQ(b["chunk_gap_ms"]["n"], 180);
  EXPECT_NEAR(b["ttft_ms"]["p50"].get<double>(), 400, 15);
  EXPECT_GE(b["tpot_ms"]["min"].get<double>(), 1.5);
  EXPECT_GE(b["e2e_ms"]["min"].get<double>(), 418);
  EXPECT_NEAR(b["output_tok_s"].get<double>(), 4 * 10 / 0.420, 10);
  for (const char* key : {"send_lateness_p50", "send_lateness_p99", "read_lag_p50", "read_lag_p99"}) EXPECT_TRUE(b["own_error_us"][key].is_number()) << key;
  EXPECT_THAT(b["own_error_us"]["stamp"].get<std::string>(), testing::AnyOf("kernel", "user"));
  EXPECT_GT(b["client_cpu_s"].get<double>(), 0);
  EXPECT_GT(b["client_peak_rss_mib"].get<double>(), 1);
  EXPECT_EQ(server.requests().size(), 22u);
  EXPECT_THAT(server.requests()[0].body, HasSubstr("\"ignore_eos\":true"));
  EXPECT_EQ(server.requests()[5].path, "/v1/completions");

  const auto lines = split(trim(read_file(dir_ / "r.jsonl").value()), '\n');
  ASSERT_EQ(lines.size(), 20u);
  const Json r = Json::parse(lines[3]);
  EXPECT_EQ(r["event_ns"].size(), 10u);
  EXPECT_EQ(r["tokens"].size(), 10u);
  EXPECT_EQ(r["stamp"].size(), 10u);
  EXPECT_EQ(r["event_ns"][0], r["first_ns"]);
  EXPECT_EQ(r["event_ns"][9], r["last_ns"]);
  EXPECT_LT(r["sent_ns"].get<std::int64_t>(), r["first_ns"].get<std::int64_t>());
  EXPECT_EQ(r["output_tokens"], 10);
  EXPECT_EQ(r["finish_reason"], "length");
  EXPECT_TRUE(r["failure"].is_null());
}

// Four events of two tokens, of which the first alone tells nothing: usage in every event does.
TEST_F(Bench, TokensAreCreditedToTheEventThatBroughtThem) {
  const test::ScriptedServer server({.name = "pairs", .first = kFirst});
  const Json b = json_of("--url " + server.url() + " --concurrency 2 --requests 4 --max-tokens 8 --records " + file("r.jsonl"));
  EXPECT_EQ(b["output_tokens"], 32);
  const auto lines = split(trim(read_file(dir_ / "r.jsonl").value()), '\n');
  ASSERT_EQ(lines.size(), 4u);
  for (const auto& line : lines) EXPECT_EQ(Json::parse(line)["tokens"], (Json{2, 2, 2, 2}));
}

TEST_F(Bench, AServerThatRefusesUsageInEachEventIsAskedWithoutIt) {
  const test::ScriptedServer server({.name = "strict", .first = kFirst});
  const Json b = json_of("--url " + server.url() + " --concurrency 2 --requests 4 --max-tokens 4 --warmup 2");
  EXPECT_EQ(b["requests_ok"], 4);
  EXPECT_EQ(b["requests_failed"], 0);
  const auto seen = server.requests();
  ASSERT_EQ(seen.size(), 8u);                               // two refused, two to warm up, four that count
  for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i].body.find("continuous_usage_stats") != std::string::npos, i < 2) << i;
}

TEST_F(Bench, ItsPeakMemoryIsItsOwnAndNotThatOfWhoeverStartedIt) {
  const std::vector<char> ours(std::size_t{400} << 20, 'x');
  const test::ScriptedServer server({.first = kFirst});
  ASSERT_TRUE(capture({.words = {QC_BINARY_DIR "/quantcase", "bench", "--url", server.url(), "--concurrency", "1", "--requests", "2", "--max-tokens", "2", "--quiet", "--json", file("b.json")}}, Seconds(60)));
  const double mib = Json::parse(read_file(dir_ / "b.json").value())["client_peak_rss_mib"];
  EXPECT_GT(mib, 1);
  EXPECT_LT(mib, 300) << ours.size();
}

TEST_F(Bench, AnOpenLoopKeepsItsRate) {
  const test::ScriptedServer server({.first = kFirst, .gap = 1ms});
  const Json b = json_of("--url " + server.url() + " --rate 50 --arrival constant --duration 1 --max-tokens 4");
  EXPECT_EQ(b["requests_ok"], 49);                       // the fiftieth would be due at the end
  EXPECT_EQ(b["rate"], 50.0);
  EXPECT_TRUE(b["concurrency"].is_null());
  EXPECT_DOUBLE_EQ(b["window_s"].get<double>(), 1);
  EXPECT_GE(server.most_at_once(), 16);
}

TEST_F(Bench, FailuresAreCountedByKindAndEndAsFour) {
  const test::ScriptedServer server({.name = "error-event"});
  const Json b = json_of("--url " + server.url() + " --concurrency 2 --requests 6 --max-tokens 8 --warmup 0", 4);
  EXPECT_EQ(b["requests_failed"], 6);
  EXPECT_EQ(b["failures"], (Json{{"error_event", 6}}));
  EXPECT_EQ(b["valid"], false);
  EXPECT_EQ(b["ttft_ms"]["n"], 0);
  EXPECT_TRUE(b["ttft_ms"]["p50"].is_null());
}

TEST_F(Bench, NothingListeningIsThreeAfterFiveSeconds) {
  const Instant before = monotonic_clock().now();
  EXPECT_THAT(said("--url http://127.0.0.1:1 --concurrency 1 --requests 1"), AllOf(HasSubstr("nothing answers at http://127.0.0.1:1 within 5 s"), EndsWith("exit 3\n")));
  const double took = seconds(monotonic_clock().now() - before);
  EXPECT_GT(took, 4.5);
  EXPECT_LT(took, 7);
}

TEST_F(Bench, ATraceIsReplayed) {
  ASSERT_TRUE(write_file(dir_ / "t.jsonl", "{\"timestamp\": 1000, \"input_length\": 3, \"output_length\": 5}\n{\"timestamp\": 1100, \"input_length\": 7, \"output_length\": 2}\n"));
  const test::ScriptedServer server({.first = kFirst, .gap = 1ms});
  const Json b = json_of("--url " + server.url() + " --warmup 0 --trace " + file("t.jsonl"));
  EXPECT_EQ(b["output_tokens"], 7);
  const auto seen = server.requests();
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_NEAR(seconds(seen[1].at - seen[0].at), 0.1, 0.05);
  EXPECT_EQ(split(Json::parse(seen[1].body)["prompt"].get<std::string>(), ' ').size(), 7u);
}

TEST_F(Bench, ATracesTextsAreSizedByTheServersTokenizer) {
  ASSERT_TRUE(write_file(dir_ / "t.jsonl", "{\"timestamp\": 0, \"input_length\": 40, \"output_length\": 5}\n{\"timestamp\": 10, \"input_length\": 100, \"output_length\": 2}\n"));
  // Two tokens a word.
  const test::ScriptedServer server({.first = kFirst}, {.pages = [](const std::string&, const std::string& path) -> std::optional<test::Page> {
    if (path != "/tokenize") return std::nullopt;
    std::string ids = "0";
    for (int i = 1; i < 2 * 500; ++i) ids += ",0";
    return test::Page{"200 OK", "{\"tokens\":[" + ids + "]}"};
  }});
  const Json b = json_of("--url " + server.url() + " --warmup 0 --trace " + file("t.jsonl"), 0);
  const auto seen = server.requests();
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(split(Json::parse(seen[1].body)["prompt"].get<std::string>(), ' ').size(), 50u);
  EXPECT_THAT(b["prompts_source"].get<std::string>(), AllOf(HasSubstr("with the trace's input lengths, 40 to 100 tokens, at 0.500 words a token"), HasSubstr("answers of its output lengths, 2 to 5 tokens")));
  EXPECT_TRUE(b["max_tokens"].is_null());
}

TEST_F(Bench, FlagsThatATraceOrALoopCantHaveAreRefused) {
  const std::string url = "--url http://127.0.0.1:1 ";
  EXPECT_THAT(said(url + "--trace t.jsonl --ramp 5"), AllOf(HasSubstr("--ramp 5: not with --trace"), EndsWith("exit 2\n")));
  EXPECT_THAT(said(url + "--trace t.jsonl --arrival burst:4"), AllOf(HasSubstr("--arrival burst:4: of an open loop at a --rate only; a trace has its own times"), EndsWith("exit 2\n")));
  EXPECT_THAT(said(url + "--trace t.jsonl --max-tokens 3"), AllOf(HasSubstr("--max-tokens 3: not with --trace"), EndsWith("exit 2\n")));
  EXPECT_THAT(said(url + "--trace t.jsonl --shared-prefix 50"), AllOf(HasSubstr("--shared-prefix: not with --trace"), EndsWith("exit 2\n")));
  EXPECT_THAT(said(url + "--concurrency 2 --requests 2 --arrival gamma:0.5"), AllOf(HasSubstr("--arrival gamma:0.5: of an open loop at a --rate only; a closed loop has its own times"), EndsWith("exit 2\n")));
}

// Usage says 10 tokens, the server's own tokenizer finds 20 in the text.
TEST_F(Bench, UsageThatTheSecondCountContradictsIsAWarning) {
  const auto tokens = [](int n) {
    return test::ServerOptions{.pages = [n](const std::string&, const std::string& path) -> std::optional<test::Page> {
      std::string ids = "0";
      for (int i = 1; i < n; ++i) ids += ",0";
      return path == "/tokenize" ? std::optional(test::Page{"200 OK", "{\"tokens\":[" + ids + "]}"}) : std::nullopt;
    }};
  };
  const std::string flags = " --concurrency 2 --requests 4 --max-tokens 10 --prompts chat";
  const test::ScriptedServer wrong({.first = kFirst}, tokens(20)), right({.first = kFirst}, tokens(10));
  const Json bad = json_of("--url " + wrong.url() + flags), good = json_of("--url " + right.url() + flags);
  EXPECT_EQ(bad["second_count"]["answers"], 4);
  EXPECT_DOUBLE_EQ(bad["second_count"]["share_of_usage"].get<double>(), 2);
  EXPECT_EQ(bad["warnings"].value("usage disagrees with the second count, by the server's tokenizer, by over 1 %", 0), 4);
  EXPECT_DOUBLE_EQ(good["second_count"]["share_of_usage"].get<double>(), 1);
  EXPECT_TRUE(good["warnings"].empty()) << good["warnings"];
  EXPECT_THAT(said("--url " + wrong.url() + flags), HasSubstr("second count: the server's tokenizer finds 200.0 % of the tokens in usage, over 4 answers"));
}

TEST_F(Bench, APercentileHasItsIntervalOrWhatItTakes) {
  const test::ScriptedServer server({.first = kFirst});
  const std::string flags = "--url " + server.url() + " --concurrency 20 --max-tokens 1 --requests ";
  const Json few = json_of(flags + "20");
  EXPECT_TRUE(few["e2e_ms"]["p95_interval"].is_null());
  EXPECT_THAT(said(flags + "20"), HasSubstr("p95 of e2e: no interval, 39 more requests are needed for one"));
  const Json many = json_of(flags + "100");
  ASSERT_EQ(many["e2e_ms"]["p95_interval"].size(), 2u);
  EXPECT_LE(many["e2e_ms"]["p95_interval"][0], many["e2e_ms"]["p95"]);
  EXPECT_GE(many["e2e_ms"]["p95_interval"][1], many["e2e_ms"]["p95"]);
  EXPECT_TRUE(many["itl_ms"]["p95_interval"].is_null()) << "tokens of one request share its luck";
  EXPECT_EQ(many["own_error_us"]["events_kernel_stamped"].get<int>() + many["own_error_us"]["events_user_stamped"].get<int>(), 100);
}

TEST_F(Bench, GoodputCountsWhatKeepsEveryLimit) {
  const test::ScriptedServer server({.first = kFirst, .gap = 1ms});
  const std::string flags = "--url " + server.url() + " --concurrency 5 --requests 10 --max-tokens 4 ";
  const Json good = json_of(flags + "--slo p95_e2e=2s,ttft=1s");
  EXPECT_EQ(good["goodput"]["requests_good"], 10);
  EXPECT_EQ(good["goodput"]["good_share"], 1.0);
  EXPECT_DOUBLE_EQ(good["goodput"]["requests_per_s"].get<double>(), good["requests_per_s"].get<double>());
  EXPECT_EQ(good["goodput"]["limits"][1], "ttft <= 1000 ms");
  const Json bad = json_of(flags + "--slo e2e=2s,ttft=5ms");
  EXPECT_EQ(bad["goodput"]["requests_good"], 0);
  EXPECT_EQ(bad["goodput"]["requests_per_s"], 0.0);
  EXPECT_TRUE(json_of(flags)["goodput"].is_null());
}

TEST_F(Bench, EndsWhenTheIntervalIsNarrow) {
  const test::ScriptedServer server({.first = kFirst});
  const Json b = json_of("--url " + server.url() + " --concurrency 48 --max-tokens 1 --prompts random:8 --until-ci 10%");
  EXPECT_EQ(b["until_ci"]["reached"], true);
  EXPECT_EQ(b["until_ci"]["wanted_half_width"], 0.1);
  EXPECT_LE(b["until_ci"]["e2e_ms"]["half_width"].get<double>(), 0.1 * b["until_ci"]["e2e_ms"]["mean"].get<double>());
  EXPECT_GE(b["requests_ok"].get<int>(), 300);
  EXPECT_LT(b["requests_ok"].get<int>(), 20000);
  EXPECT_NEAR(b["until_ci"]["e2e_ms"]["mean"].get<double>(), 400, 20);
  EXPECT_THAT(said("--url " + server.url() + " --concurrency 25 --requests 50 --max-tokens 1 --until-ci 1%"), AllOf(HasSubstr("interval of the mean e2e: n/a, too few requests"), EndsWith("exit 0\n")));
}

TEST_F(Bench, AnOpenLoopThatWasEnoughEndsItsWindowThere) {
  const test::ScriptedServer server({.first = kFirst});
  const Json b = json_of("--url " + server.url() + " --rate 400 --arrival constant --duration 60 --max-tokens 1 --prompts random:8 --until-ci 20%");
  EXPECT_EQ(b["until_ci"]["reached"], true);
  EXPECT_LT(b["window_s"].get<double>(), 20);
  const double window = b["window_s"].get<double>();
  EXPECT_NEAR(b["output_tok_s"].get<double>(), 400 * (window - seconds(kFirst)) / window, 40);   // in the first 0.4 s nothing comes
}

// 256 texts: after each of the 128 once, they come again with their words moved on, so that no cache has seen them.
TEST_F(Bench, RandomPromptsAreNeverTheSameAndShareWhatTheyAreToldTo) {
  const test::ScriptedServer server({.first = kFirst});
  const Json b = json_of("--url " + server.url() + " --concurrency 64 --requests 256 --max-tokens 1 --warmup 0 --prompts random:12 --shared-prefix 5");
  EXPECT_THAT(b["prompts_source"].get<std::string>(), AllOf(HasSubstr("12 tokens by the server's tokenizer"), HasSubstr("the first 5 tokens are the same in all")));
  std::set<std::string> prompts, prefixes;
  for (const auto& each : server.requests()) {
    const std::string prompt = Json::parse(each.body)["prompt"].get<std::string>();
    const auto words = split(prompt, ' ');
    ASSERT_EQ(words.size(), 12u);
    prompts.insert(prompt);
    prefixes.insert(words[0] + words[1] + words[2] + words[3] + words[4]);
    EXPECT_THAT(each.body, testing::Not(HasSubstr("cache_prompt")));
  }
  EXPECT_EQ(prompts.size(), 256u);
  EXPECT_EQ(prefixes.size(), 1u);
}

TEST_F(Bench, WrongFlagsAreTwoAndName) {
  const std::string url = "--url http://127.0.0.1:1 ";
  EXPECT_THAT(said(url + "--requests 1"), AllOf(HasSubstr("one of --concurrency N"), EndsWith("exit 2\n")));
  EXPECT_THAT(said(url + "--concurrency 1 --requests 1 --slo p95_x=1s"), AllOf(HasSubstr("--slo p95_x=1s: accepted"), EndsWith("exit 2\n")));
  EXPECT_THAT(said(url + "--concurrency 1 --requests 1 --until-ci 200%"), AllOf(HasSubstr("--until-ci 200%: accepted"), EndsWith("exit 2\n")));
  EXPECT_THAT(said(url + "--concurrency 1 --requests 1 --shared-prefix 300"), AllOf(HasSubstr("a shared prefix of 300 tokens leaves nothing"), EndsWith("exit 2\n")));
  EXPECT_THAT(said(url + "--concurrency 1 --rate 2 --requests 1"), AllOf(HasSubstr("2 were given"), EndsWith("exit 2\n")));
  EXPECT_THAT(said(url + "--concurrency 1"), AllOf(HasSubstr("--requests N, --duration S or --until-ci"), EndsWith("exit 2\n")));
  EXPECT_THAT(said(url + "--concurrency 0 --requests 1"), AllOf(HasSubstr("--concurrency 0: accepted: a whole number from 1"), EndsWith("exit 2\n")));
  EXPECT_THAT(said(url + "--rate 5 --arrival gamma --requests 1"), AllOf(HasSubstr("--arrival gamma: accepted: poisson, constant, gamma:BURSTINESS"), EndsWith("exit 2\n")));
  EXPECT_THAT(said(url + "--rate 5 --requests 1 --prompts nowhere.jsonl"), AllOf(HasSubstr("nowhere.jsonl"), EndsWith("exit 2\n")));
  EXPECT_THAT(said("--url ftp://x --rate 5 --requests 1"), AllOf(HasSubstr("--url"), EndsWith("exit 2\n")));
  EXPECT_THAT(said(url + "--concurency 1 --requests 1"), AllOf(HasSubstr("did you mean --concurrency?"), EndsWith("exit 2\n")));
}

}  // namespace
}  // namespace qc
