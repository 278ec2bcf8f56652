#include "gguf/regauge.h"

#include <gmock/gmock.h>

#include <cmath>
#include <cstring>

#include "core/files.h"
#include "gguf/dequantize.h"
#include "gguf/gauge.h"
#include "support/tiny_llama.h"

namespace qc {
namespace {

using test::GgufFile;
using test::raw;
using testing::HasSubstr;

struct Regauge : testing::Test {
  test::Folder folder;
  std::filesystem::path from = folder / "from.gguf", to = folder / "to.gguf";

  Status run(const GgufFile& file, const RegaugeOptions& options = {}) {
    test::spill(from, file.bytes());
    return regauge(from, to, options);
  }
  std::vector<float> tensor(const std::string& name) {
    const auto h = read_gguf_header(to);
    const std::string all = test::slurp(to);
    for (const TensorInfo& t : h->tensors) {
      if (t.name != name) continue;
      std::vector<float> out(t.elements());
      dequantize(t.type, std::as_bytes(std::span(all)).subspan(h->data_start + t.offset, t.bytes()), out);
      return out;
    }
    return {};
  }
  void refused(const GgufFile& file, Fault fault, const std::string& because) {
    const auto done = run(file);
    ASSERT_FALSE(done) << because;
    EXPECT_EQ(done.error().fault, fault);
    EXPECT_THAT(done.error().message, HasSubstr(because));
    EXPECT_FALSE(std::filesystem::exists(to));
    EXPECT_FALSE(std::filesystem::exists(to.string() + ".part"));
  }
};

// The sums are those of regauge_reference.py, which shares no code with the program.
TEST_F(Regauge, SameBytesAsAnIndependentImplementation) {
  ASSERT_TRUE(run(test::tiny_llama(), {.regauge = false}));
  EXPECT_EQ(*sha256_file(to), "790c8ce9b52b4b0bc552bb820c7172388b1437267743e0350e59435d6581cb70");
  ASSERT_TRUE(run(test::tiny_llama(), {.seed = 1}));
  EXPECT_EQ(*sha256_file(to), "31d5dacc0b326106beb481e7cb5739e364ce63ec9fb429f9289fb5f6b131b644");
  ASSERT_TRUE(run(test::tiny_llama(), {.seed = 7}));
  EXPECT_EQ(*sha256_file(to), "71a7e034e2a91b932c2c5e0944b577d77d525beadd754081fb91e7458ad31459");
}

TEST_F(Regauge, ProductsAcrossEachGaugeStay) {
  const GgufFile file = test::tiny_llama();
  ASSERT_TRUE(run(file, {.regauge = false}));
  const auto norm = tensor("blk.0.attn_norm.weight"), k = tensor("blk.0.attn_k.weight"), v = tensor("blk.0.attn_v.weight"), out = tensor("blk.0.attn_output.weight");
  ASSERT_TRUE(run(file));
  const auto norm2 = tensor("blk.0.attn_norm.weight"), k2 = tensor("blk.0.attn_k.weight"), v2 = tensor("blk.0.attn_v.weight"), out2 = tensor("blk.0.attn_output.weight");
  const double close = 0x1p-8;  // BF16 rounds to 8 bits, at most 2^-9 off, twice
  EXPECT_GT(std::abs(norm2[3] / norm[3] - 1), close);
  EXPECT_NEAR(norm2[3] * k2[2 * 8 + 3] / (norm[3] * k[2 * 8 + 3]), 1, close);
  // Value row 1 belongs to the first value head, whose readers are query heads 0 (columns 0 and 1) and 1 (columns 2 and 3).
  EXPECT_GT(std::abs(out2[6 * 8 + 3] / out[6 * 8 + 3] - 1), close);
  for (const int column : {1, 3})
    EXPECT_NEAR(norm2[3] * v2[1 * 8 + 3] * out2[6 * 8 + column] / (norm[3] * v[1 * 8 + 3] * out[6 * 8 + column]), 1, 2 * close) << column;
}

TEST_F(Regauge, GainsLieWithinTheSpan) {
  ASSERT_TRUE(run(test::tiny_llama(), {.regauge = false}));
  const auto plain = tensor("blk.0.ffn_norm.weight");
  ASSERT_TRUE(run(test::tiny_llama(), {.span = 0.125}));
  const auto moved = tensor("blk.0.ffn_norm.weight");
  for (std::size_t i = 0; i < 8; ++i) EXPECT_LE(std::abs(std::log2(moved[i] / plain[i])), 0.125 + 1e-6);
}

TEST_F(Regauge, KeysAreKeptAndTheFileTypeIsBf16) {
  GgufFile file = test::tiny_llama();
  file.alignment = 128;
  file.number("general.alignment", 128).number("general.quantization_version", 2);
  file.words("tokenizer.ggml.tokens", std::vector<std::string>(5000, "word")).key("last", test::f64, raw(0.25));
  ASSERT_TRUE(run(file));
  const std::string written = test::slurp(to);
  const auto h = read_gguf_header(to);
  ASSERT_TRUE(h) << h.error().message;
  EXPECT_EQ(h->data_start % 128, 0u);
  EXPECT_EQ(h->number("general.file_type"), 32);
  EXPECT_EQ(h->mix(), "BF16 8, F32 4");
  for (const auto& [name, value] : file.keys)
    EXPECT_EQ(written.find(test::raw_text(name) + value) != std::string::npos, name != "general.file_type") << name;
}

TEST_F(Regauge, AMissingFileTypeIsAdded) {
  GgufFile file = test::tiny_llama();
  std::erase_if(file.keys, [](const auto& key) { return key.first == "general.file_type"; });
  ASSERT_TRUE(run(file));
  EXPECT_EQ(read_gguf_header(to)->number("general.file_type"), 32);
}

TEST_F(Regauge, EveryTypeThatItReadsAndRowsAcrossPieces) {
  GgufFile file;
  file.word("general.architecture", "llama");
  file.tensor("half", {2, 1}, 1, raw(std::uint16_t{0x3c00}) + raw(std::uint16_t{0xc000}));
  std::string q8;
  for (int block = 0; block < 40000; ++block) q8 += raw(std::uint16_t{0x3c00}) + std::string(32, static_cast<char>(block % 100));
  file.tensor("long", {64, 20000}, 8, q8);  // 1.28 million elements: many pieces
  ASSERT_TRUE(run(file, {.regauge = false}));
  EXPECT_EQ(tensor("half"), (std::vector<float>{1, -2}));
  const auto values = tensor("long");
  ASSERT_EQ(values.size(), 1280000u);
  for (std::size_t i = 0; i < values.size(); i += 32) ASSERT_EQ(values[i + 31], static_cast<float>(i / 32 % 100)) << i;
}

TEST_F(Regauge, MayReplaceItsOwnSource) {
  test::spill(from, test::tiny_llama().bytes());
  ASSERT_TRUE(regauge(from, from, {.regauge = false}));
  EXPECT_EQ(read_gguf_header(from)->mix(), "BF16 8, F32 4");
}

TEST_F(Regauge, RefusesWhatTheRecipeDoesNotCover) {
  GgufFile file = test::tiny_llama();
  file.keys[0] = {"general.architecture", raw(std::uint32_t{test::text}) + test::raw_text("gpt2")};
  refused(file, Fault::usage, "its architecture is gpt2");
  file = test::tiny_llama();
  file.tensor("blk.0.ffn_gate_inp.weight", {8, 2}, 0, test::tiny_weights(16, 1));
  refused(file, Fault::usage, "blk.0.ffn_gate_inp.weight is none that re-gauging knows");
  file = test::tiny_llama();
  file.tensor("extra", {256}, 12, std::string(144, 'k'));
  refused(file, Fault::usage, "tensor extra is Q4_K");
  file = test::tiny_llama();
  std::erase_if(file.keys, [](const auto& key) { return key.first == "llama.attention.head_count"; });
  refused(file, Fault::usage, "head_count");
}

TEST_F(Regauge, RefusesWhatDoesNotFitTogether) {
  GgufFile file = test::tiny_llama();
  std::erase_if(file.tensors, [](const auto& t) { return t.name == "blk.0.ffn_down.weight"; });
  refused(file, Fault::damaged, "blk.0.ffn_down.weight is missing");
  file = test::tiny_llama();
  for (auto& t : file.tensors)
    if (t.name == "blk.0.ffn_down.weight") t.shape = {16, 16};
  refused(file, Fault::damaged, "blk.0.ffn_down.weight has 16 columns, blk.0.ffn_up.weight expects 32");
  file = test::tiny_llama();
  for (auto& t : file.tensors)
    if (t.name == "blk.0.attn_output.weight") t.shape = {4, 16};
  refused(file, Fault::damaged, "blk.0.attn_output.weight has 4 columns, blk.0.attn_v.weight expects 8");
}

TEST_F(Regauge, AFolderThatIsNotThereIsUsage) {
  test::spill(from, test::tiny_llama().bytes());
  const auto done = regauge(from, folder / "absent/to.gguf", {});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().fault, Fault::usage);
  EXPECT_THAT(done.error().message, HasSubstr("absent/to.gguf"));
}

TEST_F(Regauge, WhatCanNotBePutInPlaceIsTakenAway) {
  test::spill(from, test::tiny_llama().bytes());
  std::filesystem::create_directories(folder / "taken/inside");
  const auto done = regauge(from, folder / "taken", {});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().fault, Fault::usage);
  EXPECT_THAT(done.error().message, HasSubstr("taken"));
  EXPECT_FALSE(std::filesystem::exists(folder / "taken.part"));
}

TEST(ExactExp2, AgreesWithTheLibraryToARoundingOrSo) {
  EXPECT_EQ(exact_exp2(0), 1);
  EXPECT_EQ(exact_exp2(3), 8);
  EXPECT_EQ(exact_exp2(-1), 0.5);
  EXPECT_EQ(exact_exp2(0.5), std::sqrt(2.0));
  for (double u = -2; u < 2; u += 0.0137) EXPECT_NEAR(exact_exp2(u) / std::exp2(u), 1, 1e-14) << u;
}

}  // namespace
}  // namespace qc
