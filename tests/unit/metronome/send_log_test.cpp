#include "measure/metronome/send_log.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace qc {
namespace {

TEST(SendLog, KeepsAnswersApartThatAreSentInTurns) {
  auto log = SendLog::make(2, 5).value();
  const auto a = log.begin("a", 3), b = log.begin("b", 2);
  ASSERT_TRUE(a && b);
  log.note(*a, {{10}, {11}});
  log.note(*b, {{20}, {21}});
  log.note(*a, {{30}, {33}});
  const auto all = log.answers();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].id, "a");
  ASSERT_EQ(all[0].sends.size(), 2u) << "the third was announced and not sent";
  EXPECT_EQ(all[0].sends[0].before.ns, 10);
  EXPECT_EQ(all[0].sends[1].before.ns, 30);
  EXPECT_EQ(all[0].sends[1].after.ns, 33);
  ASSERT_EQ(all[1].sends.size(), 1u);
  EXPECT_EQ(all[1].sends[0].before.ns, 20);
}

TEST(SendLog, SaysWhenItIsFull) {
  auto log = SendLog::make(2, 5).value();
  EXPECT_FALSE(log.begin("too many sends", 6));
  EXPECT_TRUE(log.begin("a", 4));
  EXPECT_FALSE(log.begin("more than the one that is left", 2));
  EXPECT_TRUE(log.begin("b", 1));
  EXPECT_FALSE(log.begin("a third answer", 0));
}

TEST(SendLog, AVeryLongIdKeepsItsBeginning) {
  auto log = SendLog::make(1, 1).value();
  const std::string id(200, 'x');
  ASSERT_TRUE(log.begin(id, 1));
  EXPECT_EQ(log.answers()[0].id, id.substr(0, 96));
}

TEST(SendLog, AChildsSendsAreOurs) {
  auto log = SendLog::make(1, 1).value();
  const pid_t child = fork();
  if (child == 0) {
    log.note(*log.begin("child", 1), {{7}, {8}});
    _exit(0);
  }
  waitpid(child, nullptr, 0);
  const auto all = log.answers();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].id, "child");
  ASSERT_EQ(all[0].sends.size(), 1u);
  EXPECT_EQ(all[0].sends[0].after.ns, 8);
}

}  // namespace
}  // namespace qc
