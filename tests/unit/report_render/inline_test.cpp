#include "report/inline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace qc {
namespace {

std::string shown(std::string_view text) {
  std::string out;
  for (const Run& run : runs_of(text)) out += std::string(run.strong ? "S" : "") + (run.code ? "C" : "") + "(" + run.text + ")";
  return out;
}

TEST(Inline, MarksMayNestAndNeedAPartner) {
  EXPECT_EQ(shown("a **b** c `d` e"), "(a )S(b)( c )C(d)( e)");
  EXPECT_EQ(shown("**b `c` d**"), "S(b )SC(c)S( d)");
  EXPECT_EQ(shown("a ** b"), "(a ** b)");
  EXPECT_EQ(shown("a ` b"), "(a ` b)");
  EXPECT_EQ(shown("2 * 3 * 4"), "(2 * 3 * 4)");
  EXPECT_EQ(shown("``"), "(``)");
  EXPECT_EQ(shown(""), "");
}

TEST(Inline, CodeBindsTighterThanStrong) {
  EXPECT_EQ(shown("`a**b` **c**"), "C(a**b)( )S(c)");
  EXPECT_EQ(shown("**a `x**y` b**"), "S(a )SC(x**y)S( b)");
}

TEST(Inline, PlainDropsTheMarks) { EXPECT_EQ(plain("a **b `c`**"), "a b c"); }

// Unicode 15, table 3-7, and RFC 3629: C0, C1 and F5..FF never occur; E0 80, ED A0 and F4 90 are not well-formed.
TEST(Inline, PrintableReplacesWhatIsNotUtf8) {
  const std::string mark = "\xEF\xBF\xBD";
  EXPECT_EQ(printable("é漢🎉"), "é漢🎉");
  EXPECT_EQ(printable("\xE2\x82"), mark + mark);
  EXPECT_EQ(printable("\xC0\x80"), mark + mark);
  EXPECT_EQ(printable("\xED\xA0\x80"), mark + mark + mark);
  EXPECT_EQ(printable("\xF4\x90\x80\x80"), mark + mark + mark + mark);
  EXPECT_EQ(printable("\xF0\x9F\x8E\x89!"), "🎉!");
}

TEST(Inline, PrintableKeepsTabAndNewlineOnly) {
  EXPECT_EQ(printable("a\tb\r\nc\x07"), "a\tb\nc\xEF\xBF\xBD");
  EXPECT_EQ(printable(std::string_view("\0", 1)), "\xEF\xBF\xBD");
  EXPECT_EQ(printable("\xC2\x85"), "\xEF\xBF\xBD");
}

}  // namespace
}  // namespace qc
