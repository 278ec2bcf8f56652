#include <gtest/gtest.h>

#include "doctor/probes.h"

namespace qc {
namespace {

TEST(CpuTicks, AddsUpTheFirstLine) {
  //                                     user nice system idle iowait irq softirq steal guest guest_nice
  const auto t = cpu_ticks("cpu  100 20 30 1000 50 4 6 8 90 5\ncpu0 1 1 1 1 1 1 1 1 1 1\n");
  ASSERT_TRUE(t);
  EXPECT_EQ(t->busy, 160u) << "guests run in user time already; waiting for a disk is idle";
  EXPECT_EQ(t->stolen, 8u);
  EXPECT_EQ(t->all, 160u + 8 + 1050);
}

TEST(CpuTicks, OtherTextIsNone) {
  EXPECT_FALSE(cpu_ticks(""));
  EXPECT_FALSE(cpu_ticks("cpu0 1 2 3 4 5 6 7 8\n"));
  EXPECT_FALSE(cpu_ticks("cpu  1 2 3 4\n"));
}

TEST(CpuUse, IsWhatWasBusyLessOurs) {
  // 400 ticks in 2 s are 2 cores at 100 a second; 250 of them busy, of which 0.5 s are ours; 40 stolen.
  const CpuUse use = cpu_use_between({1000, 5, 2000}, {1250, 45, 2400}, 100, 0.5, Seconds(2));
  EXPECT_DOUBLE_EQ(*use.others, 1);
  EXPECT_DOUBLE_EQ(*use.stolen_share, 0.1);
  EXPECT_EQ(*cpu_use_between({1000, 5, 2000}, {1250, 45, 2400}, 100, 9, Seconds(2)).others, 0) << "ticks are coarse: never below none";
}

TEST(CpuUse, OfNoTimeIsNotKnown) {
  const CpuUse use = cpu_use_between({1, 2, 3}, {1, 2, 3}, 100, 0, Seconds(1));
  EXPECT_FALSE(use.others);
  EXPECT_FALSE(use.stolen_share);
}

}  // namespace
}  // namespace qc
