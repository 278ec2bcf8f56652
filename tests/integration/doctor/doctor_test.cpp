// `quantcase doctor` as a program. Its figures are computed again here, from what the server noted down; none of them is a promise of speed.
#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <thread>

#include "core/files.h"
#include "core/json.h"
#include "core/process.h"
#include "core/text.h"

namespace qc {
namespace {
namespace fs = std::filesystem;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

/// One run for all tests.
class Doctor : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    dir_ = fs::temp_directory_path() / ("qc_doctor_" + std::to_string(getpid()));
    fs::create_directories(dir_);
    const auto text = capture({.words = {"sh", "-c", QC_BINARY_DIR "/quantcase doctor --json " + (dir_ / "d.json").string() + " --records " + (dir_ / "r.jsonl").string() + " 2>&1; echo exit $?"}}, Seconds(120));
    said_ = text ? *text : text.error().message;
    json_ = Json::parse(read_file(dir_ / "d.json").value());
    for (const std::string& line : split(trim(read_file(dir_ / "r.jsonl").value()), '\n')) records_.push_back(Json::parse(line));
  }
  static void TearDownTestSuite() { fs::remove_all(dir_); }
  static inline fs::path dir_;
  static inline std::string said_;
  static inline Json json_;
  static inline std::vector<Json> records_;
};

/// numpy's default, written down anew.
double percentile(std::vector<double> xs, double q) {
  std::sort(xs.begin(), xs.end());
  const double place = q * static_cast<double>(xs.size() - 1);
  const auto low = static_cast<std::size_t>(std::floor(place));
  return low + 1 < xs.size() ? xs[low] + (place - static_cast<double>(low)) * (xs[low + 1] - xs[low]) : xs[low];
}

void expect_spread(const Json& told, const std::vector<double>& samples, const std::string& what) {
  EXPECT_EQ(told["n"], samples.size()) << what;
  EXPECT_NEAR(told["p50"].get<double>(), percentile(samples, 0.5), 1e-6) << what;
  EXPECT_NEAR(told["p99"].get<double>(), percentile(samples, 0.99), 1e-6) << what;
  EXPECT_NEAR(told["max"].get<double>(), percentile(samples, 1), 1e-6) << what;
}

TEST_F(Doctor, ErrorsAreThoseOfTheServersOwnTimes) {
  const Json& stages = json_["own_error"]["stages"];
  ASSERT_EQ(stages.size(), 7u);
  for (std::size_t i = 0; i < stages.size(); ++i) {
    std::vector<double> every, first, late;
    std::size_t kernel = 0, user = 0, requests = 0;
    for (const Json& r : records_) {
      if (r["stage"] != i) continue;
      ++requests;
      late.push_back((r["sent_ns"].get<double>() - r["intended_ns"].get<double>()) / 1e3);
      ASSERT_EQ(r["event_ns"].size(), r["true_ns"].size());
      for (std::size_t k = 0; k < r["event_ns"].size(); ++k) {
        every.push_back(std::abs(static_cast<double>(r["event_ns"][k].get<std::int64_t>() - r["true_ns"][k].get<std::int64_t>())) / 1e3);
        if (k == 0) first.push_back(every.back());
        ++(r["stamp"][k] == "kernel" ? kernel : user);
      }
    }
    const std::string what = "stage " + std::to_string(i);
    EXPECT_EQ(stages[i]["requests"], requests) << what;
    EXPECT_EQ(stages[i]["tokens"], every.size()) << what;
    expect_spread(stages[i]["event_error_us"], every, what);
    expect_spread(stages[i]["first_token_error_us"], first, what);
    EXPECT_NEAR(stages[i]["send_lateness_p99_us"].get<double>(), percentile(late, 0.99), 1) << what;
    EXPECT_EQ(stages[i]["kernel_stamps"], kernel) << what;
    EXPECT_EQ(stages[i]["user_stamps"], user) << what;
    EXPECT_EQ(stages[i]["failed"], 0) << what;
    EXPECT_EQ(stages[i]["unmatched"], 0) << what;
  }
}

TEST_F(Doctor, StagesAreAsTheyWereAskedFor) {
  const Json& stages = json_["own_error"]["stages"];
  for (std::size_t i = 0; i < 6; ++i) {
    const int streams = std::vector{1, 1, 16, 16, 256, 256}[i];
    EXPECT_EQ(stages[i]["streams"], streams);
    EXPECT_EQ(stages[i]["requests"], streams * 3);
    EXPECT_EQ(stages[i]["tokens"], streams * 3 * 32);
    EXPECT_EQ(stages[i]["rhythm"], i % 2 == 0 ? "lock_step" : "jittered");
  }
  for (const Json& r : records_)   // the truth itself: tokens of one answer in order, none before it is due
    for (std::size_t k = 1; k < r["true_ns"].size(); ++k) ASSERT_GE(r["true_ns"][k].get<std::int64_t>(), r["true_after_ns"][k - 1].get<std::int64_t>());
}

TEST_F(Doctor, FindingsAndExitCodeAgree) {
  bool invalid = false;
  std::vector<std::string> ids;
  for (const Json& f : json_["findings"]) {
    ids.push_back(f["id"]);
    invalid = invalid || f["severity"] == "invalid";
    EXPECT_EQ(f["remedy"].get<std::string>().empty(), f["severity"] == "fine") << f;
  }
  for (const char* id : {"own_error.events", "own_error.first_token", "own_error.stamps", "kernel.stamps", "clock.source", "cpu.load", "gpu", "files", "ports", "disk.cache", "kernel.io_uring"})
    EXPECT_THAT(ids, testing::Contains(id));
  EXPECT_EQ(json_["valid"], !invalid);
  EXPECT_THAT(said_, EndsWith(invalid ? "exit 4\n" : "exit 0\n"));
  EXPECT_THAT(said_, StartsWith("Measuring our own error against the built-in server: about "));
}

TEST_F(Doctor, TheTextHasALineForEachFinding) {
  for (const Json& f : json_["findings"]) EXPECT_THAT(said_, HasSubstr(f["severity"].get<std::string>() + std::string(9 - f["severity"].get<std::string>().size(), ' ') + f["id"].get<std::string>() + " ")) << f;
  EXPECT_THAT(said_, HasSubstr("\n    256  jittered "));
}

TEST_F(Doctor, CtrlCEndsItAsFiveAndNoServerStays) {
  const std::string mark = (dir_ / "mark").string();
  auto process = Process::start({.words = {QC_BINARY_DIR "/quantcase", "doctor", "--quiet"}, .environment = {{"QC_TEST_DOCTOR", mark}}}, dir_ / "log").value();
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  kill(process.pid(), SIGINT);
  std::optional<Exit> ended;
  for (int i = 0; i < 400 && !(ended = process.exited()); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->code, 5) << read_file(dir_ / "log").value();
  const auto left = capture({.words = {"sh", "-c", "grep -lsa QC_TEST_DOCTOR=" + mark + " /proc/[0-9]*/environ || true"}}, Seconds(20)).value();
  EXPECT_EQ(left, "");
}

TEST_F(Doctor, AFileThatCantBeWrittenIsTwo) {
  const auto text = capture({.words = {"sh", "-c", QC_BINARY_DIR "/quantcase doctor --records /nowhere/r 2>&1; echo exit $?"}}, Seconds(20)).value();
  EXPECT_EQ(text, "quantcase: --records /nowhere/r: cannot be written: No such file or directory\nexit 2\n");
}

}  // namespace
}  // namespace qc
