// `check` and `run` through the program itself, on two scripted servers of which one has another batch limit.
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "core/files.h"
#include "core/json.h"
#include "support/scripted_server.h"

namespace qc {
namespace {

namespace fs = std::filesystem;
using test::ScriptedServer;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string props(int slots) {
  return R"({"default_generation_settings":{"params":{"temperature":0.8,"top_k":40},"n_ctx":4096},"total_slots":)" + std::to_string(slots) +
         R"(,"model_ftype":"Q4_0","chat_template":"{{ messages }}","build_info":"scripted"})";
}

/// Slow enough for our own lateness to be no part of the figures.
const test::Script kSteady{.name = "stream", .tokens = 0, .first = Nanos(200'000'000), .gap = Nanos(5'000'000), .good_tokens = 3};

struct CheckRun : testing::Test {
  fs::path dir = fs::temp_directory_path() / ("qc_check_" + std::to_string(getpid()) + testing::UnitTest::GetInstance()->current_test_info()->name());
  fs::path out = dir / "out";
  ScriptedServer base{kSteady, {.port = 0, .pages = {}, .certificate = {}, .key = {}, .fixed_pages = {{"/props", props(32)}}}};
  ScriptedServer same{kSteady, {.port = 0, .pages = {}, .certificate = {}, .key = {}, .fixed_pages = {{"/props", props(32)}}}};
  ScriptedServer narrow{kSteady, {.port = 0, .pages = {}, .certificate = {}, .key = {}, .fixed_pages = {{"/props", props(16)}}}};

  void SetUp() override { fs::create_directories(dir); }
  void TearDown() override { fs::remove_all(dir); }

  std::string study(const ScriptedServer& candidate) const {
    const fs::path file = dir / "two.toml";
    std::ofstream(file) << "[study]\nname = \"two\"\nblocks = 2\n[engine]\nkind = \"openai\"\n"
                        << "[[variant]]\nname = \"wide\"\nmodel = \"scripted\"\nbaseline = true\nurl = \"" << base.url() << "\"\n"
                        << "[[variant]]\nname = \"narrow\"\nmodel = \"scripted\"\nurl = \"" << candidate.url() << "\"\n"
                        << "[[workload]]\nname = \"chat\"\nconcurrency = [1]\nrequests_per_slot = 1\nmin_requests = 2\nmax_tokens = 4\n[quality]\ndivergence_chunks = 0\n";
    return file;
  }
  /// The program's exit code; what it printed stands in `said` and `errors`.
  int quantcase(const std::string& words) {
    const std::string command = std::string(QC_BINARY_DIR "/quantcase ") + words + " >" + (dir / "said").string() + " 2>" + (dir / "errors").string();
    const int status = std::system(command.c_str());
    said = read_file(dir / "said").value(), errors = read_file(dir / "errors").value();
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  std::string said, errors;
};

TEST_F(CheckRun, AnotherBatchLimitIsRefusedWithBothValuesAndTheRemedy) {
  EXPECT_EQ(quantcase("check " + study(narrow) + " --out " + out.string()), 8) << errors;
  EXPECT_THAT(errors, AllOf(HasSubstr("max_num_seqs: wide 32 (/props), narrow 16 (/props)"), HasSubstr("give both one max_num_seqs"), HasSubstr("--allow max_num_seqs")));
  EXPECT_THAT(said, AllOf(HasSubstr("wide (baseline): llama-server scripted"), HasSubstr("cannot be proved")));
  EXPECT_EQ(base.requests().size(), 0u) << "check measures nothing";
}

TEST_F(CheckRun, EqualServersAreComparableAndJsonSaysSo) {
  EXPECT_EQ(quantcase("check " + study(same) + " --json --out " + out.string()), 0) << errors;
  const auto json = parse_json(said, "check --json");
  ASSERT_TRUE(json) << said;
  EXPECT_EQ((*json)["comparable"], true);
  EXPECT_EQ((*json)["variants"].size(), 2u);
  EXPECT_THAT(errors, HasSubstr("narrow: llama-server scripted is described (2 of 2)"));
}

TEST_F(CheckRun, ARunIsRefusedBeforeAnythingIsMeasuredAndGoesOnWithAllow) {
  const std::string file = study(narrow);
  EXPECT_EQ(quantcase("run " + file + " --out " + out.string()), 8) << errors;
  EXPECT_THAT(errors, HasSubstr("max_num_seqs: wide 32 (/props), narrow 16 (/props)"));
  EXPECT_EQ(base.requests().size() + narrow.requests().size(), 0u);
  EXPECT_EQ(quantcase("check " + out.string()), 8) << "from the store alone";

  EXPECT_EQ(quantcase("run " + file + " --allow max_num_seqs --out " + out.string()), 0) << errors;
  EXPECT_GT(narrow.requests().size(), 0u);
  EXPECT_THAT(errors, HasSubstr("allowed: max_num_seqs: wide 32 (/props), narrow 16 (/props)"));
  const std::string report = read_file(out / "report.md").value();
  const std::string first_page = report.substr(0, report.find("## 1."));
  EXPECT_THAT(first_page, HasSubstr("allowed by the user: max_num_seqs"));
  EXPECT_THAT(report.substr(first_page.size()), HasSubstr("unfair, **allowed by the user**"));
  const auto summary = parse_json(read_file(out / "summary.json").value(), "summary.json"), manifest = parse_json(read_file(out / "manifest.json").value(), "manifest.json");
  EXPECT_EQ((*summary)["fairness"]["allowed"], Json::array({"max_num_seqs"}));
  EXPECT_EQ((*manifest)["allowed"], Json::array({"max_num_seqs"}));
  EXPECT_EQ(quantcase("check " + out.string()), 0) << errors;
}

TEST_F(CheckRun, ANameThatNothingUnfairGoesByIsAUsageError) {
  EXPECT_EQ(quantcase("check " + study(same) + " --allow max_num_seq"), 2);
  EXPECT_THAT(errors, HasSubstr("did you mean max_num_seqs?"));
}

}  // namespace
}  // namespace qc
