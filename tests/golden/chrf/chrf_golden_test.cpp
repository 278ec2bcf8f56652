// chrF against the values that sacrebleu gave for the same pairs (SOURCE.txt).
#include <gtest/gtest.h>

#include "core/files.h"
#include "core/json.h"
#include "core/text.h"
#include "measure/quality/quality.h"

namespace qc {
namespace {

std::vector<Json> golden_pairs() {
  const auto text = read_file(QC_SOURCE_DIR "/tests/golden/chrf/chrf_golden.jsonl");
  std::vector<Json> pairs;
  if (!text) return pairs;
  for (const std::string& line : split(trim(*text), '\n'))
    if (Json pair = Json::parse(line); pair.contains("hyp")) pairs.push_back(std::move(pair));
  return pairs;
}

TEST(Chrf, EqualsSacrebleuOnEveryPair) {
  const auto pairs = golden_pairs();
  ASSERT_EQ(pairs.size(), 13u);
  for (const Json& pair : pairs) {
    const std::string hyp = pair["hyp"], ref = pair["ref"];
    EXPECT_NEAR(chrf(hyp, ref), pair["chrF2"].get<double>(), 1e-9) << hyp << " | " << ref;
  }
}

}  // namespace
}  // namespace qc
