#include <dlfcn.h>
#include <gtest/gtest.h>

#include "measure/telemetry/gpu_watch.h"
#include "measure/telemetry/telemetry.h"

namespace qc {
namespace {

TEST(Telemetry, WithoutTheLibraryThereIsNoGpuAndNoSample) {
  if (dlopen("libnvidia-ml.so.1", RTLD_NOW) != nullptr) GTEST_SKIP() << "this machine has NVIDIA's library";
  EXPECT_TRUE(list_gpus().empty());
  EXPECT_TRUE(read_memory({.variant = "bf16", .gpu = true}, "idle").empty());
  GpuWatch watch;
  watch.begin();
  EXPECT_TRUE(watch.end().empty());
}

}  // namespace
}  // namespace qc
