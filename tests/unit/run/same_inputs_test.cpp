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
  then.variant = "q4", then.file_sha256 = std::string(64, 'a'), then.file_bytes = 7, then.method = "Q4_0 (GGUF)", then.proof = {{"weight_format", "q4_0", ""}, {"quantization", "awq", ""}}, then.template_sha256 = "t", then.server = "llama-server", then.server_version = "v1";
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
  EXPECT_EQ(told([](VariantFacts& f) { f.method = "as another release words it"; }), "");
  EXPECT_THAT(told([](VariantFacts& f) { f.proof = {{"weight_format", "q8_0", ""}, {"quantization", "gptq", ""}}; }), HasSubstr("weight_format q4_0 then, q8_0 now; quantization awq then, gptq now"));
  EXPECT_EQ(told([](VariantFacts& f) { f.proof = {{"weight_format", "unknown", ""}}; }), "");
  EXPECT_EQ(told([](VariantFacts& f) { f.server_version = "v1 (b7)"; }), "") << "the build of the same release";
  for (const char* other : {"v1.1", "v10", "v1.post1"}) EXPECT_THAT(told([&](VariantFacts& f) { f.server_version = other; }), HasSubstr("version v1 then, " + std::string(other) + " now"));
  EXPECT_THAT(told([](VariantFacts& f) { f.template_sha256 = "u"; }), HasSubstr("chat template t then, u now"));
  EXPECT_THAT(told([](VariantFacts& f) { f.server = "vLLM", f.server_version = "v2"; }), HasSubstr("server llama-server then, vLLM now; version v1 then, v2 now"));
}

}  // namespace
}  // namespace qc
