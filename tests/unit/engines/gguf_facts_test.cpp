#include "measure/engines/gguf_facts.h"

#include "unit/engines/support.h"

namespace qc {
namespace {

TEST(GgufParts, OneFileIsItself) {
  for (const auto* name : {"m/x.gguf", "x-00001-of-3.gguf", "x-0000a-of-00002.gguf", "-of-.gguf"})
    EXPECT_EQ(gguf_parts(name), std::vector<std::filesystem::path>{name});
}

TEST(GgufParts, ASplitModelHasThemAll) {
  EXPECT_EQ(gguf_parts("m/x-00001-of-00003.gguf"),
            (std::vector<std::filesystem::path>{"m/x-00001-of-00003.gguf", "m/x-00002-of-00003.gguf", "m/x-00003-of-00003.gguf"}));
}

TEST(ReadGgufModel, AddsUpTheParts) {
  const auto first = test::smollm2_like("s-00001-of-00002.gguf");
  test::GgufText().number("split.no", 1).write("s-00002-of-00002.gguf");
  const auto model = read_gguf_model(first);
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->header.tensors.size(), 2U);
  EXPECT_EQ(model->file_bytes, static_cast<std::int64_t>(std::filesystem::file_size(first) + std::filesystem::file_size(model->files[1])));
}

TEST(ReadGgufModel, NamesAMissingPart) {
  const auto first = test::smollm2_like("t-00001-of-00002.gguf");
  const auto model = read_gguf_model(first);
  ASSERT_FALSE(model);
  EXPECT_NE(model.error().message.find("t-00002-of-00002.gguf"), std::string::npos);
}

GgufHeader header_with(std::map<std::string, GgufValue> keys) {
  GgufHeader header;
  header.keys = std::move(keys);
  header.keys["general.architecture"] = std::string("a");
  return header;
}

TEST(KvBytesPerToken, LengthsFromTheWidth) {
  const auto model = read_gguf_model(test::smollm2_like("kv.gguf"));
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(kv_bytes_per_token(model->header), 23040);  // 5.625 MiB at 256 tokens: llama-server's log says 5.62
  EXPECT_EQ(trained_context(model->header), 8192);
}

TEST(KvBytesPerToken, LengthsOfTheirOwnAndHeadsByLayer) {
  // 2 bytes x (128 + 64) x (4 + 0 + 2) heads
  EXPECT_EQ(kv_bytes_per_token(header_with({{"a.block_count", std::uint64_t{3}},
                                            {"a.attention.head_count_kv", std::vector<double>{4, 0, 2}},
                                            {"a.attention.key_length", std::uint64_t{128}},
                                            {"a.attention.value_length", std::uint64_t{64}}})),
            2304);
}

TEST(KvBytesPerToken, WithoutGroupsEveryHeadHasItsOwn) {
  // 2 bytes x (8 + 8) x 4 heads x 2 layers
  EXPECT_EQ(kv_bytes_per_token(header_with({{"a.block_count", std::uint64_t{2}}, {"a.attention.head_count", std::uint64_t{4}}, {"a.embedding_length", std::uint64_t{32}}})), 256);
}

TEST(KvBytesPerToken, UnknownWithoutKeys) { EXPECT_FALSE(kv_bytes_per_token(header_with({}))); }

TEST(AddGgufFacts, NamesTheMethodByItsLargestType) {
  const auto model = read_gguf_model(test::smollm2_like("facts.gguf"));
  ASSERT_TRUE(model);
  VariantFacts facts;
  add_gguf_facts(*model, facts);
  EXPECT_EQ(facts.method, "F32");
  EXPECT_EQ(facts.tensor_mix, "F32 1 (32.0 bits a weight)");
  EXPECT_EQ(facts.parameters, 32.0);
  EXPECT_EQ(facts.model_context, 8192);
  EXPECT_EQ(facts.file_sha256.size(), 64U);
}

TEST(MethodName, QuantizedTypesBelongToTheFormat) {
  EXPECT_EQ(method_name("BF16"), "BF16");
  EXPECT_EQ(method_name("Q4_0"), "Q4_0 (GGUF)");
}

}  // namespace
}  // namespace qc
