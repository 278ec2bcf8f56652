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

// Seen with a file that llama-server refused: page after page spoke of all models, though one alone had answered.
TEST(ComposeFairness, OfAModelThatNeverAnsweredNothingIsClaimed) {
  Case c = asked("16", {});
  c.data.variants.pop_back();   // q4_0's
  EXPECT_THAT(setup(c), AllOf(HasSubstr("are the same for all models that answered"), HasSubstr("Each model that answered is what it says it is"), HasSubstr("Of q4_0 nothing is known, since no server answered."),
                              HasSubstr("Nothing differs between the models that answered but how"), HasSubstr("The models that answered were all served by one version of the server."), Not(HasSubstr("The hashes say which weights were compared"))));
  c.data.variants.pop_back();
  EXPECT_THAT(setup(c), AllOf(HasSubstr("Only bf16 answered, so nothing could be held against it."), HasSubstr("Of q8_0 and q4_0 nothing is known"),
                              HasSubstr("the server of q8_0 and q4_0 never answered, so no size was read there"), Not(HasSubstr("Nothing differs between the models"))));
}

TEST(ComposeFairness, WhatWasAllowedAndIsNotSeenIsToldAllTheSame) {
  const Case c = asked("16", {"architecture"});
  EXPECT_THAT(c.findings.caveats, Contains("The user allowed `architecture` to differ; between the models that answered it does not."));
  EXPECT_THAT(asked("8", {"max_num_seqs"}).findings.caveats, Not(Contains(HasSubstr("it does not."))));
}

TEST(ComposeFairness, AReportAtAnotherPriceIsMadeAgainAtThatPrice) {
  Case c = asked("16", {});
  EXPECT_THAT(setup(c), HasSubstr("quantcase report DIR\n"));
  c.data.report_set = {"hardware.hourly_usd=4", "hardware.price_note=a b"};
  EXPECT_THAT(setup(c), AllOf(HasSubstr("--out DIR-again --set hardware.hourly_usd=4 --set 'hardware.price_note=a b'\n"), HasSubstr("quantcase report DIR --set hardware.hourly_usd=4 --set 'hardware.price_note=a b'\n")));
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
