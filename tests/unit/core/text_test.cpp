#include "core/text.h"

#include <gtest/gtest.h>

namespace qc {
namespace {

TEST(Replaced, EveryPlaceButNotWhatWasPutIn) {
  EXPECT_EQ(replaced("{a} and {a}", "{a}", "x{a}"), "x{a} and x{a}");
  EXPECT_EQ(replaced("nothing", "{a}", "x"), "nothing");
}

TEST(WholeCharacters, NeverEndsWithinOne) {
  EXPECT_EQ(whole_characters("a\xC3\xA4z", 2), "a");
  EXPECT_EQ(whole_characters("a\xC3\xA4z", 3), "a\xC3\xA4");
  EXPECT_EQ(whole_characters("\xF0\x9F\x98\x80", 3), "");
  EXPECT_EQ(whole_characters("abc", 9), "abc");
}

}  // namespace
}  // namespace qc
