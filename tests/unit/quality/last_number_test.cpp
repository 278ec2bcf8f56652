// Which number a reader would call the last one.
#include <gtest/gtest.h>

#include "measure/quality/quality.h"

namespace qc {
namespace {

TEST(LastNumber, ReadsTheFormsThatPeopleWrite) {
  EXPECT_EQ(last_number("7 + 5 = 12."), 12);
  EXPECT_EQ(last_number("She has 1,234 left"), 1234);
  EXPECT_EQ(last_number("1,234,567.5"), 1234567.5);
  EXPECT_EQ(last_number("It costs $12.50."), 12.5);
  EXPECT_EQ(last_number("50%"), 50);
  EXPECT_EQ(last_number("**42**"), 42);
  EXPECT_EQ(last_number("about .5"), 0.5);
  EXPECT_EQ(last_number("the 3rd"), 3);
}

TEST(LastNumber, ReadsSigns) {
  EXPECT_EQ(last_number("-3"), -3);
  EXPECT_EQ(last_number("x = -3"), -3);
  EXPECT_EQ(last_number("-$4"), -4);
  EXPECT_EQ(last_number("$-4"), -4);
  EXPECT_EQ(last_number("it is \u22127"), -7);
  EXPECT_EQ(last_number("10-3"), 3);
  EXPECT_EQ(last_number("10 - 3"), 3);
  EXPECT_EQ(last_number("GPT-4"), 4);
}

TEST(LastNumber, ReadsFractionsButNotDates) {
  EXPECT_EQ(last_number("3/4 of it"), 0.75);
  EXPECT_EQ(last_number("-1/2"), -0.5);
  EXPECT_EQ(last_number("on 5/12/2024"), 2024);
  EXPECT_EQ(last_number("1/0"), 0);
}

TEST(LastNumber, CommasGroupOnlyThreeDigits) {
  EXPECT_EQ(last_number("2, 4, 6"), 6);
  EXPECT_EQ(last_number("2,4"), 4);
  EXPECT_EQ(last_number("1,2345"), 2345);
  EXPECT_EQ(last_number("2024,100"), 100);
}

TEST(LastNumber, DigitsInWordsAreNone) {
  EXPECT_EQ(last_number("H2O"), std::nullopt);
  EXPECT_EQ(last_number("5 parts of CO2"), 5);
  EXPECT_EQ(last_number("twelve"), std::nullopt);
  EXPECT_EQ(last_number(""), std::nullopt);
  EXPECT_EQ(last_number("..."), std::nullopt);
}

}  // namespace
}  // namespace qc
