#include "core/open_files.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace qc {
namespace {

TEST(SoftLimit, IsRaisedOnlyAsFarAsItMust) {
  EXPECT_EQ(soft_limit_for({1024, 4096}, 1000), 1024u);
  EXPECT_EQ(soft_limit_for({1024, 4096}, 1024), 1024u);
  EXPECT_EQ(soft_limit_for({1024, 4096}, 1025), 1025u);
  EXPECT_EQ(soft_limit_for({1024, 4096}, 4096), 4096u);
  EXPECT_EQ(soft_limit_for({1024, 4096}, 4097), std::nullopt);
}

TEST(SoftLimit, OfThisProcessFollows) {
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  const rlimit low{100, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  EXPECT_TRUE(allow_open_files(90));
  EXPECT_EQ(open_file_limit().soft, 100u);
  EXPECT_TRUE(allow_open_files(200));
  EXPECT_EQ(open_file_limit().soft, 200u);
  if (before.rlim_max != RLIM_INFINITY) {
    EXPECT_FALSE(allow_open_files(before.rlim_max + 1));
    EXPECT_EQ(open_file_limit().soft, before.rlim_max) << "as far as it goes";
  }
  setrlimit(RLIMIT_NOFILE, &before);
}

}  // namespace
}  // namespace qc
