#include "gguf/arrays.h"

#include <gmock/gmock.h>

#include "support/gguf_file.h"

namespace qc {
namespace {

using test::GgufFile;
using test::raw;
using testing::ElementsAre;
using testing::HasSubstr;

struct Arrays : testing::Test {
  test::Folder folder;
  std::filesystem::path path = folder / "x.gguf";
  GgufLayout layout;

  void write(const GgufFile& file) {
    test::spill(path, file.bytes());
    const auto read = read_gguf_layout(path);
    ASSERT_TRUE(read) << read.error().message;
    layout = *read;
  }
};

std::string numbers(std::uint32_t type, const std::string& values, std::uint64_t n) { return raw(type) + raw(n) + values; }

TEST_F(Arrays, AnyLengthAndPlace) {
  std::vector<std::string> many(5000, "word");
  many[4999] = "last";
  GgufFile file;
  file.word("before", "x").words("many", many).number("between", 1).words("few", {"", "b"});
  file.key("signed", test::array, numbers(test::i32, raw(std::int32_t{-1}) + raw(std::int32_t{7}), 2));
  file.key("unsigned", test::array, numbers(test::u32, raw(std::uint32_t{4000000000u}), 1));
  write(file);
  EXPECT_EQ(*read_texts(path, layout, "many"), many);
  EXPECT_THAT(*read_texts(path, layout, "few"), ElementsAre("", "b"));
  EXPECT_THAT(*read_integers(path, layout, "signed"), ElementsAre(-1, 7));
  EXPECT_THAT(*read_integers(path, layout, "unsigned"), ElementsAre(4000000000));
}

TEST_F(Arrays, WhatIsNotThereOrAnotherKindIsUsage) {
  GgufFile file;
  file.word("text", "x").words("texts", {"a"}).key("bytes", test::array, numbers(test::u8, "ab", 2));
  write(file);
  for (const char* key : {"absent", "text", "bytes"}) {
    const auto texts = read_texts(path, layout, key);
    ASSERT_FALSE(texts) << key;
    EXPECT_EQ(texts.error().fault, Fault::usage);
    EXPECT_THAT(texts.error().message, HasSubstr(key));
  }
  EXPECT_FALSE(read_integers(path, layout, "texts"));
  EXPECT_FALSE(read_integers(path, layout, "bytes"));
}

TEST_F(Arrays, AFileThatChangedSinceIsDamaged) {
  GgufFile file;
  file.words("texts", {"one", "two"});
  write(file);
  std::string bytes = file.bytes();
  bytes[bytes.find("two") - 4] = 1;  // a length of 2^32 and more
  test::spill(path, bytes);
  const auto texts = read_texts(path, layout, "texts");
  ASSERT_FALSE(texts);
  EXPECT_EQ(texts.error().fault, Fault::damaged);
}

}  // namespace
}  // namespace qc
