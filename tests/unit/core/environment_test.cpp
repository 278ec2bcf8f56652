// What of our environment is kept with a run.
#include "core/environment.h"

#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace qc {
namespace {

using testing::Contains;
using testing::Key;
using testing::Not;
using testing::Pair;

TEST(ServingEnvironment, HoldsWhatServersReadAndNoSecret) {
  const std::pair<const char*, const char*> set[] = {{"CUDA_VISIBLE_DEVICES", "1"}, {"VLLM_USE_V1", "0=1"}, {"HF_TOKEN", "opensesame"}, {"OMP_NUM_THREADS", ""}, {"MY_DIARY", "dear"}, {"HF_ODD", "\xff"}};
  for (const auto& [name, value] : set) setenv(name, value, 1);
  const auto found = serving_environment();
  for (const auto& [name, value] : set) unsetenv(name);
  EXPECT_THAT(found, Contains(Pair("CUDA_VISIBLE_DEVICES", "1")));
  EXPECT_THAT(found, Contains(Pair("VLLM_USE_V1", "0=1")));
  EXPECT_THAT(found, Contains(Pair("OMP_NUM_THREADS", "")));
  EXPECT_THAT(found, Contains(Pair("HF_TOKEN", "(hidden)")));
  EXPECT_THAT(found, Not(Contains(Key("MY_DIARY"))));
  EXPECT_THAT(found, Not(Contains(Key("HF_ODD"))));
}

}  // namespace
}  // namespace qc
