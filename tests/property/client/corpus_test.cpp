// What the fuzzer found interesting so far, through the fuzzer's own checks: whatever they meet aborts.
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>

#include "core/files.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace qc {
namespace {

TEST(Corpus, BreaksNothing) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(QC_SOURCE_DIR "/tests/fixtures/fuzz/client")) {
    SCOPED_TRACE(entry.path());
    const std::string bytes = read_file(entry.path()).value();
    EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()), 0);
    ++files;
  }
  EXPECT_GT(files, 100);
}

}  // namespace
}  // namespace qc
