#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exchange/read/names.h"

namespace qc::test {
namespace {

struct Case { std::vector<std::string> files, variants, workloads; };

TEST(FileNames, TellVariantAndWorkload) {
  const Case cases[] = {{{"bf16.csv", "awq.csv"}, {"bf16", "awq"}, {"", ""}},
                        {{"a/rtx_chat_capacity_bf16.csv", "a/rtx_chat_capacity_awq.csv", "a/rtx_batch_capacity_awq.csv"}, {"bf16", "awq", "awq"}, {"chat", "chat", "batch"}},
                        {{"bf16_conc1.json", "bf16_conc8.json", "awq_conc1.json"}, {"bf16", "bf16", "awq"}, {"", "", ""}},
                        {{"q4_0.csv", "q8_0.csv"}, {"q4", "q8"}, {"", ""}},
                        {{"q4_0-concurrency-8-20261123-135727.json"}, {"q4_0"}, {""}},
                        {{"bf16/profile_export.jsonl", "awq/profile_export.jsonl"}, {"bf16", "awq"}, {"", ""}},
                        {{"chat.csv"}, {""}, {"chat"}}};
  for (const Case& c : cases) {
    const auto names = names_of_files(c.files);
    for (std::size_t i = 0; i < c.files.size(); ++i) {
      EXPECT_EQ(names[i].variant, c.variants[i]) << c.files[i];
      EXPECT_EQ(names[i].workload, c.workloads[i]) << c.files[i];
    }
  }
}

TEST(StudyNames, AreWhatAStudyFileTakes) {
  EXPECT_EQ(study_name("Qwen/Qwen2.5-3B-Instruct-AWQ"), "Qwen2.5-3B-Instruct-AWQ");
  EXPECT_EQ(study_name("/models/smollm2 q4.gguf"), "smollm2-q4");
  EXPECT_EQ(study_name("_x"), "v_x");
  EXPECT_EQ(study_name(std::string(80, 'a')).size(), 64u);
}

}  // namespace
}  // namespace qc::test
