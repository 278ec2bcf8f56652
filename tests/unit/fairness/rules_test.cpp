#include "judge/fairness/rules.h"

#include <gmock/gmock.h>

#include <set>

namespace qc {
namespace {

TEST(FairnessRules, EachNameHasOneRuleAndUnfairOnesSayWhyAndHowToMendIt) {
  std::set<std::string_view> seen;
  for (const auto& rule : fairness_rules()) {
    EXPECT_TRUE(seen.insert(rule.setting).second) << rule.setting;
    EXPECT_FALSE(rule.why.empty()) << rule.setting;
    EXPECT_EQ(rule.remedy.empty(), rule.kind != DifferenceKind::unfair) << rule.setting;
    if (rule.setting.find('*') != std::string_view::npos) continue;
    EXPECT_EQ(&rule_for(rule.setting), &rule) << "hidden behind another: " << rule.setting;
  }
}

TEST(FairnessRules, AStarStandsForAnyText) {
  EXPECT_EQ(rule_for("env.VLLM_CACHE_ROOT").kind, DifferenceKind::own);
  EXPECT_EQ(rule_for("config.compilation_config.pass_config.fuse_norm_quant").kind, DifferenceKind::explained);
  EXPECT_EQ(rule_for("config.compilation_config.backend").kind, DifferenceKind::unknown);
  EXPECT_EQ(rule_for("config.parallel_config.data_parallel_rpc_port").kind, DifferenceKind::own);
}

}  // namespace
}  // namespace qc
