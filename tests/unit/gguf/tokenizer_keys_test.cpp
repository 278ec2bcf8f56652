#include "gguf/tokenizer_keys.h"

#include <gtest/gtest.h>

#include "gguf/gguf.h"
#include "support/gguf_file.h"

namespace qc {
namespace {

using test::GgufFile;

struct TokenizerKeys : testing::Test {
  test::Folder folder;
  std::string print(GgufFile file) {
    file.tensor("a", {32}, 0, std::string(128, 'f'));
    test::spill(folder / "x.gguf", file.bytes());
    const auto found = gguf_tokenizer_sha256(folder / "x.gguf");
    EXPECT_TRUE(found) << found.error().message;
    return found ? *found : "";
  }
};

/// More words than the header keeps.
std::vector<std::string> many_words(const std::string& last) {
  std::vector<std::string> words(kLongestKeptArray + 1, "w");
  words.back() = last;
  return words;
}

TEST_F(TokenizerKeys, OneWordAmongThousandsMakesAnother) {
  const auto with = [&](const std::string& word) { return print(GgufFile().word("general.name", word).words("tokenizer.ggml.tokens", many_words(word))); };
  EXPECT_EQ(with("x").size(), 64u);
  EXPECT_NE(with("x"), with("y"));
}

TEST_F(TokenizerKeys, OrderNamesAndTemplatesDoNotCount) {
  const auto words = many_words("x");
  EXPECT_EQ(print(GgufFile().word("general.name", "one").words("tokenizer.ggml.tokens", words).number("tokenizer.ggml.eos_token_id", 2)),
            print(GgufFile().number("tokenizer.ggml.eos_token_id", 2).words("tokenizer.ggml.tokens", words).word("tokenizer.chat_template", "{{ x }}").word("general.name", "two")));
  EXPECT_EQ(print(GgufFile().word("general.name", "no tokenizer")), "");
}

}  // namespace
}  // namespace qc
