// One program at a time in a folder, whoever dies how.
#include "core/folder_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace qc {
namespace {
namespace fs = std::filesystem;

class Locked : public testing::Test {
 protected:
  ~Locked() override { fs::remove_all(dir_.parent_path()); }
  const fs::path dir_ = fs::temp_directory_path() / ("qc_lock_" + std::to_string(getpid())) / "new";
};

TEST_F(Locked, ASecondHolderIsToldWhoTheFirstIs) {
  auto first = FolderLock::take(dir_);
  ASSERT_TRUE(first) << first.error().message;
  const auto second = FolderLock::take(dir_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().fault, Fault::usage);
  EXPECT_THAT(second.error().message, testing::HasSubstr("another quantcase is at work there (process " + std::to_string(getpid()) + ")"));
}

TEST_F(Locked, ItIsFreeAgainAfterwards) {
  { ASSERT_TRUE(FolderLock::take(dir_)); }
  EXPECT_TRUE(FolderLock::take(dir_));
}

TEST_F(Locked, AKilledHolderHoldsNothing) {
  const pid_t child = fork();
  if (child == 0) {
    auto lock = FolderLock::take(dir_);
    _exit(lock ? 0 : 1);   // without a destructor
  }
  int status = 1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(FolderLock::take(dir_));
}

TEST_F(Locked, WhatIsMovedAwayIsStillHeld) {
  auto held = FolderLock::take(dir_);
  ASSERT_TRUE(held);
  const fs::path aside = dir_.string() + ".1";
  fs::rename(dir_, aside);
  EXPECT_FALSE(FolderLock::take(aside));
  EXPECT_TRUE(FolderLock::take(dir_));
}

}  // namespace
}  // namespace qc
