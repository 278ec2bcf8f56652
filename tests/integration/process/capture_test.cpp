#include <gmock/gmock.h>

#include "core/process.h"

namespace qc {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Command shell(const std::string& script) { return {.words = {"sh", "-c", script}}; }

TEST(Capture, ReturnsStandardOutputOnly) {
  const auto text = capture(shell("echo out; echo err >&2"), Seconds(5));
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, "out\n");
}

TEST(Capture, CutsAtOneMebibyte) {
  const auto text = capture(shell("head -c 3000000 /dev/zero"), Seconds(5));
  ASSERT_TRUE(text);
  EXPECT_EQ(text->size(), 1048576U);
}

TEST(Capture, FailureQuotesTheLastLine) {
  const auto failed = capture(shell("echo first >&2; echo 'no such container' >&2; exit 4"), Seconds(5));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().fault, Fault::engine);
  EXPECT_THAT(failed.error().message, AllOf(HasSubstr("exit code 4"), HasSubstr("no such container"), testing::Not(HasSubstr("first:"))));
}

TEST(Capture, MissingProgram) {
  EXPECT_THAT(capture({.words = {"/no/such/program"}}, Seconds(5)).error().message, HasSubstr("/no/such/program"));
}

TEST(Capture, StopsAtTheLimit) {
  const auto begin = std::chrono::steady_clock::now();
  const auto late = capture(shell("sleep 60"), Seconds(0.2));
  ASSERT_FALSE(late);
  EXPECT_THAT(late.error().message, HasSubstr("0.2 s"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));
}

}  // namespace
}  // namespace qc
