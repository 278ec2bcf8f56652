// The real sample model, and ggml's own table of types.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

#include "core/files.h"
#include "gguf/gguf.h"
#include "gguf/regauge.h"
#include "support/gguf_file.h"
#include "support/sample_engine.h"

namespace qc {
namespace {

TEST(SampleModel, HeaderIsAsPublished) {
  const auto model = test::sample_model();
  if (!model) GTEST_SKIP() << test::kNoSample;
  const auto h = read_gguf_header(*model);
  ASSERT_TRUE(h) << h.error().message;
  EXPECT_EQ(h->mix(), "Q4_1 210, Q8_0 1, F32 61");
  EXPECT_EQ(h->dominant(), "Q4_1");
  EXPECT_EQ(h->text("general.architecture"), "llama");
  EXPECT_EQ(h->number("llama.block_count"), 30);
  EXPECT_EQ(h->number("llama.attention.head_count"), 9);
  EXPECT_EQ(h->number("llama.attention.head_count_kv"), 3);
  EXPECT_EQ(h->number("llama.embedding_length"), 576);
  EXPECT_EQ(h->parameters(), 134515008);
}

TEST(SampleModel, RegaugedIsTheSameEveryTimeAndMatricesAreBf16) {
  const auto model = test::sample_model();
  if (!model) GTEST_SKIP() << test::kNoSample;
  const test::Folder folder(std::filesystem::temp_directory_path());
  ASSERT_TRUE(regauge(*model, folder / "a.gguf", {.seed = 1}));
  const auto h = read_gguf_header(folder / "a.gguf");
  ASSERT_TRUE(h) << h.error().message;
  EXPECT_EQ(h->mix(), "BF16 211, F32 61");
  EXPECT_EQ(h->parameters(), 134515008);
  EXPECT_EQ(*sha256_file(folder / "a.gguf"), "c855bf0ab98b95d78e9727f03021755d7661115005e727f48228f23cb9774d53");  // debug, release and -march=native builds alike
}

// ggml's own names and sizes, asked of its library.
TEST(TensorTypes, AgreeWithGgml) {
  const auto bin = test::llama_bin();
  if (!bin) GTEST_SKIP() << test::kNoSample;
  void* library = ::dlopen((*bin / "libggml-base.so").c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) GTEST_SKIP() << ::dlerror();
  const auto name = reinterpret_cast<const char* (*)(int)>(::dlsym(library, "ggml_type_name"));
  const auto bytes = reinterpret_cast<std::size_t (*)(int)>(::dlsym(library, "ggml_type_size"));
  const auto elements = reinterpret_cast<std::int64_t (*)(int)>(::dlsym(library, "ggml_blck_size"));
  ASSERT_TRUE(name && bytes && elements);
  for (int id = 0; id < 43; ++id) {  // GGML_TYPE_COUNT of v0.5.0
    const auto ours = tensor_type(static_cast<std::uint32_t>(id));
    ASSERT_EQ(ours.has_value(), elements(id) != 0) << id;
    if (!ours) continue;
    std::string theirs = name(id);
    std::ranges::transform(theirs, theirs.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    EXPECT_EQ(ours->name, theirs);
    EXPECT_EQ(ours->block_elements, elements(id)) << theirs;
    EXPECT_EQ(ours->block_bytes, static_cast<int>(bytes(id))) << theirs;
  }
}

}  // namespace
}  // namespace qc
