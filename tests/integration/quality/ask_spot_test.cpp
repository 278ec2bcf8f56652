// The spot suites put to the real sample model, and to a port where nothing listens.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>

#include "core/files.h"
#include "core/process.h"
#include "measure/client/http.h"
#include "measure/quality/quality.h"
#include "support/scripted_server.h"

namespace qc {
namespace {

/// A folder's first file with this name, or an empty path.
std::filesystem::path find_below(const std::filesystem::path& folder, const std::string& name) {
  std::error_code error;
  for (auto it = std::filesystem::recursive_directory_iterator(folder, std::filesystem::directory_options::follow_directory_symlink, error);
       it != std::filesystem::recursive_directory_iterator(); it.increment(error))
    if (it->path().filename() == name) return it->path();
  return {};
}

std::filesystem::path from_environment(const char* name, const std::filesystem::path& otherwise) {
  const char* value = std::getenv(name);
  return value && *value ? std::filesystem::path(value) : otherwise;
}

ClientOptions client_at(int port) {
  ClientOptions client;
  client.address = {false, "127.0.0.1", std::to_string(port), ""};
  return client;
}

bool becomes_ready(const ClientOptions& client) {
  for (int i = 0; i < 300; ++i) {
    if (const auto reply = http_get(client.address, "/health", Seconds(1)); reply && reply->status == 200) return true;
    monotonic_clock().sleep_until(monotonic_clock().now() + std::chrono::milliseconds(100));
  }
  return false;
}

TEST(AskSpot, AServerThatIsNotThereGivesAnswersWithAFailureAndNoScore) {
  const auto items = load_spot({"factual"}).value();
  const int port = free_port().value();
  StopFlag stop;
  const auto answers = ask_spot(client_at(port), "m", EndpointKind::chat, "v", {items[0], items[1]}, 0, 2, std::nullopt, stop, nullptr).answers;
  ASSERT_EQ(answers.size(), 2u);
  for (const Answer& answer : answers) {
    EXPECT_EQ(answer.failure.substr(0, 7), "connect");
    EXPECT_FALSE(answer.score.has_value());
    EXPECT_EQ(answer.score_because.substr(0, 24), "Not graded: no answer (c");
  }
}

TEST(AskSpot, AServerThatGivesNoByteIsNotAskedOnAndOn) {
  const test::ScriptedServer silent({.name = "silent"});
  const auto items = load_spot({"factual"}).value();
  StopFlag stop;
  ClientOptions client = client_at(silent.port());
  client.byte_timeout = Seconds(0.2);
  const auto [answers, in_vain] = ask_spot(client, "m", EndpointKind::chat, "v", items, 0, 2, std::nullopt, stop, nullptr);
  EXPECT_GE(in_vain, 2);
  EXPECT_LE(in_vain, 4);
  ASSERT_EQ(answers.size(), items.size()) << "what was not asked counts as failed";
  EXPECT_EQ(answers.back().failure, fmt::format("timeout: not asked, since {} before it waited in vain", in_vain));
  EXPECT_EQ(answers.back().prompt_sha256, sha256(items.back().prompt));
}

class RealModel : public testing::Test {
 protected:
  void SetUp() override {
    const auto server = from_environment("QC_TEST_LLAMA_SERVER", cache_dir() / "llama/current/bin/llama-server");
    const auto model = from_environment("QC_TEST_MODEL", find_below(cache_dir() / "models", "SmolLM2-135M-Instruct.Q4_1.gguf"));
    if (!std::filesystem::exists(server) || model.empty()) GTEST_SKIP() << "no llama-server or sample model in " << cache_dir();
    const int port = free_port().value();
    client_ = client_at(port);
    Command command{{server, "-m", model, "--host", "127.0.0.1", "--port", std::to_string(port), "-np", "2", "-c", "2048", "-t", "1", "--no-ui"}, {}};
    auto process = Process::start(command, testing::TempDir() + "ask_spot_server.log");
    ASSERT_TRUE(process) << process.error().message;
    server_ = std::make_unique<Process>(std::move(*process));
    ASSERT_TRUE(becomes_ready(client_));
  }

  ClientOptions client_;
  std::unique_ptr<Process> server_;
  StopFlag stop_;
};

TEST_F(RealModel, AnswersSomeItemsOfEverySuiteAndNotAllOfThem) {
  const auto items = load_spot(builtin_spot_suites()).value();
  int last_done = 0;
  const auto answers = ask_spot(client_, "m", EndpointKind::chat, "q4_1", items, 0, 2, std::nullopt, stop_, [&](int done, int) { last_done = done; }).answers;
  ASSERT_EQ(answers.size(), items.size());
  EXPECT_EQ(last_done, static_cast<int>(items.size()));
  std::map<std::string, double> sum;
  std::map<std::string, int> count;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const Answer& a = answers[i];
    EXPECT_EQ(a.item, items[i].id);
    EXPECT_EQ(a.failure, "");
    ASSERT_TRUE(a.score.has_value()) << a.item;
    EXPECT_EQ(a.prompt_sha256, sha256(a.prompt));
    sum[a.suite] += *a.score;
    ++count[a.suite];
    std::printf("%-13s %-12s %.2f  %s\n", a.suite.c_str(), a.item.c_str(), *a.score, a.score_because.c_str());
  }
  for (const auto& [suite, total] : sum) {
    const double mean = total / count[suite];
    std::printf("%s: %.3f\n", suite.c_str(), mean);
    EXPECT_GT(mean, 0.2) << suite << ": nothing could be lost";
    EXPECT_LT(mean, 1.0) << suite << ": nothing could be gained";
  }
}

TEST_F(RealModel, TheRepeatIsHeldAgainstTheFirstRun) {
  const auto items = load_spot({"factual"}).value();
  const std::vector<SpotItem> three(items.begin(), items.begin() + 3);
  const auto first = ask_spot(client_, "m", EndpointKind::chat, "base", three, 0, 1, 8, stop_, nullptr).answers;
  auto again = ask_spot(client_, "m", EndpointKind::chat, "base", three, 1, 1, 8, stop_, nullptr).answers;
  compare_to(first, again);
  ASSERT_EQ(again.size(), 3u);
  for (const Answer& answer : again) {
    EXPECT_EQ(answer.run, 1);
    EXPECT_EQ(answer.exact, true) << answer.output;  // one slot, no cache: the same batch shapes, so the same bits
    EXPECT_NEAR(answer.similarity.value_or(0), 100, 1e-9);
  }
}

TEST_F(RealModel, AStopAskedForBeforehandLeavesNothingAsked) {
  stop_.ask();
  const auto items = load_spot({"factual"}).value();
  EXPECT_TRUE(ask_spot(client_, "m", EndpointKind::chat, "v", items, 0, 2, 8, stop_, nullptr).answers.empty());
}

}  // namespace
}  // namespace qc
