// The fuzzer's own checks over its seeds, cut short at every length and in every size of pieces: whatever they meet aborts.
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>

#include "core/files.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace qc {
namespace {

TEST(Corpus, BreaksNothing) {
  int tried = 0;
  for (const auto& entry : std::filesystem::directory_iterator(QC_SOURCE_DIR "/tests/fixtures/streams")) {
    SCOPED_TRACE(entry.path());
    const std::string whole = read_file(entry.path()).value();
    for (std::size_t size = 1; size <= whole.size(); size += 1 + whole.size() / 40) {
      std::string bytes(1, static_cast<char>(size % 32));   // the size of the pieces
      bytes += whole.substr(0, size);
      EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()), 0);
      ++tried;
    }
  }
  EXPECT_GT(tried, 200);
}

}  // namespace
}  // namespace qc
