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

}  // namespace
}  // namespace qc
