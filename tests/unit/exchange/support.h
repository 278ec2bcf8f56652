#pragma once
// The peers' recorded files, read and put into a study.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "core/json.h"
#include "exchange/read/assemble.h"
#include "exchange/write/write.h"
#include "study/read.h"
#include "support/fixture.h"

namespace qc::test {

inline std::string peer(const std::string& name) { return std::string(QC_SOURCE_DIR) + "/tests/fixtures/peers/" + name; }

inline Json peer_json(const std::string& name) {
  const std::string text = fixture("peers/" + name);
  return Json::parse(text.substr(0, text.find('\n')));
}

inline std::vector<ReadRun> read(const std::string& format, const std::string& file, const ColumnMap& map = {}) {
  auto runs = read_runs(format, file, map);
  EXPECT_TRUE(runs) << (runs ? "" : runs.error().message);
  return runs ? *runs : std::vector<ReadRun>{};
}

/// What a reader says of a text that it does not take.
inline std::string refusal(const std::string& format, const std::string& text, const std::string& ending = ".json", const ColumnMap& map = {}) {
  const auto file = std::filesystem::temp_directory_path() / ("qc_exchange_" + std::to_string(getpid()) + ending);
  std::ofstream(file) << text;
  const auto runs = read_runs(format, file, map);
  std::filesystem::remove(file);
  EXPECT_FALSE(runs);
  if (runs) return "";
  EXPECT_EQ(runs.error().fault, Fault::usage);
  EXPECT_THAT(runs.error().message, testing::StartsWith(file.string()));
  return runs.error().message;
}

/// Runs as a study in memory, as the program would store and load it.
inline StudyData study_of(std::vector<ReadRun> runs, const std::string& baseline = "") {
  for (ReadRun& run : runs) {
    if (run.variant.empty()) run.variant = "bf16";
    if (run.workload.empty()) run.workload = "load";
  }
  auto made = assemble(std::move(runs), {"peers", baseline, nullptr});
  EXPECT_TRUE(made) << (made ? "" : made.error().message);
  StudyData data;
  if (!made) return data;
  auto study = parse_study(made->text, "imported", {.set = {}, .only = {}, .files_must_exist = false});
  EXPECT_TRUE(study) << (study ? "" : study.error().message);
  data.study = *study, data.imported = made->imported, data.planned_trials = static_cast<int>(made->plan.size());
  for (auto& t : made->trials) {
    data.trials.push_back(t.trial);
    std::ranges::move(t.requests, std::back_inserter(data.requests));
  }
  return data;
}

/// The text of one exported file whose path ends so.
inline std::string exported(const StudyData& data, const std::string& format, const std::string& ending, Details details = Details::keep) {
  const auto made = export_study(format, data, details);
  EXPECT_TRUE(made) << (made ? "" : made.error().message);
  if (!made) return "{}";
  for (const ExportedFile& file : made->files)
    if (file.path.ends_with(ending)) return file.text;
  ADD_FAILURE() << "no file " << ending;
  return "{}";
}

}  // namespace qc::test
