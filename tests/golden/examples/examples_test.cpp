// The stores of examples/ make the reports, tables and pictures that lie beside them, with the program of today.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/text.h"
#include "golden/golden.h"

namespace qc {
namespace {
namespace fs = std::filesystem;

std::vector<fs::path> examples() {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(fs::path(QC_SOURCE_DIR) / "examples"))
    if (fs::exists(entry.path() / "study.sqlite.xz")) found.push_back(entry.path());
  return found;
}

/// All that the report's folder holds beside the store, relative to it.
std::vector<fs::path> made_files(const fs::path& work) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::recursive_directory_iterator(work))
    if (entry.is_regular_file() && !entry.path().filename().string().starts_with("study.sqlite")) found.push_back(fs::relative(entry.path(), work));
  EXPECT_GT(found.size(), 10u);
  return found;
}

/// Tables, pictures and reports that lie there and that today's program does not make: left over from an older one.
std::vector<fs::path> left_over(const fs::path& example, const std::vector<fs::path>& made) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::recursive_directory_iterator(example)) {
    const fs::path file = fs::relative(entry.path(), example);
    const bool ours = file.begin()->string() == "figures" || file.filename().string().find("_capacity_") != std::string::npos || file.extension() == ".json" || file.stem() == "report";
    if (entry.is_regular_file() && ours && std::ranges::find(made, file) == made.end()) found.push_back(file);
  }
  return found;
}

TEST(Examples, EachStoreMakesTheReportThatLiesBesideIt) {
  ASSERT_FALSE(examples().empty());
  for (const fs::path& example : examples()) {
    const fs::path work = fs::temp_directory_path() / ("qc_example_" + std::to_string(::getpid()));
    fs::create_directories(work);
    const std::string unpack = "xz -dc '" + (example / "study.sqlite.xz").string() + "' >'" + (work / "study.sqlite").string() + "'";
    ASSERT_EQ(std::system(unpack.c_str()), 0);
    const std::string render = "'" + std::string(QC_BINARY_DIR) + "/quantcase' report '" + work.string() + "' --quiet";
    ASSERT_EQ(std::system(render.c_str()), 0);
    const auto made_now = made_files(work);
    EXPECT_THAT(left_over(example, made_now), testing::IsEmpty()) << example;
    for (const fs::path& file : made_now) {
      const std::string made = whole_file(work / file), kept = whole_file(example / file);
      const auto at = std::mismatch(made.begin(), made.end(), kept.begin(), kept.end()).first;
      EXPECT_TRUE(made == kept) << (example / file) << " differs from line " << 1 + std::count(made.begin(), at, '\n')
                                << " on; when the new one is right: examples/render.sh " << example.filename().string();
    }
    fs::remove_all(work);
  }
}

/// A change of throughput: its 95 % interval in per cent, and its verdict.
struct Change { std::string workload, variant; int concurrency = 0; double lo = 0, hi = 0; std::string verdict; };

/// What the first run of h200-vllm found: examples/h200-vllm-first-run.csv.
std::vector<Change> first_run() {
  std::vector<Change> found;
  for (const std::string& line : split(whole_file(fs::path(QC_SOURCE_DIR) / "examples/h200-vllm-first-run.csv"), '\n')) {
    const auto cells = split(line, ',');
    if (cells.size() == 7 && cells[0] != "workload") found.push_back({cells[0], cells[2], std::stoi(cells[1]), std::stod(cells[4]), std::stod(cells[5]), cells[6]});
  }
  return found;
}

/// The same change as the example's summary has it now; none: no such cell.
std::optional<Change> found_now(const Json& summary, const Change& wanted) {
  for (const Json& workload : summary["workloads"])
    for (const Json& point : workload["points"])
      for (const Json& candidate : point["candidates"]) {
        if (workload["name"] != wanted.workload || point["concurrency"] != wanted.concurrency || candidate["variant"] != wanted.variant) continue;
        const Json& delta = candidate["delta_output_tok_s_pct"];
        return Change{wanted.workload, wanted.variant, wanted.concurrency, delta["lo"].get<double>(), delta["hi"].get<double>(), delta["verdict"].get<std::string>()};
      }
  return std::nullopt;
}

// The whole study on another card of the kind, other servers, another program of ours.
TEST(Examples, AStudyRunAgainOnAnotherCardFindsTheSame) {
  const Json summary = Json::parse(whole_file(fs::path(QC_SOURCE_DIR) / "examples/h200-vllm/summary.json"));
  const auto earlier = first_run();
  EXPECT_EQ(earlier.size(), 52u) << "13 operating points, four candidates";
  for (const Change& was : earlier) {
    const auto is = found_now(summary, was);
    ASSERT_TRUE(is) << was.workload << " at " << was.concurrency << ", " << was.variant;
    EXPECT_LE(std::max(was.lo, is->lo), std::min(was.hi, is->hi)) << was.workload << " at " << was.concurrency << ", " << was.variant << ": the intervals do not meet";
    EXPECT_EQ(is->verdict, was.verdict) << was.workload << " at " << was.concurrency << ", " << was.variant;
  }
}

}  // namespace
}  // namespace qc
