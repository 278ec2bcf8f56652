// A folder out of support/tiny_checkpoint.h's model, read back by the format's description: huggingface/safetensors' README.
#include "checkpoint_writer/write.h"

#include <gmock/gmock.h>

#include <cstring>

#include "checkpoint/checkpoint.h"
#include "checkpoint_writer/tensors.h"
#include "core/json.h"
#include "gguf/dequantize.h"
#include "support/tiny_checkpoint.h"

namespace qc {
namespace {

using test::GgufFile;
using test::raw;
using test::set_key;
using test::set_number;
using test::set_word;
using testing::ElementsAre;
using testing::HasSubstr;

/// Float i of the tensor whose weights tiny_llama.h starts with `start`.
float weight(std::uint32_t start, std::size_t i) {
  float value;
  std::memcpy(&value, test::tiny_weights(i + 1, start).data() + i * sizeof value, sizeof value);
  return value;
}
constexpr float kStep = 0.76f;  // half a step, and a quarter more at the upper end where BF16 made the scale 2^-9 shorter: 127.5 / (1 - 2^-9) = 127.75
constexpr std::uint32_t kEmbedding = 11, kQ = 33, kK = 44, kDown = 121, kLastNorm = 132;  // 11 for each tensor before it and itself

struct CheckpointWriter : testing::Test {
  test::Folder folder;
  std::filesystem::path from = folder / "from.gguf", to = folder / "to";
  Json header;
  std::string data;

  Result<CheckpointSummary> write(const GgufFile& file, CheckpointOptions options = {}) {
    test::spill(from, file.bytes());
    return write_checkpoint(from, to, options);
  }
  /// Writes and reads back; the folder is removed first.
  void make(CheckpointOptions options = {}, const GgufFile& file = test::tiny_checkpoint()) {
    std::filesystem::remove_all(to);
    const auto done = write(file, options);
    ASSERT_TRUE(done) << done.error().message;
    const std::string all = test::slurp(to / "model.safetensors");
    std::uint64_t length;
    std::memcpy(&length, all.data(), sizeof length);
    ASSERT_EQ(length % 8, 0u);
    header = Json::parse(all.substr(8, length));
    data = all.substr(8 + length);
    EXPECT_EQ(done->tensor_bytes, data.size());
  }
  Json json(const std::string& name) { return Json::parse(test::slurp(to / name)); }
  std::string bytes(const std::string& name) {
    const auto& at = header.at(name).at("data_offsets");
    return data.substr(at[0], at[1].get<std::size_t>() - at[0].get<std::size_t>());
  }
  float bf16(const std::string& name, std::size_t i) {
    std::uint16_t bits;
    std::memcpy(&bits, bytes(name).substr(2 * i, 2).data(), 2);
    return from_bf16(bits);
  }
  void refused(const GgufFile& file, Fault fault, const std::string& because, CheckpointOptions options = {}) {
    const auto done = write(file, options);
    ASSERT_FALSE(done) << because;
    EXPECT_EQ(done.error().fault, fault) << done.error().message;
    EXPECT_THAT(done.error().message, HasSubstr(because));
    EXPECT_FALSE(std::filesystem::exists(to));
    EXPECT_FALSE(std::filesystem::exists(to.string() + ".part"));
  }
};

TEST_F(CheckpointWriter, TheHeaderBeginsAsTheFormatSays) {
  make();
  const std::string begin = R"({"__metadata__":{"format":"pt"},"model.embed_tokens.weight":{"dtype":"BF16","shape":[3,8],"data_offsets":[0,48]},)"
                            R"("model.layers.0.input_layernorm.weight":{"dtype":"BF16","shape":[8],"data_offsets":[48,64]},)";
  EXPECT_EQ(test::slurp(to / "model.safetensors").substr(8, begin.size()), begin);
  EXPECT_EQ(header.size(), 1 + 11u);
  EXPECT_EQ(data.size(), 2u * (3 * 8 + 3 * 8 + 8 * 8 * 2 + 4 * 8 * 2 + 3 * 8 * 32));
}

TEST_F(CheckpointWriter, WeightsAreWhereTheyBelong) {
  make();
  EXPECT_EQ(bf16("model.embed_tokens.weight", 13), weight(kEmbedding, 13));
  EXPECT_EQ(bf16("model.layers.0.mlp.down_proj.weight", 200), weight(kDown, 200));
  EXPECT_EQ(bf16("model.norm.weight", 7), weight(kLastNorm, 7));
}

// Head width 4: rows 0 1 2 3 of a head lie as 0 2 1 3 in the GGUF.
TEST_F(CheckpointWriter, RowsOfQAndKAreInHuggingFacesOrder) {
  make();
  const std::string q = "model.layers.0.self_attn.q_proj.weight", k = "model.layers.0.self_attn.k_proj.weight";
  const std::size_t rows[] = {0, 2, 1, 3, 4, 6, 5, 7};
  for (std::size_t r = 0; r < 8; ++r) EXPECT_EQ(bf16(q, r * 8 + 5), weight(kQ, rows[r] * 8 + 5)) << r;
  for (std::size_t r = 0; r < 4; ++r) EXPECT_EQ(bf16(k, r * 8 + 5), weight(kK, rows[r] * 8 + 5)) << r;
}

TEST(SourceRow, HalvesOfAHeadAreTakenApart) {
  std::vector<std::uint64_t> rows;
  for (std::uint64_t r = 0; r < 12; ++r) rows.push_back(source_row(r, 12, 2));
  EXPECT_THAT(rows, ElementsAre(0, 2, 4, 1, 3, 5, 6, 8, 10, 7, 9, 11));
  EXPECT_EQ(source_row(5, 12, 0), 5u);
}

TEST_F(CheckpointWriter, Int8HasAScaleForEachRow) {
  make({.format = CheckpointFormat::w8a8_int8});
  const std::string down = "model.layers.0.mlp.down_proj.";
  EXPECT_EQ(header[down + "weight"]["dtype"], "I8");
  EXPECT_EQ(header[down + "weight"]["shape"], Json::parse("[8,32]"));
  EXPECT_EQ(header[down + "weight_scale"]["shape"], Json::parse("[8,1]"));
  const std::string steps = bytes(down + "weight");
  for (const std::size_t i : {0u, 31u, 32u, 255u}) {
    const float scale = bf16(down + "weight_scale", i / 32);
    EXPECT_NEAR(static_cast<float>(static_cast<signed char>(steps[i])) * scale, weight(kDown, i), kStep * scale) << i;
  }
  EXPECT_EQ(header["model.embed_tokens.weight"]["dtype"], "BF16");
  const Json config = json("config.json")["quantization_config"];
  EXPECT_EQ(config["quant_method"], "compressed-tensors");
  EXPECT_EQ(config["format"], "int-quantized");
  EXPECT_EQ(config["config_groups"]["group_0"]["weights"]["strategy"], "channel");
  EXPECT_EQ(config["config_groups"]["group_0"]["input_activations"]["strategy"], "token");
  EXPECT_EQ(config["config_groups"]["group_0"]["input_activations"]["dynamic"], true);
}

TEST_F(CheckpointWriter, Int4IsPackedWithItsShapeBeside) {
  make({.format = CheckpointFormat::w4a16, .group = 8});
  const std::string down = "model.layers.0.mlp.down_proj.";
  EXPECT_EQ(header[down + "weight_packed"]["dtype"], "I32");
  EXPECT_EQ(header[down + "weight_packed"]["shape"], Json::parse("[8,4]"));
  EXPECT_EQ(header[down + "weight_scale"]["shape"], Json::parse("[8,4]"));
  EXPECT_EQ(bytes(down + "weight_shape"), raw(std::uint64_t{8}) + raw(std::uint64_t{32}));
  const std::string packed = bytes(down + "weight_packed");
  for (const std::size_t i : {0u, 7u, 33u, 255u}) {
    const float scale = bf16(down + "weight_scale", i / 8);
    const int nibble = packed[i / 2] >> (i % 2 * 4) & 15;
    EXPECT_NEAR(static_cast<float>(nibble - 8) * scale, weight(kDown, i), kStep * scale) << i;
  }
  const Json config = json("config.json")["quantization_config"];
  EXPECT_EQ(config["format"], "pack-quantized");
  EXPECT_EQ(config["config_groups"]["group_0"]["weights"]["group_size"], 8);
  EXPECT_EQ(config["config_groups"]["group_0"]["input_activations"], nullptr);
}

// The unit that reads checkpoints shares no code with this one.
TEST_F(CheckpointWriter, ReadsAsWhatItIs) {
  for (const char* word : {"bf16", "w8a8_int8", "w4a16"}) {
    make({.format = *checkpoint_format(word), .group = 8});
    const auto read = read_checkpoint(to);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->format, word);
    EXPECT_EQ(read->contradiction, std::nullopt) << *read->contradiction;
    EXPECT_EQ(read->tensors.size(), header.size() - 1);
  }
}

// Without gaps, the largest elements first: so each tensor lies at a multiple of its element's size.
TEST_F(CheckpointWriter, LargestElementsFirst) {
  for (const auto format : {CheckpointFormat::w8a8_int8, CheckpointFormat::w4a16}) {
    make({.format = format, .group = 8});
    std::size_t before = 8, end = 0;
    for (const auto& [name, t] : header.items()) {
      if (name == "__metadata__") continue;
      const std::string dtype = t["dtype"];
      const std::size_t size = dtype == "I64" ? 8 : dtype == "I32" ? 4 : dtype == "BF16" ? 2 : 1;
      EXPECT_LE(size, before) << name;
      before = size;
      EXPECT_EQ(t["data_offsets"][0], end) << name;
      end = t["data_offsets"][1];
    }
    EXPECT_EQ(end, data.size());
  }
}

TEST_F(CheckpointWriter, TheConfigSaysTheModelsSizes) {
  make();
  const Json config = json("config.json");
  EXPECT_FALSE(config.contains("quantization_config"));
  EXPECT_THAT(test::slurp(to / "config.json"), HasSubstr("\"rms_norm_eps\": 1e-05,"));
  EXPECT_EQ(config["rope_theta"], 10000);
  EXPECT_EQ(config["num_key_value_heads"], 1);
  EXPECT_EQ(config["head_dim"], 4);
  EXPECT_EQ(config["vocab_size"], 3);
  EXPECT_EQ(config["tie_word_embeddings"], true);
  EXPECT_EQ(config["pad_token_id"], 0);  // none is told: the one that ends a text
  EXPECT_EQ(json("generation_config.json")["eos_token_id"], 0);
}

TEST_F(CheckpointWriter, AHeadOfItsOwnIsCarriedOverUnquantized) {
  GgufFile file = test::tiny_checkpoint();
  file.tensor("output.weight", {8, 3}, 0, test::tiny_weights(24, 5));
  make({.format = CheckpointFormat::w8a8_int8}, file);
  EXPECT_EQ(json("config.json")["tie_word_embeddings"], false);
  EXPECT_EQ(header["lm_head.weight"]["dtype"], "BF16");
  EXPECT_EQ(bf16("lm_head.weight", 23), weight(5, 23));
}

TEST_F(CheckpointWriter, TheTokenizerIsRebuilt) {
  make();
  const Json t = json("tokenizer.json");
  EXPECT_EQ(t["model"]["vocab"], Json::parse(R"({"<|end|>":0,"a":1,"Ġa":2})"));
  EXPECT_EQ(t["model"]["merges"], Json::parse(R"([["Ġ","a"]])"));
  ASSERT_EQ(t["added_tokens"].size(), 1u);
  EXPECT_EQ(t["added_tokens"][0]["content"], "<|end|>");
  EXPECT_EQ(t["added_tokens"][0]["special"], true);
  EXPECT_EQ(t["pre_tokenizer"]["pretokenizers"][0]["type"], "Digits");
  EXPECT_EQ(json("tokenizer_config.json")["chat_template"], "{{ messages }}");
  EXPECT_EQ(json("tokenizer_config.json")["bos_token"], "a");
}

TEST_F(CheckpointWriter, TheSameBytesEachTime) {
  make({.format = CheckpointFormat::w4a16, .group = 8});
  const std::string first = test::slurp(to / "model.safetensors") + test::slurp(to / "tokenizer.json") + test::slurp(to / "config.json");
  make({.format = CheckpointFormat::w4a16, .group = 8});
  EXPECT_EQ(first, test::slurp(to / "model.safetensors") + test::slurp(to / "tokenizer.json") + test::slurp(to / "config.json"));
}

TEST_F(CheckpointWriter, WhatIsThereIsNotWrittenOver) {
  make();
  test::spill(to / "mine", "x");
  const auto done = write(test::tiny_checkpoint());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().fault, Fault::usage);
  EXPECT_THAT(done.error().message, HasSubstr("is there already"));
  EXPECT_TRUE(std::filesystem::exists(to / "mine"));
}

TEST_F(CheckpointWriter, RefusesWhatAPlainConfigCanNotSay) {
  GgufFile file = test::tiny_checkpoint();
  set_word(file, "general.architecture", "gpt2");
  refused(file, Fault::usage, "its architecture is gpt2");
  file = test::tiny_checkpoint();
  set_word(file, "llama.rope.scaling.type", "yarn");
  refused(file, Fault::usage, "RoPE is scaled");
  file = test::tiny_checkpoint();
  set_number(file, "llama.rope.dimension_count", 2);
  refused(file, Fault::usage, "a part of each head");
  file = test::tiny_checkpoint();
  file.tensor("blk.0.attn_v.bias", {4}, 0, test::tiny_weights(4, 1));
  refused(file, Fault::usage, "tensor blk.0.attn_v.bias is none of a plain llama model");
  file = test::tiny_checkpoint();
  test::drop_key(file, "llama.context_length");
  refused(file, Fault::usage, "no key llama.context_length");
  refused(test::tiny_checkpoint(), Fault::usage, "8 columns: no whole groups of 16", {.format = CheckpointFormat::w4a16, .group = 16});
  refused(test::tiny_checkpoint(), Fault::usage, "no whole groups of 4", {.format = CheckpointFormat::w4a16, .group = 4});
}

TEST_F(CheckpointWriter, RefusesTokenizersThatItDoesNotKnow) {
  GgufFile file = test::tiny_checkpoint();
  set_word(file, "tokenizer.ggml.pre", "llama-bpe");
  refused(file, Fault::usage, "gpt2 with pieces llama-bpe");
  file = test::tiny_checkpoint();
  set_key(file, "tokenizer.ggml.add_bos_token", raw(std::uint32_t{test::boolean}) + "\x01");
  refused(file, Fault::usage, "a word before every text");
  file = test::tiny_checkpoint();
  test::drop_key(file, "tokenizer.ggml.merges");
  refused(file, Fault::usage, "no key tokenizer.ggml.merges");
}

TEST_F(CheckpointWriter, RefusesWhatDoesNotFitTogether) {
  const auto words = [](const std::vector<std::string>& values) { return GgufFile().words("x", values).keys[0].second; };
  GgufFile file = test::tiny_checkpoint();
  test::drop_tensor(file, "blk.0.ffn_up.weight");
  refused(file, Fault::damaged, "tensor blk.0.ffn_up.weight is missing");
  file = test::tiny_checkpoint();
  set_number(file, "llama.feed_forward_length", 16);
  refused(file, Fault::damaged, "tensor blk.0.ffn_gate.weight is 8 x 32, the model's keys say 8 x 16");
  file = test::tiny_checkpoint();
  set_number(file, "tokenizer.ggml.eos_token_id", 3);
  refused(file, Fault::damaged, "the vocabulary has 3 words");
  file = test::tiny_checkpoint();
  set_key(file, "tokenizer.ggml.tokens", words({"a", "b"}));
  refused(file, Fault::damaged, "2 words with 3 kinds");
  file = test::tiny_checkpoint();
  set_key(file, "tokenizer.ggml.tokens", words({"a", "b", "a"}));
  refused(file, Fault::damaged, "the word a stands there twice");
  file = test::tiny_checkpoint();
  set_key(file, "tokenizer.ggml.tokens", words({"a", "b", "\xff"}));
  refused(file, Fault::damaged, "no UTF-8");
  for (const char* merge : {"ab", " a", "a ", "a b c"}) {
    file = test::tiny_checkpoint();
    set_key(file, "tokenizer.ggml.merges", words({merge}));
    refused(file, Fault::damaged, "is no pair");
  }
}

TEST_F(CheckpointWriter, RefusesWeightsThatAreNoNumbers) {
  GgufFile file = test::tiny_checkpoint();
  for (auto& t : file.tensors)
    if (t.name == "blk.0.ffn_up.weight") t.data.replace(9 * 4, 4, raw(std::uint32_t{0x7fc00000}));
  refused(file, Fault::damaged, "tensor blk.0.ffn_up.weight, row 1: a weight is no finite number");
}

TEST_F(CheckpointWriter, NoFileIsUsage) {
  const auto done = write_checkpoint(folder / "absent.gguf", to, {});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().fault, Fault::usage);
}

}  // namespace
}  // namespace qc
