// The format as ggml's docs/gguf.md describes it, written by hand in support/gguf_file.h.
#include "gguf/gguf.h"

#include <gmock/gmock.h>

#include "support/gguf_file.h"

namespace qc {
namespace {

using test::GgufFile;
using test::raw;
using test::raw_text;
using testing::HasSubstr;

struct Header : testing::Test {
  test::Folder folder;

  Result<GgufHeader> read(const std::string& bytes) {
    test::spill(folder / "x.gguf", bytes);
    return read_gguf_header(folder / "x.gguf");
  }
  void refused(const std::string& bytes, const std::string& because) {
    const auto header = read(bytes);
    ASSERT_FALSE(header) << because;
    EXPECT_EQ(header.error().fault, Fault::damaged);
    EXPECT_THAT(header.error().message, HasSubstr(because));
    EXPECT_THAT(header.error().message, HasSubstr((folder / "x.gguf").string()));
  }
};

GgufFile sample() {
  GgufFile f;
  f.word("general.architecture", "llama").number("general.file_type", 2);
  f.tensor("a", {64, 2}, 2, std::string(4 * 18, 'q')).tensor("b", {32}, 0, std::string(128, 'f')).tensor("c", {64}, 2, std::string(36, 'q'));
  return f;
}

TEST_F(Header, EveryKindOfValue) {
  GgufFile f;
  f.key("u8", test::u8, "\xff").key("i8", test::i8, "\xff").key("u16", test::u16, raw(std::uint16_t{65535})).key("i16", test::i16, raw(std::int16_t{-2}));
  f.number("u32", 4000000000u).key("i32", test::i32, raw(std::int32_t{-5})).key("f32", test::f32, raw(0.5f)).key("yes", test::boolean, "\x01");
  f.word("text", "hello").key("u64", test::u64, raw(~std::uint64_t{0})).key("i64", test::i64, raw(std::int64_t{-9})).key("f64", test::f64, raw(0.1));
  f.words("words", {"one", "", "three"});
  f.key("numbers", test::array, raw(std::uint32_t{test::i16}) + raw(std::uint64_t{2}) + raw(std::int16_t{-3}) + raw(std::int16_t{7}));
  const auto h = read(f.bytes());
  ASSERT_TRUE(h) << h.error().message;
  EXPECT_EQ(h->number("u8"), 255);
  EXPECT_EQ(h->number("i8"), -1);
  EXPECT_EQ(h->number("u16"), 65535);
  EXPECT_EQ(h->number("i16"), -2);
  EXPECT_EQ(h->number("u32"), 4000000000);
  EXPECT_EQ(h->number("i32"), -5);
  EXPECT_EQ(h->number("i64"), -9);
  EXPECT_EQ(h->number("u64"), std::nullopt);  // does not fit
  EXPECT_EQ(h->number("text"), std::nullopt);
  EXPECT_EQ(h->number("absent"), std::nullopt);
  EXPECT_EQ(h->text("text"), "hello");
  EXPECT_EQ(h->text("u8"), std::nullopt);
  EXPECT_EQ(h->keys.at("u64"), GgufValue(~std::uint64_t{0}));
  EXPECT_EQ(h->keys.at("f32"), GgufValue(0.5));
  EXPECT_EQ(h->keys.at("f64"), GgufValue(0.1));
  EXPECT_EQ(h->keys.at("yes"), GgufValue(true));
  EXPECT_EQ(h->keys.at("words"), GgufValue(std::vector<std::string>{"one", "", "three"}));
  EXPECT_EQ(h->keys.at("numbers"), GgufValue(std::vector<double>{-3, 7}));
}

TEST_F(Header, ALongArrayIsWalkedAndLeftOut) {
  GgufFile f = sample();
  f.words("tokenizer.ggml.tokens", std::vector<std::string>(4097, "word"));
  f.key("scores", test::array, raw(std::uint32_t{test::f32}) + raw(std::uint64_t{30000}) + std::string(120000, '\0'));  // longer than a read buffer
  f.words("kept", std::vector<std::string>(4096, "w")).number("after", 7);
  const auto h = read(f.bytes());
  ASSERT_TRUE(h) << h.error().message;
  EXPECT_FALSE(h->keys.contains("tokenizer.ggml.tokens"));
  EXPECT_FALSE(h->keys.contains("scores"));
  EXPECT_TRUE(h->keys.contains("kept"));
  EXPECT_EQ(h->number("after"), 7);
}

TEST_F(Header, TensorsAndSizes) {
  const std::string bytes = sample().bytes();
  const auto h = read(bytes);
  ASSERT_TRUE(h) << h.error().message;
  EXPECT_EQ(h->version, 3u);
  EXPECT_EQ(h->file_bytes, bytes.size());
  EXPECT_EQ(h->data_start, bytes.size() - 96 - 128 - 64);
  ASSERT_EQ(h->tensors.size(), 3u);
  EXPECT_EQ(h->tensors[0].name, "a");
  EXPECT_EQ(h->tensors[0].shape, (std::vector<std::uint64_t>{64, 2}));
  EXPECT_EQ(h->tensors[0].type.name, "Q4_0");
  EXPECT_EQ(h->tensors[0].bytes(), 72u);
  EXPECT_EQ(h->tensors[1].offset, 96u);
  EXPECT_EQ(h->tensors[2].offset, 224u);
  EXPECT_EQ(h->parameters(), 128 + 32 + 64);
  EXPECT_EQ(h->tensor_bytes(), 72u + 128 + 36);
  EXPECT_DOUBLE_EQ(h->bits_per_weight(), 236.0 * 8 / 224);
  EXPECT_EQ(h->mix(), "F32 1, Q4_0 2");  // 128 bytes against 108
  EXPECT_EQ(h->dominant(), "F32");
}

TEST_F(Header, Version2AndOtherAlignmentAndNoTensors) {
  GgufFile f = sample();
  f.version = 2;
  f.alignment = 256;
  f.number("general.alignment", 256);
  const auto h = read(f.bytes());
  ASSERT_TRUE(h) << h.error().message;
  EXPECT_EQ(h->data_start % 256, 0u);
  EXPECT_EQ(h->tensors[1].offset, 256u);

  const auto vocabulary = read(GgufFile().word("general.architecture", "llama").header());
  ASSERT_TRUE(vocabulary) << vocabulary.error().message;
  EXPECT_EQ(vocabulary->dominant(), "");
  EXPECT_EQ(vocabulary->mix(), "");
}

TEST_F(Header, NoFileIsUsage) {
  for (const auto& path : {folder / "absent.gguf", folder / ""}) {
    const auto h = read_gguf_header(path);
    ASSERT_FALSE(h);
    EXPECT_EQ(h.error().fault, Fault::usage);
    EXPECT_THAT(h.error().message, HasSubstr(path.string()));
  }
}

TEST_F(Header, NotAGguf) {
  refused("", "first four bytes");
  refused("GGU", "first four bytes");
  refused("PK\3\4" + std::string(100, 'x'), "first four bytes");
  std::string other = sample().bytes();
  for (const char version : {'\0', '\1', '\4'}) {
    other[4] = version;
    refused(other, "2 and 3 are known");
  }
}

TEST_F(Header, HugeCounts) {
  const std::uint64_t huge = std::uint64_t{1} << 60;
  const auto start = [](std::uint64_t tensors, std::uint64_t keys) { return "GGUF" + raw(std::uint32_t{3}) + raw(tensors) + raw(keys) + std::string(200, '\0'); };
  refused(start(huge, 0), "tensors do not fit");
  refused(start(0, ~std::uint64_t{0}), "keys do not fit");
  const auto one_key = [&](const std::string& key) { return "GGUF" + raw(std::uint32_t{3}) + raw(std::uint64_t{0}) + raw(std::uint64_t{1}) + key + std::string(200, '\0'); };
  refused(one_key(raw(huge)), "a key's name of");
  refused(one_key(raw_text("k") + raw(std::uint32_t{test::text}) + raw(huge)), "more memory than the file");
  refused(one_key(raw_text("k") + raw(std::uint32_t{test::array}) + raw(std::uint32_t{test::u8}) + raw(huge)), "do not fit");
  refused(one_key(raw_text("k") + raw(std::uint32_t{test::array}) + raw(std::uint32_t{test::text}) + raw(huge)), "do not fit");
  refused(one_key(raw_text("k") + raw(std::uint32_t{test::array}) + raw(std::uint32_t{test::array}) + raw(std::uint64_t{1})), "array of type 9");
  refused(one_key(raw_text("k") + raw(std::uint32_t{13})), "type 13");
}

TEST_F(Header, ManySmallRecordsCanNotTakeMoreMemoryThanTheFile) {
  GgufFile f;  // an empty text takes 8 bytes of file and 32 of memory, and more with its allocation
  for (int i = 0; i < 200; ++i) f.words("k" + std::to_string(i), std::vector<std::string>(4096));
  refused(f.bytes(), "more memory than the file");
}

TEST_F(Header, TensorsThatDoNotAddUp) {
  GgufFile f = sample();
  f.tensors[1].type = 31;
  refused(f.bytes(), "tensor b has type 31");
  f = sample();
  f.tensors[0].shape = {63, 2};
  refused(f.bytes(), "no whole blocks of Q4_0");
  f = sample();
  f.tensors[0].shape = {64, 1};  // now b lies too late
  refused(f.bytes(), "tensor b lies at 96, not at 64");
  f = sample();
  f.tensors[0].shape = {std::uint64_t{1} << 40, std::uint64_t{1} << 40};
  refused(f.bytes(), "larger than the file");
  f = sample();
  f.tensors[0].shape = {2048, 2048};  // each of them would fit
  refused(f.bytes(), "tensor a is larger than the file");
  f = sample();
  f.tensors[0].shape = {64, 2, 1, 1, 1};
  refused(f.bytes(), "5 dimensions");
  f = sample();
  f.tensors[1].name = "a";
  refused(f.bytes(), "tensor a stands there twice");
  f = sample();
  f.tensors[1].name = std::string(64, 'n');
  refused(f.bytes(), "a tensor's name of 64 bytes");
  f = sample();
  f.tensors[2].data.resize(32);
  std::string cut = f.bytes();
  refused(cut, "cut short: tensor c ends at");
}

TEST_F(Header, CutShortSaysWhere) {
  const std::string bytes = sample().bytes();
  refused(bytes.substr(0, 22), "cut short: byte 16 asks for 8 bytes more, 6 are left");
  refused(bytes.substr(0, 50), "3 tensors do not fit into the file");
  GgufFile f;
  f.words("tokens", std::vector<std::string>(5000, "word")).number("after", 1);
  std::string broken = f.bytes();
  broken[broken.find("word") - 4] = 1;  // the first of 5000 words is now 2^32 bytes longer
  refused(broken, "cut short");
}

TEST_F(Header, KeysThatDoNotAddUp) {
  refused(GgufFile().number("k", 1).number("k", 2).bytes(), "key k stands there twice");
  refused(GgufFile().number("", 1).bytes(), "a key without a name");
  refused(GgufFile().number("general.alignment", 48).bytes(), "alignment 48");
  refused(GgufFile().number("general.alignment", 0).bytes(), "alignment 0");
  refused(GgufFile().word("general.alignment", "32").bytes(), "general.alignment is not a 32-bit number");
}

TEST(TensorTypes, NumbersThatGgmlGaveUpAreUnknown) {
  for (const std::uint32_t id : {4u, 5u, 31u, 32u, 33u, 36u, 37u, 38u, 43u, 0xffffffffu}) EXPECT_FALSE(tensor_type(id)) << id;
}

}  // namespace
}  // namespace qc
