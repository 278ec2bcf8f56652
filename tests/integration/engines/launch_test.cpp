// Starts that go wrong or run elsewhere, with programs whose behaviour is known.
#include "core/stop.h"
#include "integration/engines/support.h"

namespace qc {
namespace {

using test::alive;
using test::context_of;
using test::kFakeServer;
using test::launch_first;
using test::study_of;
using test::test_folder;
using testing::AllOf;
using testing::HasSubstr;

/// A study whose servers are started by a shell script; "$@" in it stands for our words.
Study scripted(const std::string& script, double timeout_s = 20) {
  auto study = study_of({"q4"});
  study.engine.command = {"sh", "-c", script, "sh"};
  study.engine.start_timeout_s = timeout_s;
  return study;
}

TEST(Launch, WaitsForTheServerAndOwnsIt) {
  auto engine = launch_first(scripted("exec " + kFakeServer + " \"$@\""));
  ASSERT_TRUE(engine) << engine.error().message;
  const pid_t pid = *(*engine)->pid();
  EXPECT_TRUE(alive(pid));
  EXPECT_EQ((*engine)->served_model(), "q4");
  EXPECT_EQ((*engine)->facts().slots, 2);
  EXPECT_EQ((*engine)->facts().context_per_request, 256);
  EXPECT_GT(*(*engine)->facts().start_s, 0);
  EXPECT_FALSE((*engine)->died());
  EXPECT_FALSE((*engine)->counters());
  EXPECT_EQ((*engine)->default_endpoint(), EndpointKind::completions);  // it tells no template
  EXPECT_EQ((*engine)->stop(), "stopped");
  EXPECT_EQ((*engine)->stop(), "stopped");
  EXPECT_FALSE(alive(pid));
}

TEST(Launch, DestroyingTheEngineStopsTheServer) {
  auto engine = launch_first(scripted("exec " + kFakeServer + " \"$@\""));
  ASSERT_TRUE(engine);
  const pid_t pid = *(*engine)->pid();
  engine->reset();
  EXPECT_FALSE(alive(pid));
}

TEST(Launch, ExitAtOnceQuotesTheLastLines) {
  const auto study = scripted("echo loading; echo 'error: invalid argument: --bogus' >&2; exit 3");
  const auto engine = launch_first(study);
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().fault, Fault::engine);
  EXPECT_THAT(engine.error().message, AllOf(HasSubstr("the server of q4 ended before it was ready: exit code 3"), HasSubstr("error: invalid argument: --bogus"),
                                            HasSubstr("engine.args"), HasSubstr("Command: sh -c"), HasSubstr("logs/q4.1.log")));
}

TEST(Launch, NeverReadyEndsAtTheTimeout) {
  const auto study = scripted("echo pid $$; echo waiting for the weights; sleep 60", 0.5);
  const auto engine = launch_first(study);
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().fault, Fault::engine);
  EXPECT_THAT(engine.error().message, AllOf(HasSubstr("was not ready after 0.5 s (engine.start_timeout_s)"), HasSubstr("waiting for the weights")));
  EXPECT_FALSE(alive(test::pid_after(test_folder() / "logs" / "q4.1.log", "pid")));
}

TEST(Launch, MissingProgramIsNamed) {
  auto study = study_of({"q4"});
  study.engine.command = {"/no/such/llama-server"};
  const auto engine = launch_first(study);
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().fault, Fault::engine);
  EXPECT_THAT(engine.error().message, HasSubstr("/no/such/llama-server"));
}

TEST(Launch, InterruptGivesUpTheWait) {
  const auto study = scripted("sleep 60");
  StopFlag stop;
  stop.ask();
  auto context = context_of(study);
  context.stop = &stop;
  EXPECT_EQ(launch(study.variants.front(), context).error().fault, Fault::interrupted);
}

TEST(Launch, ATakenPortIsTriedOnceMore) {
  const auto flag = (test_folder() / "tried").string();
  const std::string taken = "echo \"0.00.003.615 E srv start: couldn't bind HTTP server socket, hostname: 127.0.0.1, port: 1\"; exit 1; ";
  auto engine = launch_first(scripted("if [ ! -e " + flag + " ]; then touch " + flag + "; " + taken + "fi; exec " + kFakeServer + " \"$@\""));
  EXPECT_TRUE(engine) << engine.error().message;
  const auto again = launch_first(scripted(taken));
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().message, HasSubstr("couldn't bind"));
}

TEST(Launch, FewerSlotsThanAskedAreAnError) {
  const auto engine = launch_first(scripted("exec " + kFakeServer + " \"$@\" -np 1"));
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().fault, Fault::engine);
  EXPECT_THAT(engine.error().message, AllOf(HasSubstr("1 requests at once, not the 2"), HasSubstr("max_num_seqs = 1")));
}

TEST(Launch, LessContextThanAskedIsAnError) {
  const auto engine = launch_first(scripted("exec " + kFakeServer + " \"$@\" -c 200"));
  ASSERT_FALSE(engine);
  EXPECT_THAT(engine.error().message, AllOf(HasSubstr("100 tokens, not the 256"), HasSubstr("max_model_len = 100")));
}

TEST(Launch, AnotherModelsServerIsRefused) {
  const auto engine = launch_first(scripted("exec " + kFakeServer + " \"$@\" --alias other"));
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().fault, Fault::refused);
  EXPECT_THAT(engine.error().message, AllOf(HasSubstr("\"other\""), HasSubstr("q4")));
}

TEST(Launch, EnvironmentReachesTheServer) {
  auto study = scripted("echo value $QC_ENGINE_TEST; exit 1");
  study.engine.env = {{"QC_ENGINE_TEST", "seen"}};
  EXPECT_THAT(launch_first(study).error().message, HasSubstr("value seen"));
}

TEST(Launch, CudaCountsTheCardsAsWeReadThem) {
  auto study = scripted("echo order $CUDA_DEVICE_ORDER; exit 1");
  EXPECT_THAT(launch_first(study).error().message, HasSubstr("order PCI_BUS_ID"));
  study.engine.env = {{"CUDA_DEVICE_ORDER", "FASTEST_FIRST"}};
  EXPECT_THAT(launch_first(study).error().message, HasSubstr("order FASTEST_FIRST"));
}

TEST(Launch, ADeathIsToldWithItsSignal) {
  auto engine = launch_first(scripted("echo all is well; exec " + kFakeServer + " \"$@\""));
  ASSERT_TRUE(engine) << engine.error().message;
  test::end_process(*(*engine)->pid());
  std::optional<std::string> died;
  ASSERT_TRUE(test::wait_until([&] { return (died = (*engine)->died()).has_value(); }, 5));
  EXPECT_THAT(*died, AllOf(HasSubstr("the server of q4 ended with signal 9 (Killed)"), HasSubstr("all is well"), HasSubstr("q4.1.log")));
  EXPECT_EQ((*engine)->stop(), "signal 9 (Killed)");
}

/// As `docker run -d` or ssh would: the command leaves, the server stays in a session of its own.
Study elsewhere(int port) {
  const auto pid_file = (test_folder() / "pid").string();
  auto study = scripted("setsid " + kFakeServer + " \"$@\" >/dev/null 2>&1 & echo $! > " + pid_file);
  study.engine.connect = "127.0.0.1:" + std::to_string(port);
  study.engine.stop = {"sh", "-c", "kill $(cat " + pid_file + ")"};
  return study;
}

TEST(LaunchElsewhere, TheStopCommandEndsIt) {
  auto study = elsewhere(*free_port());
  auto engine = launch_first(study);
  ASSERT_TRUE(engine) << engine.error().message;
  const auto pid = static_cast<pid_t>(std::stol(test::read_all(test_folder() / "pid")));
  EXPECT_TRUE(alive(pid));
  EXPECT_FALSE((*engine)->pid());  // not our child: its memory is not ours to read
  EXPECT_FALSE((*engine)->died());
  EXPECT_THAT((*engine)->facts().command, AllOf(HasSubstr("--host 0.0.0.0"), HasSubstr("--port " + study.engine.connect->substr(10))));
  EXPECT_EQ((*engine)->stop(), "stopped");
  EXPECT_TRUE(test::wait_until([&] { return !alive(pid); }, 5));
}

TEST(LaunchElsewhere, ItsDeathShowsAtItsAddress) {
  auto study = elsewhere(*free_port());
  study.engine.stop = {"sh", "-c", "echo no such container >&2; exit 1"};
  auto engine = launch_first(study);
  ASSERT_TRUE(engine) << engine.error().message;
  test::end_process(static_cast<pid_t>(std::stol(test::read_all(test_folder() / "pid"))));
  ASSERT_TRUE(test::wait_until([&] { return (*engine)->died().has_value(); }, 5));
  EXPECT_THAT((*engine)->stop(), AllOf(HasSubstr("stopped; the server may live on"), HasSubstr("no such container")));
}

TEST(LaunchElsewhere, WithoutAStopCommandItIsSaid) {
  auto study = elsewhere(*free_port());
  const auto stop = study.engine.stop;
  study.engine.stop.clear();
  auto engine = launch_first(study);
  ASSERT_TRUE(engine) << engine.error().message;
  EXPECT_THAT((*engine)->facts().unknown, testing::Contains(HasSubstr("whether the server ends with us")));
  EXPECT_THAT((*engine)->stop(), HasSubstr("may live on"));
  EXPECT_TRUE(capture({.words = stop}, Seconds(5)));
}

TEST(LaunchElsewhere, AFailedStartRunsTheStopCommandToo) {
  auto study = elsewhere(*free_port());
  study.engine.connect = "127.0.0.1:" + std::to_string(*free_port());
  study.engine.args = {"--port", std::to_string(*free_port())};  // it listens where nobody looks
  study.engine.start_timeout_s = 1;
  const auto engine = launch_first(study);
  ASSERT_FALSE(engine);
  const auto pid = static_cast<pid_t>(std::stol(test::read_all(test_folder() / "pid")));
  EXPECT_TRUE(test::wait_until([&] { return !alive(pid); }, 5));
}

TEST(LaunchElsewhere, ALeftoverServerIsNotTakenForOurs) {
  test::FakeServer leftover("leftover", {{"health", "200\n{}"}});
  auto study = elsewhere(1);
  study.engine.connect = leftover.url().substr(7);
  const auto engine = launch_first(study);
  ASSERT_FALSE(engine);
  EXPECT_THAT(engine.error().message, AllOf(HasSubstr("before ours was started"), HasSubstr(leftover.url())));
}

Study vllm_study(const std::string& log, std::vector<std::string> more = {}) {
  auto study = study_of({"awq"});
  study.engine = {};
  study.engine.kind = EngineKind::vllm;
  study.engine.command = {QC_BINARY_DIR "/fake_server", "--say", QC_SOURCE_DIR "/tests/fixtures/vllm/" + log};
  study.engine.command.insert(study.engine.command.end(), more.begin(), more.end());
  study.engine.max_model_len = 20480, study.engine.max_num_seqs = 128, study.engine.gpu_memory_utilization = 0.9;
  study.variants[0].model = "Qwen/Qwen2.5-3B-Instruct-AWQ", study.variants[0].local = false;
  return study;
}

TEST(LaunchVllm, ItsFactsComeFromItsLogAndItsAnswers) {
  auto engine = launch_first(vllm_study("starts/h100_awq.log"));
  ASSERT_TRUE(engine) << engine.error().message;
  const VariantFacts& facts = (*engine)->facts();
  EXPECT_EQ(facts.server, "vLLM");
  EXPECT_EQ(facts.server_version, "0.25.1");
  EXPECT_EQ(facts.method, "auto_awq");
  EXPECT_EQ(facts.weights_bytes, static_cast<std::int64_t>(5.49 * (1 << 30) + 0.5));
  EXPECT_EQ(facts.kv_tokens, 527920);
  EXPECT_EQ(facts.context_per_request, 20480);
  EXPECT_EQ(facts.slots, 128);
  EXPECT_THAT(facts.command, AllOf(HasSubstr(" serve Qwen/Qwen2.5-3B-Instruct-AWQ --served-model-name awq"), HasSubstr("--no-enable-prefix-caching")));
  EXPECT_THAT(facts.settings, testing::Contains(testing::Pair("kernel", "MacheteLinearKernel for AutoAWQMarlinLinearMethod")));
  EXPECT_THAT(facts.settings, testing::Contains(testing::Pair("prefix caching", "off")));
  EXPECT_EQ((*engine)->served_model(), "awq");
  EXPECT_EQ((*engine)->default_endpoint(), EndpointKind::chat);
  EXPECT_EQ((*engine)->stop(), "stopped");
}

TEST(LaunchVllm, AFailedStartNamesItsCauseAndTheRemedy) {
  const auto engine = launch_first(vllm_study("failures/oom_70b.log", {"--end", "1"}));
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().fault, Fault::engine);
  EXPECT_THAT(engine.error().message, AllOf(HasSubstr("the server of awq ended before it was ready: exit code 1"), HasSubstr("torch.OutOfMemoryError"),
                                            HasSubstr("does not fit on this GPU"), HasSubstr("Whole log: ")));
}

TEST(LaunchVllm, LessContextThanAskedForIsSaid) {
  auto study = vllm_study("starts/h100_awq.log");
  study.variants[0].args = {"--max-model-len", "4096"};
  const auto engine = launch_first(study);
  ASSERT_FALSE(engine);
  EXPECT_THAT(engine.error().message, HasSubstr("4096 tokens, not the 20480"));
}

TEST(Launch, SglangIsAttachedToForNow) {
  auto study = study_of({"awq"});
  study.variants[0].model = "Qwen/Qwen2.5-3B-Instruct-AWQ";
  study.engine.kind = EngineKind::sglang;
  EXPECT_THAT(launch_first(study).error().message, AllOf(HasSubstr("sglang.launch_server"), HasSubstr("url = ")));
  study.engine.kind = EngineKind::openai;
  EXPECT_THAT(launch_first(study).error().message, HasSubstr("`url`"));
}

}  // namespace
}  // namespace qc
