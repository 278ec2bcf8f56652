#include "core/priority.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

namespace qc {
namespace {

TEST(QuickWakeups, GrantsWhatItSaysAndGivesItBack) {
  ASSERT_EQ(sched_getscheduler(0), SCHED_OTHER);
  {
    const QuickWakeups quick;
    EXPECT_EQ(sched_getscheduler(0) & ~SCHED_RESET_ON_FORK, quick.granted() == "real-time (SCHED_RR)" ? SCHED_RR : SCHED_OTHER) << quick.granted();
  }
  EXPECT_EQ(sched_getscheduler(0), SCHED_OTHER);
}

TEST(QuickWakeups, ChildrenDoNotInherit) {
  const QuickWakeups quick;
  const pid_t child = fork();
  if (child == 0) _exit(sched_getscheduler(0) == SCHED_OTHER ? 0 : 1);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace qc
