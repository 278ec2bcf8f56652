#include "core/json.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace qc {
namespace {

TEST(ParseJson, NamesWhatBrokeAndWhere) {
  const auto broken = parse_json("{\"a\": 1,}", "x.json");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().fault, Fault::damaged);
  EXPECT_EQ(broken.error().message, "x.json: not JSON at byte 9");  // the brace after the comma
}

TEST(ParseJson, ANumberBeyondDoublesIsDamage) {
  const auto large = parse_json("[1e999]", "x.json");  // the library throws another type for it
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().fault, Fault::damaged);
  EXPECT_EQ(large.error().message, "x.json: holds a number that no double can hold");
}

TEST(ParseJson, KeepsTheDocumentsOrderAndSortedDoesNot) {
  EXPECT_EQ(parse_json(R"({"b": 1, "a": 2})", "x")->dump(), R"({"b":1,"a":2})");
  EXPECT_EQ(parse_sorted_json(R"({"b": 1, "a": 2})", "x")->dump(), R"({"a":2,"b":1})");
}

TEST(ParseJson, SortedTakesVeryManyNames) {
  std::string text = "{";  // as DeepSeek-V3's index has them: the ordered kind would compare 4e9 names
  for (int i = 0; i < 92'000; ++i) text += (i ? ",\"model.layers." : "\"model.layers.") + std::to_string(i) + "\":1";
  const auto start = std::chrono::steady_clock::now();
  const auto document = parse_sorted_json(text + "}", "x");
  EXPECT_EQ(document->size(), 92'000u);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

}  // namespace
}  // namespace qc
