// The forms of a JSONL prompt file, and what is said about a broken line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "measure/load/prompts.h"

namespace qc {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string error_of(std::string_view text) {
  const auto prompts = read_prompt_lines(text, "mine.jsonl");
  return prompts ? "no error" : prompts.error().message;
}

TEST(PromptLines, ReadsThePromptForm) {
  const auto prompts = read_prompt_lines(R"({"id": "q1", "prompt": "Hello\nthere"})", "f");
  ASSERT_TRUE(prompts);
  ASSERT_EQ(prompts->size(), 1u);
  EXPECT_EQ((*prompts)[0].id, "q1");
  EXPECT_EQ((*prompts)[0].text, "Hello\nthere");
}

TEST(PromptLines, HashesTheTextAlone) {
  const auto prompts = read_prompt_lines(R"({"id": "q1", "prompt": "abc"})", "f");
  ASSERT_TRUE(prompts);
  EXPECT_EQ((*prompts)[0].sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");  // FIPS 180-2, "abc"
}

TEST(PromptLines, ReadsAPlainStringAndCountsLinesForItsId) {
  const auto prompts = read_prompt_lines("\n\"first\"\r\n\r\n\"second\"\n", "f");
  ASSERT_TRUE(prompts);
  ASSERT_EQ(prompts->size(), 2u);
  EXPECT_EQ((*prompts)[0].id, "line-2");
  EXPECT_EQ((*prompts)[1].id, "line-4");
  EXPECT_EQ((*prompts)[1].text, "second");
}

TEST(PromptLines, KeepsTheRolesOfAChat) {
  const auto prompts = read_prompt_lines(R"({"messages": [{"role": "system", "content": "Be brief.", "name": "x"}, {"role": "user", "content": "Hi"}]})", "f");
  ASSERT_TRUE(prompts);
  EXPECT_EQ((*prompts)[0].messages, R"([{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"}])");
  const auto plain = read_prompt_lines(R"({"messages": [{"role": "user", "content": "Hi"}]})", "f");
  ASSERT_TRUE(plain);
  EXPECT_EQ((*plain)[0].messages, "");
  EXPECT_NE((*prompts)[0].sha256, (*plain)[0].sha256);
}

TEST(PromptLines, JoinsMessagesByEmptyLines) {
  const auto prompts = read_prompt_lines(R"({"id": 7, "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]})", "f");
  ASSERT_TRUE(prompts);
  EXPECT_EQ((*prompts)[0].id, "7");
  EXPECT_EQ((*prompts)[0].text, "Be brief.\n\nHi");
}

TEST(PromptLines, SkipsAByteOrderMark) {
  const auto prompts = read_prompt_lines("\xEF\xBB\xBF\"x\"", "f");
  ASSERT_TRUE(prompts);
  EXPECT_EQ((*prompts)[0].text, "x");
}

TEST(PromptLines, NamesFileAndLineOfWhatItCannotRead) {
  EXPECT_THAT(error_of("\"good\"\n{\"prompt\": \n"), StartsWith("mine.jsonl:2: found not JSON; each line is {\"prompt\": "));
  EXPECT_THAT(error_of("\n\n{\"text\": \"x\"}"), StartsWith("mine.jsonl:3: found an object without \"prompt\" or \"messages\""));
  EXPECT_THAT(error_of("{\"prompt\": 3}"), StartsWith("mine.jsonl:1: found \"prompt\" is a number"));
  EXPECT_THAT(error_of("[1]"), StartsWith("mine.jsonl:1: found an array"));
  EXPECT_THAT(error_of("{\"messages\": []}"), HasSubstr(":1: found \"messages\" is no list, or empty"));
  EXPECT_THAT(error_of("{\"messages\": [{\"content\": [{\"type\": \"image_url\"}]}]}"), HasSubstr("a message without a \"content\" string"));
  EXPECT_THAT(error_of("{\"messages\": [{\"content\": \"x\"}]}"), HasSubstr("a message without a \"role\""));
  EXPECT_THAT(error_of("\"  \""), HasSubstr(":1: found an empty prompt"));
  EXPECT_THAT(error_of("\"\xff\""), HasSubstr(":1: found bytes that are not UTF-8 (convert the file to UTF-8); each line is "));
}

TEST(PromptLines, RefusesARoleThatNoChatHas) {
  EXPECT_THAT(error_of("{\"messages\": [{\"role\": \"usr\", \"content\": \"x\"}]}\n"), testing::StartsWith("mine.jsonl:1: found a message of the role \"usr\" (it is one of system, user, assistant"));
  EXPECT_THAT(error_of("[1]\n"), testing::StartsWith("mine.jsonl:1: found an array; "));
  EXPECT_THAT(error_of("null\n"), testing::StartsWith("mine.jsonl:1: found null; "));
}

TEST(PromptLines, RefusesAFileWithoutPrompts) {
  EXPECT_THAT(error_of(" \n\n"), StartsWith("mine.jsonl: holds no prompt"));
  EXPECT_EQ(read_prompt_lines("", "f").error().fault, Fault::usage);
}

}  // namespace
}  // namespace qc
