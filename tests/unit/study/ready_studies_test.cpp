// Every file of studies/ is read without a problem and gives a plan.
#include <gmock/gmock.h>

#include <filesystem>

#include "core/files.h"
#include "study/plan.h"
#include "study/read.h"

namespace qc {
namespace {

std::vector<std::filesystem::path> ready_studies() {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(QC_SOURCE_DIR "/studies")) found.push_back(entry.path());
  return found;
}

TEST(ReadyStudies, EachGivesAPlan) {
  const auto files = ready_studies();
  EXPECT_GE(files.size(), 12u);
  for (const auto& file : files) {
    ReadOptions options;
    options.files_must_exist = false;
    const auto text = read_file(file);
    ASSERT_TRUE(text) << file;
    const auto study = parse_study(*text, file.string(), options);
    ASSERT_TRUE(study) << study.error().message;
    EXPECT_EQ(file.stem().string().find(study->name) != std::string::npos || study->name == "two-servers", true) << file << " is called " << study->name;
    const Plan plan = make_plan(*study, Switch::restart, "");
    std::size_t points = 0;
    for (const auto& w : study->workloads) points += w.concurrency.size();
    EXPECT_EQ(plan.trials.size(), static_cast<std::size_t>(study->blocks) * (points * study->variants.size() + study->workloads.size())) << file;
  }
}

}  // namespace
}  // namespace qc
