// The table of docs/engines.md: made from the code, true of what recorded servers tell, and as long as the rules.
#include "measure/engines/proof_table.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "core/files.h"
#include "unit/fairness/recorded.h"

namespace qc {
namespace {

const ProofRow* row_of(std::string_view setting) {
  const auto rows = proof_table();
  const auto found = std::ranges::find(rows, setting, &ProofRow::setting);
  return found == rows.end() ? nullptr : &*found;
}

void expect_as_tabled(const VariantFacts& facts, ProofBy by) {
  int told = 0;
  for (const auto& s : facts.proof) {
    if (s.value.empty() || s.name.find('.') != std::string::npos || s.name == "model" || s.name == "variant_arguments" || s.value == "default") continue;
    const auto* row = row_of(s.name);
    ASSERT_NE(row, nullptr) << s.name;
    const std::string source = s.source.substr(0, s.source.find(" of MODELS/"));
    EXPECT_NE(row->told_by(by).find(source), std::string_view::npos) << s.name << " from " << s.source << ", the table says " << row->told_by(by);
    ++told;
  }
  EXPECT_GT(told, 15);
}

TEST(ProofTable, IsWhatARecordedVllmTells) {
  auto server = test::awq();
  expect_as_tabled(server.facts(), ProofBy::vllm_started);
  server.texts.log.clear();
  server.texts.metrics = test::fixture("vllm/metrics_h100.txt");
  expect_as_tabled(server.facts(), ProofBy::vllm_attached);
}

TEST(ProofTable, HasARowForEachUnfairSetting) {
  for (const auto& rule : fairness_rules()) {
    if (rule.kind == DifferenceKind::unfair && rule.setting.find('.') == std::string_view::npos) {
      EXPECT_NE(row_of(rule.setting), nullptr) << rule.setting;
    }
  }
}

TEST(ProofTable, StandsInTheDocumentsAsItIs) {
  const auto document = read_file(std::string(QC_SOURCE_DIR) + "/docs/engines.md");
  ASSERT_TRUE(document);
  EXPECT_NE(document->find(proof_table_markdown()), std::string::npos) << "put this into docs/engines.md:\n" << proof_table_markdown();
}

}  // namespace
}  // namespace qc
