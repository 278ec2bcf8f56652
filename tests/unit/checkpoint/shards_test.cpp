#include "checkpoint/shards.h"

#include <gmock/gmock.h>

#include "support/safetensors_file.h"

namespace qc {
namespace {

using test::SafetensorsFile;
using testing::ElementsAre;
using testing::HasSubstr;

struct Shards : testing::Test {
  test::Folder folder;

  void shard(const std::string& file, const std::vector<std::string>& tensors) {
    SafetensorsFile f;
    for (const auto& name : tensors) f.tensor(name, "BF16", {2});
    f.write(folder / file);
  }
  void index(const std::string& map) {
    test::spill(folder / "model.safetensors.index.json", R"({"metadata":{"total_size":12},"weight_map":)" + map + "}");
  }
  std::vector<std::string> names() {
    const auto tensors = read_folder_tensors(folder / "");
    if (!tensors) return {tensors.error().message};
    std::vector<std::string> out;
    for (const auto& tensor : *tensors) out.push_back(tensor.name);
    return out;
  }
  void refused(Fault fault, const std::string& because) {
    const auto tensors = read_folder_tensors(folder / "");
    ASSERT_FALSE(tensors) << because;
    EXPECT_EQ(tensors.error().fault, fault);
    EXPECT_THAT(tensors.error().message, HasSubstr(because));
  }
};

TEST_F(Shards, AFolderWithoutWeightsHasNone) {
  EXPECT_TRUE(names().empty());
  test::spill(folder / "pytorch_model.bin", "x");
  EXPECT_TRUE(names().empty());
}

TEST_F(Shards, NoFolderIsUsage) {
  const auto tensors = read_folder_tensors(folder / "absent");
  ASSERT_FALSE(tensors);
  EXPECT_EQ(tensors.error().fault, Fault::usage);
}

TEST_F(Shards, TheIndexSaysWhichFilesCount) {
  shard("model-00001-of-00002.safetensors", {"a", "b"});
  shard("model-00002-of-00002.safetensors", {"c"});
  shard("consolidated.safetensors", {"tok_embeddings"});  // Mistral's own copy of the same weights
  index(R"({"a":"model-00001-of-00002.safetensors","b":"model-00001-of-00002.safetensors","c":"model-00002-of-00002.safetensors"})");
  EXPECT_THAT(names(), ElementsAre("a", "b", "c"));
}

TEST_F(Shards, WithoutAnIndexAllFilesCount) {
  shard("b.safetensors", {"b"});
  shard("a.safetensors", {"a"});
  EXPECT_THAT(names(), ElementsAre("a", "b"));
}

TEST_F(Shards, AMissingShardIsNamed) {
  shard("model-00001-of-00003.safetensors", {"a"});
  shard("model-00003-of-00003.safetensors", {"c"});
  refused(Fault::usage, "model-00002-of-00003.safetensors: a part of the model that is not there");
  index(R"({"a":"model-00001-of-00003.safetensors","b":"later.safetensors"})");
  refused(Fault::usage, "later.safetensors: a part of the model that is not there");
}

TEST_F(Shards, AnIndexThatPromisesTooMuch) {
  shard("x.safetensors", {"a", "e"});
  shard("y.safetensors", {"b"});
  index(R"({"a":"x.safetensors","c":"x.safetensors"})");
  refused(Fault::damaged, "x.safetensors: has no tensor c");
  index(R"({"a":"x.safetensors","b":"x.safetensors","d":"y.safetensors"})");  // b lies in y
  refused(Fault::damaged, "x.safetensors: has no tensor b");
  index(R"({"a":"y.safetensors","b":"y.safetensors","e":"x.safetensors"})");  // a lies in x
  refused(Fault::damaged, "y.safetensors: has no tensor a");
  index(R"({"a":7})");
  refused(Fault::damaged, "names no file for tensor a");
  index("[]");
  refused(Fault::damaged, "has no weight_map");
  index("{");
  refused(Fault::damaged, "not JSON");
}

TEST_F(Shards, ATensorInTwoFilesIsNamed) {
  shard("x.safetensors", {"a"});
  shard("y.safetensors", {"a"});
  refused(Fault::damaged, "tensor a stands in x.safetensors and in y.safetensors");
}

TEST_F(Shards, ADamagedShardIsNamed) {
  shard("x.safetensors", {"a"});
  test::spill(folder / "y.safetensors", "short");
  refused(Fault::damaged, "y.safetensors: not a usable safetensors file");
}

TEST_F(Shards, OfAllThatAServerReadsTheOneThatIsCutShortIsNamed) {
  const auto cut = [&](const std::string& file) { std::filesystem::resize_file(folder / file, std::filesystem::file_size(folder / file) - 1); };
  EXPECT_TRUE(whole_weights(folder / ""));
  EXPECT_TRUE(whole_weights(folder / "absent"));
  shard("model-00001-of-00003.safetensors", {"a"});   // a part that is not there is for others to tell
  shard("consolidated.safetensors", {"b"});
  EXPECT_TRUE(whole_weights(folder / ""));
  cut("consolidated.safetensors");
  const auto whole = whole_weights(folder / "");
  ASSERT_FALSE(whole);
  EXPECT_THAT(whole.error().message, HasSubstr("consolidated.safetensors: not a usable safetensors file: its tensors end at 4 of 3 bytes of data: cut short"));
  index(R"({"a":"model-00001-of-00003.safetensors"})");   // so nobody reads the other one
  EXPECT_TRUE(whole_weights(folder / ""));
  cut("model-00001-of-00003.safetensors");
  EXPECT_FALSE(whole_weights(folder / ""));
  index("{");
  EXPECT_FALSE(whole_weights(folder / ""));
}

}  // namespace
}  // namespace qc
