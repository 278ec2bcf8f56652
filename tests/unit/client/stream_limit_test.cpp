#include "measure/client/stream_limit.h"

#include <gmock/gmock.h>

namespace qc {
namespace {
using testing::AllOf;
using testing::HasSubstr;

TEST(StreamLimit, LeavesRoomForTheProgramsOwnFiles) {
  EXPECT_EQ(files_for_streams(1000), 1064u);
  EXPECT_EQ(streams_allowed({1024, 1064}), 1000u);
  EXPECT_EQ(streams_allowed({64, 64}), 0u);
  EXPECT_EQ(streams_allowed({10, 10}), 0u);
}

TEST(StreamLimit, TheRemedySaysHowManyFilesAndHowManyStreams) {
  EXPECT_THAT(more_files_remedy({1024, 1064}, 10'000), AllOf(HasSubstr("ulimit -n 10064"), HasSubstr("nofile=10064"), HasSubstr("at most 1000 streams")));
}

TEST(StreamLimit, MoreThanTheHardLimitIsRefusedWithIt) {
  const auto limit = open_file_limit();
  if (limit.hard > 100'000'000) GTEST_SKIP() << "no limit here";
  const auto allowed = allow_streams(limit.hard);
  ASSERT_FALSE(allowed);
  EXPECT_EQ(allowed.error().fault, Fault::usage);
  EXPECT_THAT(allowed.error().message, HasSubstr("the hard limit here is " + std::to_string(limit.hard)));
}

}  // namespace
}  // namespace qc
