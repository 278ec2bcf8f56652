// The layout as huggingface_hub's guide "Understand caching" shows it.
#include "checkpoint/hub_cache.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <optional>
#include <string>

#include "support/gguf_file.h"

namespace qc {
namespace {

namespace fs = std::filesystem;

struct HubCache : testing::Test {
  test::Folder folder;
  std::map<std::string, std::optional<std::string>> before;

  HubCache() {
    for (const char* name : {"HF_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME", "HOME"}) {
      const char* value = std::getenv(name);
      before[name] = value ? std::optional<std::string>(value) : std::nullopt;
      ::unsetenv(name);
    }
  }
  ~HubCache() override {
    for (const auto& [name, value] : before) value ? ::setenv(name.c_str(), value->c_str(), 1) : ::unsetenv(name.c_str());
  }
  void set(const char* name, const fs::path& value) { ::setenv(name, value.c_str(), 1); }
  static std::string found(const std::string& id, const std::string& revision = "main") { return hub_snapshot(id, revision).value_or("").string(); }
  void fetched(const std::string& model, const std::string& commit) {
    fs::create_directories(folder / model / "snapshots" / commit);
    fs::create_directories(folder / model / "refs");
    test::spill(folder / model / "refs" / "main", commit);
  }
};

TEST_F(HubCache, WhereItLies) {
  set("HOME", "/home/u");
  EXPECT_EQ(hub_cache_dir().string(), "/home/u/.cache/huggingface/hub");
  set("XDG_CACHE_HOME", "/fast");
  EXPECT_EQ(hub_cache_dir().string(), "/fast/huggingface/hub");
  set("HF_HOME", "~/hf");
  EXPECT_EQ(hub_cache_dir().string(), "/home/u/hf/hub");
  set("HF_HUB_CACHE", "/models");
  EXPECT_EQ(hub_cache_dir().string(), "/models");
  set("HF_HUB_CACHE", "");
  EXPECT_EQ(hub_cache_dir().string(), "/home/u/hf/hub");
}

TEST_F(HubCache, AnIdAtItsRevision) {
  set("HF_HUB_CACHE", folder / "");
  fetched("models--Qwen--Qwen2.5-3B-Instruct", "aa8e72537993ba99e69dfaafa59ed015b17504d1");
  fetched("models--gpt2", "607a30d783dfa663caf39e06633721c8d4cfcd7e\n");
  fs::rename(folder / "models--gpt2" / "snapshots" / "607a30d783dfa663caf39e06633721c8d4cfcd7e\n",
             folder / "models--gpt2" / "snapshots" / "607a30d783dfa663caf39e06633721c8d4cfcd7e");
  const fs::path qwen = folder / "models--Qwen--Qwen2.5-3B-Instruct" / "snapshots" / "aa8e72537993ba99e69dfaafa59ed015b17504d1";
  EXPECT_EQ(found("Qwen/Qwen2.5-3B-Instruct"), qwen.string());
  EXPECT_EQ(found("Qwen/Qwen2.5-3B-Instruct", "aa8e72537993ba99e69dfaafa59ed015b17504d1"), qwen.string());
  EXPECT_NE(found("gpt2"), "");
}

TEST_F(HubCache, NotThere) {
  set("HF_HUB_CACHE", folder / "");
  EXPECT_EQ(found("Qwen/Qwen2.5-3B-Instruct"), "");
  fetched("models--a--b", "c0ffee");
  EXPECT_EQ(found("a/b", "v2"), "");
  EXPECT_EQ(found("a/b", ""), "");
  EXPECT_EQ(found(""), "");
  fs::remove_all(folder / "models--a--b" / "snapshots" / "c0ffee");
  EXPECT_EQ(found("a/b"), "");
}

}  // namespace
}  // namespace qc
