// Whatever is done to a valid file's header, reading and re-gauging it give a value or an Error; a crash or a sanitizer's report fails.
#include <gtest/gtest.h>

#include "core/random.h"
#include "gguf/gguf.h"
#include "gguf/regauge.h"
#include "support/tiny_llama.h"

namespace qc {
namespace {

struct HostileHeader : testing::Test {
  test::Folder folder;
  const test::GgufFile file = [] {
    test::GgufFile f = test::tiny_llama();
    f.words("words", {"a", "bc", "def"});
    f.key("numbers", test::array, test::raw(std::uint32_t{test::i32}) + test::raw(std::uint64_t{2}) + test::raw(std::int64_t{7}));
    return f;
  }();
  const std::string bytes = file.bytes();
  const std::size_t header = file.header().size();

  bool accepted(const std::string& content) {
    test::spill(folder / "x.gguf", content);
    const auto h = read_gguf_header(folder / "x.gguf");
    if (!h) {
      EXPECT_EQ(h.error().fault, Fault::damaged);
      return false;
    }
    // What a caller would do with an accepted header: all of it has to be safe.
    EXPECT_LE(h->data_start + h->tensor_bytes(), h->file_bytes);
    (void)h->mix();
    (void)regauge(folder / "x.gguf", folder / "y.gguf", {});
    return true;
  }
};

TEST_F(HostileHeader, TheWholeFileIsAccepted) { EXPECT_TRUE(accepted(bytes)); }

TEST_F(HostileHeader, CutAtEveryByteOfTheHeader) {
  for (std::size_t n = 0; n <= header; ++n) EXPECT_FALSE(accepted(bytes.substr(0, n))) << n;
}

TEST_F(HostileHeader, CutAnywhereInTheData) {
  for (std::size_t n = header; n + 32 < bytes.size(); n += 7) EXPECT_FALSE(accepted(bytes.substr(0, n))) << n;
}

TEST_F(HostileHeader, EveryByteInvertedAndEveryTopBitSet) {
  for (std::size_t i = 0; i < header; ++i) {
    for (const unsigned char mask : {0xff, 0x80, 0x01}) {
      std::string changed = bytes;
      changed[i] = static_cast<char>(static_cast<unsigned char>(changed[i]) ^ mask);
      EXPECT_FALSE(accepted(changed) && i < 4) << i;
    }
  }
}

TEST_F(HostileHeader, RandomBytesInRandomPlaces) {
  Random random(derive_seed(1, "hostile header"));
  for (int round = 0; round < 2000; ++round) {
    std::string changed = bytes;
    for (std::uint64_t n = 1 + random.below(8); n > 0; --n) changed[random.below(header)] = static_cast<char>(random.below(256));
    accepted(changed);
  }
}

TEST_F(HostileHeader, RandomBytesBehindTheMagic) {
  Random random(derive_seed(2, "hostile header"));
  for (int round = 0; round < 500; ++round) {
    std::string noise = "GGUF" + test::raw(std::uint32_t{3}) + test::raw(std::uint64_t{random.below(4)}) + test::raw(std::uint64_t{random.below(4)});
    for (std::uint64_t n = random.below(400); n > 0; --n) noise += static_cast<char>(random.below(random.below(3) == 0 ? 256 : 10));
    accepted(noise);
  }
}

}  // namespace
}  // namespace qc
