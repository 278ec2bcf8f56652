// Whatever happens to the bytes of a study file, reading it ends with a study or with a message, and a study reads again as itself.
#include <gtest/gtest.h>

#include "core/files.h"
#include "core/random.h"
#include "study/plan.h"
#include "study/read.h"

namespace qc {
namespace {

const ReadOptions kAnywhere{{}, {}, false};

/// One to four changes: a byte replaced, removed, doubled, or a stretch moved somewhere else.
std::string mutated(std::string text, Random& random) {
  constexpr std::string_view kTelling = "[]{}\"'=.,#\n\\\0-_09aZ\x80\xff";
  for (std::uint64_t left = 1 + random.below(4); left > 0 && !text.empty(); --left) {
    const std::size_t at = random.below(text.size());
    switch (random.below(4)) {
      case 0: text[at] = kTelling[random.below(kTelling.size())]; break;
      case 1: text.erase(at, 1 + random.below(20)); break;
      case 2: text.insert(at, 1, text[at]); break;
      default: text.insert(random.below(text.size()), text.substr(at, 1 + random.below(80)));
    }
  }
  return text;
}

void expect_study_or_message(const std::string& text) {
  const auto study = parse_study(text, "m.toml", kAnywhere);
  if (!study) {
    EXPECT_EQ(study.error().fault, Fault::usage);
    EXPECT_EQ(study.error().message.find("m.toml:"), 0u) << study.error().message;
    return;
  }
  const auto with_set = parse_study(text, "m.toml", {{"study.seed=7"}, {}, false});
  ASSERT_TRUE(with_set) << with_set.error().message;
  const auto again = parse_study(with_set->text, "m.toml", kAnywhere);
  ASSERT_TRUE(again) << again.error().message << "\n" << with_set->text;
  EXPECT_EQ(again->keys, with_set->keys);
  EXPECT_EQ(make_plan(*study, Switch::resident, "").trials.size(), make_plan(*again, Switch::resident, "").trials.size());
}

TEST(MutatedStudy, is_a_study_or_a_message) {
  const auto demo = read_file(QC_SOURCE_DIR "/studies/demo.toml");
  ASSERT_TRUE(demo);
  Random random(20);
  for (int i = 0; i < 800; ++i) {
    const std::string text = mutated(*demo, random);
    expect_study_or_message(text);
    if (testing::Test::HasFailure()) FAIL() << "mutation " << i << ":\n" << text;
  }
}

TEST(MutatedStudy, every_beginning_is_a_study_or_a_message) {
  const auto demo = read_file(QC_SOURCE_DIR "/studies/attach-two-servers.toml");
  ASSERT_TRUE(demo);
  for (std::size_t size = 0; size < demo->size(); size += 11) expect_study_or_message(demo->substr(0, size));
}

}  // namespace
}  // namespace qc
