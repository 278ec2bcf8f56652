// The format as the README of huggingface/safetensors describes it, written by hand in support/safetensors_file.h.
#include "checkpoint/safetensors.h"

#include <gmock/gmock.h>

#include "support/safetensors_file.h"

namespace qc {
namespace {

using test::SafetensorsFile;
using testing::HasSubstr;

struct Safetensors : testing::Test {
  test::Folder folder;
  const std::filesystem::path path = folder / "model.safetensors";

  Result<std::vector<StoredTensor>> read(const std::string& bytes) {
    test::spill(path, bytes);
    return read_safetensors(path);
  }
  Result<std::vector<StoredTensor>> read(const SafetensorsFile& file) { return read(file.front() + std::string(file.data_bytes(), 'x')); }

  template <class Content>
  void refused(const Content& content, const std::string& because) {
    const auto tensors = read(content);
    ASSERT_FALSE(tensors) << because;
    EXPECT_EQ(tensors.error().fault, Fault::damaged);
    EXPECT_THAT(tensors.error().message, HasSubstr(because));
    EXPECT_THAT(tensors.error().message, HasSubstr(path.string()));
  }
  void refused_entry(const std::string& entry, const std::string& because) { refused(test::raw_text("{\"a\":" + entry + "}") + "12345678", because); }
};

SafetensorsFile sample() {
  SafetensorsFile f;
  f.tensor("b", "BF16", {2, 3}).tensor("a", "I32", {4}).tensor("c", "F8_E4M3", {5, 1});
  return f;
}

TEST_F(Safetensors, TensorsInTheOrderOfTheirData) {
  const auto tensors = read(sample());
  ASSERT_TRUE(tensors) << tensors.error().message;
  ASSERT_EQ(tensors->size(), 3u);
  const StoredTensor &b = (*tensors)[0], &a = (*tensors)[1], &c = (*tensors)[2];
  EXPECT_EQ(b.name, "b");
  EXPECT_EQ(b.dtype, "BF16");
  EXPECT_EQ(b.shape, (std::vector<std::uint64_t>{2, 3}));
  EXPECT_EQ(b.elements(), 6u);
  EXPECT_EQ(b.bytes, 12u);
  EXPECT_EQ(a.name, "a");
  EXPECT_EQ(a.bytes, 16u);
  EXPECT_EQ(c.name, "c");
  EXPECT_EQ(c.bytes, 5u);
}

TEST_F(Safetensors, TheExampleOfTheLibrarysOwnDocumentation) {
  const auto tensors = read("<" + std::string(7, '\0') + R"({"test":{"dtype":"I32","shape":[2,2],"data_offsets":[0,16]}})" + std::string(16, '\0'));
  ASSERT_TRUE(tensors) << tensors.error().message;
  EXPECT_EQ(tensors->at(0).name, "test");
  EXPECT_EQ(tensors->at(0).bytes, 16u);
}

TEST_F(Safetensors, ScalarsEmptyTensorsPaddingAndNoTensorsAtAll) {
  const std::string header = R"({"none":{"dtype":"F32","shape":[0,7],"data_offsets":[0,0]},"one":{"dtype":"F32","shape":[],"data_offsets":[0,4]},)"
                             R"("half":{"dtype":"F4","shape":[3,2],"data_offsets":[4,7]}}     )";
  const auto tensors = read(test::raw_text(header) + "1234567");
  ASSERT_TRUE(tensors) << tensors.error().message;
  ASSERT_EQ(tensors->size(), 3u);
  EXPECT_EQ((*tensors)[0].elements(), 0u);
  EXPECT_EQ((*tensors)[1].elements(), 1u);
  EXPECT_EQ((*tensors)[2].bytes, 3u);  // six of four bits
  EXPECT_TRUE(read(test::raw_text("{}"))->empty());
  EXPECT_TRUE(read(SafetensorsFile())->empty());
}

TEST_F(Safetensors, OnlyTheHeaderOfALargeFileIsRead) {
  SafetensorsFile f;
  f.tensor("large", "BF16", {8'000'000'000});
  f.write(path);
  const auto tensors = read_safetensors(path);
  ASSERT_TRUE(tensors) << tensors.error().message;
  EXPECT_EQ((*tensors)[0].bytes, 16'000'000'000u);
}

TEST_F(Safetensors, NoFileIsUsage) {
  for (const auto& absent : {folder / "absent.safetensors", folder / ""}) {
    const auto tensors = read_safetensors(absent);
    ASSERT_FALSE(tensors);
    EXPECT_EQ(tensors.error().fault, Fault::usage);
    EXPECT_THAT(tensors.error().message, HasSubstr(absent.string()));
  }
}

TEST_F(Safetensors, LengthsThatTheFileDoesNotHave) {
  refused(std::string(), "0 bytes are too few");
  refused(std::string("1234567"), "7 bytes are too few");
  refused(test::raw(std::uint64_t{3}) + "{}", "a header of 3 bytes in a file of 10");
  refused(test::raw(~std::uint64_t{0}) + "{}", "a header of 18446744073709551615 bytes");
  refused("GGUF" + std::string(100, '\0'), "a header of 1179993927 bytes");  // "GGUF" as a number, little-endian
  test::spill(path, test::raw(kLongestSafetensorsHeader + 1));
  std::filesystem::resize_file(path, 2 * kLongestSafetensorsHeader);
  EXPECT_THAT(read_safetensors(path).error().message, HasSubstr("a header of 100000001 bytes"));
}

TEST_F(Safetensors, HeadersThatAreNoTable) {
  refused(test::raw_text("{\"a\":"), "its header: not JSON at byte 6");
  refused(test::raw_text("[1,2]"), "not a JSON object");
  refused(test::raw_text("{\"a\":1e999}"), "no double can hold");
  refused(test::raw_text(std::string(20'000, '[')), "not JSON");
}

TEST_F(Safetensors, EntriesThatLackSomething) {
  for (const char* entry : {"7", "{}", R"({"dtype":"I8","shape":[8]})", R"({"dtype":"I8","data_offsets":[0,8]})", R"({"shape":[8],"data_offsets":[0,8]})",
                            R"({"dtype":1,"shape":[8],"data_offsets":[0,8]})", R"({"dtype":"I8","shape":[-8],"data_offsets":[0,8]})",
                            R"({"dtype":"I8","shape":[8.0],"data_offsets":[0,8]})", R"({"dtype":"I8","shape":[8],"data_offsets":[0,4,8]})",
                            R"({"dtype":"I8","shape":8,"data_offsets":[0,8]})"})
    refused_entry(entry, "tensor a lacks a dtype, a shape or two data_offsets");
  refused_entry(R"({"dtype":"Q4_0","shape":[8],"data_offsets":[0,8]})", "tensor a has dtype Q4_0");
}

TEST_F(Safetensors, RangesThatDoNotFit) {
  refused_entry(R"({"dtype":"I8","shape":[9],"data_offsets":[0,9]})", "tensor a lies at [0, 9] of 8 bytes");
  refused_entry(R"({"dtype":"I8","shape":[0],"data_offsets":[8,0]})", "tensor a lies at [8, 0] of 8 bytes");
  refused_entry(R"({"dtype":"I8","shape":[2,3],"data_offsets":[0,8]})", "tensor a has 8 bytes, which I8 [2, 3] does not fill");
  refused_entry(R"({"dtype":"I32","shape":[8],"data_offsets":[0,8]})", "which I32 [8] does not fill");
  refused_entry(R"({"dtype":"F4","shape":[3],"data_offsets":[0,1]},"b":{"dtype":"I8","shape":[7],"data_offsets":[1,8]})", "which F4 [3] does not fill");
  refused_entry(R"({"dtype":"I8","shape":[8,2305843009213693953],"data_offsets":[0,8]})", "does not fill");  // 2^64 + 8
  refused_entry(R"({"dtype":"I8","shape":[4],"data_offsets":[0,4]})", "its tensors end at 4 of 8 bytes");
  refused_entry(R"({"dtype":"I8","shape":[4],"data_offsets":[4,8]})", "tensor a lies at 4, not at 0");
}

TEST_F(Safetensors, TensorsThatOverlapOrStandThereTwice) {
  SafetensorsFile f = sample();
  f.tensors[1].begin -= 4, f.tensors[1].end -= 4;
  refused(f, "tensor a lies at 8, not at 12");
  f = sample();
  f.tensors[1].name = "b";  // one of the two is lost in the JSON: its data belongs to nobody
  refused(f, "where the one before it ends");
}

TEST_F(Safetensors, CutShort) {
  const std::string bytes = sample().front() + std::string(sample().data_bytes(), 'x');
  refused(bytes.substr(0, bytes.size() - 1), "tensor c lies at [28, 33] of 32 bytes of data: cut short");
  refused(bytes + "x", "its tensors end at 33 of 34 bytes");
}

TEST_F(Safetensors, AFileThatIsCutShortIsNotWhole) {
  sample().write(path);
  EXPECT_TRUE(whole_safetensors(path));
  const auto size = std::filesystem::file_size(path);   // 12 + 16 + 5 bytes of data
  for (const auto& [bytes, because] : {std::pair(size - 1, "its tensors end at 33 of 32 bytes of data: cut short"), {size - 33, "end at 33 of 0 bytes"}, {size - 34, "a header of"},
                                       {std::uintmax_t{7}, "7 bytes are too few"}, {size + 1, "its tensors end at 33 of 34 bytes of data"}}) {
    sample().write(path);
    std::filesystem::resize_file(path, bytes);
    const auto whole = whole_safetensors(path);
    ASSERT_FALSE(whole) << bytes;
    EXPECT_EQ(whole.error().fault, Fault::damaged);
    EXPECT_THAT(whole.error().message, HasSubstr(because));
  }
}

// What `git clone` leaves where git-lfs is not installed.
TEST_F(Safetensors, APointerIsNoFile) {
  test::spill(path, "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 2471645608\n");
  EXPECT_FALSE(whole_safetensors(path));
}

// A later format than ours may be whole all the same.
TEST_F(Safetensors, AnUnknownDtypeMayBeWhole) {
  test::spill(path, test::raw_text(R"({"a":{"dtype":"F3_X","shape":[8],"data_offsets":[0,3]}})") + "123");
  EXPECT_TRUE(whole_safetensors(path));
  EXPECT_FALSE(read_safetensors(path));
}

}  // namespace
}  // namespace qc
