// What the report says of the servers themselves.
#include <gmock/gmock.h>

#include "golden/report_compose/cases.h"
#include "report/report.h"
#include "unit/report_compose/document_text.h"

namespace qc::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

/// q4_0's win, with servers that were asked; `slots` of the candidate's.
Case asked(const std::string& slots, const std::vector<std::string>& allow) {
  Case c = clear_win();
  for (auto& f : c.data.variants) {
    f.proof = {{"weight_format", f.variant, "tensor headers"}, {"max_num_seqs", f.variant == "q4_0" ? slots : "16", "/props"}};
    f.identity = {IdentityVerdict::proved, "its file holds what it says"};
    f.file_sha256 = "of " + f.variant;
  }
  c.data.study.allow = allow;
  c.findings.fairness = find_differences(c.data.variants, allow);
  c.findings.caveats = judge(c.data).caveats;   // the case's figures are made by hand, without trials
  return c;
}

std::string setup(const Case& c) { return to_markdown(compose(c.data, c.findings)); }

TEST(ComposeFairness, ExplainedDifferencesAreToldAndNothingElse) {
  const Case c = asked("16", {});
  const std::string text = setup(c);
  EXPECT_THAT(text, AllOf(HasSubstr("Is each variant what it says it is?"), HasSubstr("its file holds what it says"),
                          HasSubstr("Nothing differs between the models but how their weights are stored")));
  EXPECT_THAT(c.findings.caveats, Not(Contains(HasSubstr("allowed by the user"))));
}

TEST(ComposeFairness, AgainstItsOwnFileNothingIsCompared) {
  Case c = asked("16", {});
  c.data.variants[2].file_sha256 = c.data.variants[0].file_sha256;
  EXPECT_THAT(setup(c), AllOf(HasSubstr("**q4_0 is bf16's own file**, by its hash: a difference that is called there is noise. Between the others nothing differs but how their weights are stored"), Not(HasSubstr("Nothing differs between the models"))));
  c.data.variants[1].file_sha256 = c.data.variants[0].file_sha256;
  EXPECT_THAT(setup(c), HasSubstr("**q8_0 and q4_0 are bf16's own file**, by its hash. Nothing is compared but this machine with itself"));
  for (VariantFacts& f : c.data.variants) f.proof.push_back({"variant_arguments", f.variant == "q8_0" ? "-ub 64" : "none", "study"});
  c.findings.fairness = find_differences(c.data.variants, {});
  EXPECT_THAT(setup(c), AllOf(HasSubstr("by its hash, so it is not the weights that are compared there. Some settings differ whose effect nobody has told"), Not(HasSubstr("is called is noise"))));
}

TEST(ComposeFairness, WhatIsAllowedIsRepeatedOnPageOneAndInSetup) {
  const Case c = asked("8", {"max_num_seqs"});
  EXPECT_THAT(c.findings.caveats, Contains(HasSubstr("Unfair, but allowed by the user: max_num_seqs: bf16 16 (/props), q8_0 16 (/props), q4_0 8 (/props)")));
  const Document d = compose(c.data, c.findings);
  EXPECT_THAT(prose(section(d, "summary")), HasSubstr("allowed by the user"));
  EXPECT_THAT(prose(section(d, "setup")), HasSubstr("The user allowed"));
  EXPECT_THAT(summary_json(c.data, c.findings), AllOf(HasSubstr("\"comparable\": true"), HasSubstr("\"allowed\": true")));
}

TEST(ComposeFairness, ACacheThatGrewBeyondTheShareIsNotTheFormatsAlone) {
  Case c = asked("16", {});
  c.data.variants.front().proof.push_back({"kv_cache_tokens", "1000", "log"});
  c.data.variants.back().proof.push_back({"kv_cache_tokens", "2000", "log"});
  c.findings.fairness = find_differences(c.data.variants, {});
  const std::string words = "A part of the difference is that q4_0 took more than its share of the card: see Room for requests.";
  EXPECT_THAT(setup(c), Not(HasSubstr(words)));
  for (MemoryRow& r : c.findings.memory) r.beyond_share = r.variant == "q4_0";
  EXPECT_THAT(setup(c), HasSubstr("Memory that the weights do not take is left for the KV cache. " + words));
}

TEST(ComposeFairness, ARefusedStudySaysSo) {
  const Case c = asked("8", {});
  EXPECT_THAT(prose(section(compose(c.data, c.findings), "setup")), HasSubstr("The models are not comparable: `max_num_seqs` must be equal"));
}

}  // namespace
}  // namespace qc::test
