// What files say before any server runs.
#include <gmock/gmock.h>

#include <fstream>

#include "measure/engines/variant_proof.h"
#include "unit/engines/support.h"

namespace qc {
namespace {

constexpr const char* kConfig = R"({"architectures":["LlamaForCausalLM"],"torch_dtype":"bfloat16","hidden_size":64,"num_hidden_layers":2})";

std::filesystem::path folder(const std::string& name, const std::string& chat_template) {
  const auto path = test::scratch() / name;
  std::filesystem::create_directories(path);
  std::ofstream(path / "config.json") << kConfig;
  std::ofstream(path / "chat_template.jinja") << chat_template;
  return path;
}

Study of(EngineKind kind, const std::vector<std::filesystem::path>& models) {
  Study study;
  study.engine.kind = kind;
  for (const auto& model : models) {
    Variant v;
    v.name = model.filename(), v.model = model, v.local = true;
    study.variants.push_back(v);
  }
  return study;
}

TEST(FilesProof, ACheckpointTellsShapeAndTemplate) {
  const auto facts = facts_of_files(of(EngineKind::vllm, {folder("one", "a"), folder("two", "b")}));
  ASSERT_EQ(facts.size(), 2u);
  EXPECT_EQ(value_of(facts[0].proof, "hidden_size"), "64");
  EXPECT_NE(value_of(facts[0].proof, "chat_template"), value_of(facts[1].proof, "chat_template"));
}

TEST(FilesProof, ATemplateGivenByHandTakesTheFilesPlace) {
  auto study = of(EngineKind::vllm, {folder("one", "a"), folder("two", "b")});
  study.engine.args = {"--chat-template", "mine.jinja"};
  for (const auto& f : facts_of_files(study)) EXPECT_EQ(value_of(f.proof, "chat_template"), "");
}

TEST(FilesProof, AGgufTellsItsShapeAndWhatIsNotHereIsLeftOut) {
  const auto facts = facts_of_files(of(EngineKind::llama, {test::smollm2_like("files.gguf"), "/nowhere/x.gguf"}));
  ASSERT_EQ(facts.size(), 1u);
  EXPECT_EQ(value_of(facts[0].proof, "layers"), "30");
  auto elsewhere = of(EngineKind::llama, {test::smollm2_like("files.gguf")});
  elsewhere.engine.url = "http://127.0.0.1:1";
  EXPECT_TRUE(facts_of_files(elsewhere).empty());
}

}  // namespace
}  // namespace qc
