// What fuzzing found worth keeping, once more in every run of the tests: inputs that reach code which no other input reaches.
// `make fuzz` starts from the same folders.
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>

#include "core/files.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

TEST(Corpus, EveryInputIsReadWithoutAFault) {
  int inputs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(QC_CORPUS)) {
    const auto bytes = qc::read_file(entry.path());
    ASSERT_TRUE(bytes) << entry.path();
    EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes->data()), bytes->size()), 0) << entry.path();
    ++inputs;
  }
  EXPECT_GE(inputs, 50);
}

}  // namespace
