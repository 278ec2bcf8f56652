#include "checkpoint/tokenizer_print.h"

#include <gtest/gtest.h>

namespace qc {
namespace {

std::string tokenizer(const std::string& merges, const std::string& added = "<|end|>", const std::string& version = "1.0", const std::string& word = "b") {
  return R"({"version":")" + version + R"(","truncation":null,"added_tokens":[{"id":2,"content":")" + added + R"(","special":true}],"normalizer":null,
    "pre_tokenizer":{"type":"ByteLevel"},"post_processor":null,"model":{"type":"BPE","vocab":{"a":0,")" + word + R"(":1},"merges":)" + merges + "}}";
}

TEST(TokenizerPrint, IsTheSameForTheSameTokenizerInOtherBytes) {
  const auto print = tokenizer_print(tokenizer(R"(["a b"])"));
  ASSERT_TRUE(print);
  EXPECT_EQ(print->size(), 64u);
  EXPECT_EQ(tokenizer_print(tokenizer(R"([["a","b"]])")), print);   // as transformers writes it since 4.45
  EXPECT_EQ(tokenizer_print(tokenizer(R"(["a b"])", "<|end|>", "1.1")), print);
}

TEST(TokenizerPrint, IsAnotherForOtherWordsMergesOrAddedTokens) {
  const auto print = tokenizer_print(tokenizer(R"(["a b"])"));
  EXPECT_NE(tokenizer_print(tokenizer(R"(["b a"])")), print);
  EXPECT_NE(tokenizer_print(tokenizer(R"(["a b"])", "<|eot|>")), print);
  EXPECT_NE(tokenizer_print(tokenizer(R"(["a b"])", "<|end|>", "1.0", "c")), print);
}

TEST(TokenizerPrint, ATextThatIsNoTokenizerHasNone) {
  EXPECT_EQ(tokenizer_print("hello"), std::nullopt);
  EXPECT_EQ(tokenizer_print(R"({"model": 3})"), std::nullopt);
}

}  // namespace
}  // namespace qc
