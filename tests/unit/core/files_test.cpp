// What can't be read or written says so.
#include "core/files.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>

namespace qc {
namespace {

namespace fs = std::filesystem;
using testing::EndsWith;
using testing::HasSubstr;

TEST(ReadFile, ADeviceIsNone) {   // one without an end would be read for ever
  for (const char* path : {"/dev/zero", "/dev/full"}) {
    const auto read = read_file(path);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().fault, Fault::usage);
    EXPECT_THAT(read.error().message, EndsWith(": is a device, not a file"));
  }
}

TEST(WriteFile, AFullDiskIsNoMistakeOfTheUsersAndLeavesNothingBehind) {
  const fs::path folder = fs::temp_directory_path() / ("qc_files_" + std::to_string(getpid()));
  fs::create_directories(folder);
  fs::create_symlink("/dev/full", folder / "report.csv.part");   // where it writes before the file gets its name
  const auto written = write_file(folder / "report.csv", "a line");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().fault, Fault::interrupted);
  EXPECT_THAT(written.error().message, HasSubstr("No space left on device; make room there"));
  EXPECT_TRUE(fs::is_empty(folder));
  EXPECT_TRUE(write_file(folder / "report.csv", "a line"));
  EXPECT_EQ(read_file(folder / "report.csv").value(), "a line");
  fs::remove_all(folder);
}

}  // namespace
}  // namespace qc
