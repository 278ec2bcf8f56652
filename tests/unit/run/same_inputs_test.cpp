// What a study must find again when it goes on.
#include "run/same_inputs.h"

#include <gmock/gmock.h>

namespace qc {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

PromptSet prompts(const std::vector<std::string>& hashes) {
  PromptSet set;
  for (const std::string& hash : hashes) set.prompts.push_back({"", "", hash});
  return set;
}

TEST(SamePrompts, AreToldByTheirHashesInOrder) {
  const SpotItem item{"factual", "capital", "What is ...?", 64, {}};
  const auto then = prompt_hashes({{"chat", prompts({"a", "b"})}, {"batch", prompts({"c"})}}, {item});
  EXPECT_EQ(then.size(), 3u);
  EXPECT_TRUE(same_prompts(then, then));
  EXPECT_TRUE(same_prompts({}, then)) << "an older store has none";
  EXPECT_TRUE(same_prompts(then, prompt_hashes({{"chat", prompts({"a", "b"})}}, {})));
  const auto swapped = same_prompts(then, prompt_hashes({{"chat", prompts({"b", "a"})}, {"batch", prompts({"c"})}}, {item}));
  ASSERT_FALSE(swapped);
  EXPECT_EQ(swapped.error().fault, Fault::usage);
  EXPECT_THAT(swapped.error().message, AllOf(HasSubstr("the prompts of chat (SHA-256 "), Not(HasSubstr("batch"))));
  SpotItem longer = item;
  longer.max_tokens = 65;
  EXPECT_FALSE(same_prompts(then, prompt_hashes({}, {longer})));
}

TEST(SameServer, IsTheSameFilesTemplateAndVersion) {
  VariantFacts then;
  then.variant = "q4", then.file_sha256 = std::string(64, 'a'), then.file_bytes = 7, then.method = "Q4_0 (GGUF)", then.template_sha256 = "t", then.server = "llama-server", then.server_version = "v1";
  EXPECT_TRUE(same_server(then, then));
  VariantFacts untold = then;
  untold.file_sha256.clear(), untold.server_version.clear(), untold.file_bytes.reset();
  EXPECT_TRUE(same_server(then, untold)) << "what one of the two does not tell is no change";
  const auto told = [&](auto change) {
    VariantFacts now = then;
    change(now);
    const auto s = same_server(then, now);
    EXPECT_TRUE(s || s.error().fault == Fault::refused);
    return s ? std::string() : s.error().message;
  };
  EXPECT_THAT(told([](VariantFacts& f) { f.file_sha256 = std::string(64, 'b'); }), HasSubstr("q4 is not what it was when this study began, and one figure must not pool two models: SHA-256 of its file aaaaaaaaaaaa then, bbbbbbbbbbbb now. "));
  EXPECT_THAT(told([](VariantFacts& f) { f.file_bytes = 8; }), HasSubstr("weight files 7 bytes then, 8 bytes now"));
  EXPECT_THAT(told([](VariantFacts& f) { f.method = "Q8_0 (GGUF)"; }), HasSubstr("method Q4_0 (GGUF) then, Q8_0 (GGUF) now"));
  EXPECT_THAT(told([](VariantFacts& f) { f.template_sha256 = "u"; }), HasSubstr("chat template t then, u now"));
  EXPECT_THAT(told([](VariantFacts& f) { f.server = "vLLM", f.server_version = "v2"; }), HasSubstr("server llama-server then, vLLM now; version v1 then, v2 now"));
}

}  // namespace
}  // namespace qc
