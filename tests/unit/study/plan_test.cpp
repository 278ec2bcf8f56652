#include "study/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "unit/study/example.h"

namespace qc {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

Variant variant(const std::string& name, bool baseline = false) {
  Variant v;
  v.name = name;
  v.baseline = baseline;
  return v;
}

Workload workload(const std::string& name, std::vector<int> concurrency) {
  Workload w;
  w.name = name;
  w.concurrency = std::move(concurrency);
  w.requests_per_slot = 2;
  w.min_requests = 4;
  w.max_tokens = 10;
  return w;
}

/// Three variants, two operating points (one workload), two blocks.
Study small_study() {
  Study study;
  study.blocks = 2;
  study.variants = {variant("A", true), variant("B"), variant("C")};
  study.workloads = {workload("chat", {1, 8})};
  return study;
}

/// Reads prompts in no time, but for those tests that say how fast.
SpeedGuess guess(double alone, double gain, double start_s = 5) {
  SpeedGuess out{alone, gain, start_s, ""};
  out.read_faster = 1e12;
  return out;
}

PlannedTrial trial(int concurrency, int max_tokens, int requests, int warmup) {
  PlannedTrial t;
  t.concurrency = concurrency;
  t.max_tokens = max_tokens;
  t.requests = requests;
  t.warmup = warmup;
  return t;
}

/// "A1 0/0": variant, concurrency, block/position; a stroke marks the A/A visit.
std::vector<std::string> order_of(const Plan& plan) {
  std::vector<std::string> order;
  for (const PlannedTrial& t : plan.trials) order.push_back(fmt::format("{}{}{} {}/{}", t.variant, t.repeat ? "'" : "", t.concurrency, t.block, t.position));
  return order;
}

TEST(MakePlan, resident_visits_each_point_with_all_variants_in_turn) {
  // The A/A point of two is the lower one, concurrency 1. By hand from METRICS.md: A B C A', and backwards in odd blocks.
  EXPECT_THAT(order_of(make_plan(small_study(), Switch::resident, "")),
              ElementsAre("A1 0/0", "B1 0/1", "C1 0/2", "A'1 0/3",   //
                          "A8 0/0", "B8 0/1", "C8 0/2",              //
                          "A'1 1/0", "C1 1/1", "B1 1/2", "A1 1/3",   //
                          "C8 1/0", "B8 1/1", "A8 1/2"));
}

TEST(MakePlan, restart_runs_all_points_of_a_variant_in_one_visit) {
  EXPECT_THAT(order_of(make_plan(small_study(), Switch::restart, "")),
              ElementsAre("A1 0/0", "A8 0/0", "B1 0/1", "B8 0/1", "C1 0/2", "C8 0/2", "A'1 0/3",  //
                          "A'1 1/0", "C1 1/1", "C8 1/1", "B1 1/2", "B8 1/2", "A1 1/3", "A8 1/3"));
}

TEST(MakePlan, sleep_takes_turns_at_each_point_as_resident_does) {
  EXPECT_EQ(order_of(make_plan(small_study(), Switch::sleep, "")), order_of(make_plan(small_study(), Switch::resident, "")));
}

TEST(OrderByTurns, is_the_order_of_restarts_under_the_old_ids) {
  Plan asleep = make_plan(small_study(), Switch::sleep, "");
  order_by_turns(asleep.trials);
  EXPECT_EQ(order_of(asleep), order_of(make_plan(small_study(), Switch::restart, "")));
  EXPECT_EQ(asleep.trials[1].id, 5);   // A at concurrency 8 was the fifth visit
  auto once_more = asleep.trials;
  order_by_turns(once_more);
  for (std::size_t i = 0; i < once_more.size(); ++i) EXPECT_EQ(once_more[i].id, asleep.trials[i].id);
}

TEST(KeepIds, finds_each_visit_whatever_the_order) {
  const Plan begun = make_plan(small_study(), Switch::sleep, "");
  Plan now = make_plan(small_study(), Switch::restart, "");
  keep_ids(now.trials, begun.trials);
  order_by_turns(now.trials);
  Plan expected = begun;
  order_by_turns(expected.trials);
  for (std::size_t i = 0; i < now.trials.size(); ++i) EXPECT_EQ(now.trials[i].id, expected.trials[i].id);
}

TEST(KeepIds, gives_visits_that_are_not_stored_ids_that_are_free) {
  // Of the second block only the point at concurrency 1 was decided on (ids 8 to 11); in the order of restarts those ids are others'.
  std::vector<PlannedTrial> stored = make_plan(small_study(), Switch::sleep, "").trials;
  std::erase_if(stored, [](const PlannedTrial& t) { return t.block == 1 && t.concurrency == 8; });
  Plan now = make_plan(small_study(), Switch::restart, "");
  keep_ids(now.trials, stored);
  std::vector<int> ids;
  for (const PlannedTrial& t : now.trials) {
    ids.push_back(t.id);
    if (t.block == 1) { EXPECT_EQ(t.id <= 11, t.concurrency == 1) << t.variant << t.concurrency; }
  }
  EXPECT_THAT(ids, testing::UnorderedElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14));
}

TEST(CertainTrials, are_two_blocks_where_the_run_decides_on_the_rest) {
  Study study = small_study();
  study.blocks = 6, study.sequential = true;
  const Plan plan = make_plan(study, Switch::resident, "");
  EXPECT_EQ(plan.trials.size(), 6u * 7);
  EXPECT_EQ(certain_trials(plan).size(), 2u * 7);
  EXPECT_EQ(last_block_of(certain_trials(plan)), 1);
  EXPECT_EQ(certain_trials(make_plan(small_study(), Switch::resident, "")).size(), 2u * 7);
}

TEST(MakePlan, of_a_time_budget_holds_all_blocks_that_may_come) {
  Study study = small_study();
  study.time_budget_minutes = 30;
  EXPECT_EQ(last_block_of(make_plan(study, Switch::resident, "").trials), 15);
  study.blocks = 20;
  EXPECT_EQ(last_block_of(make_plan(study, Switch::resident, "").trials), 19);
}

// Three starts of 100 s and, by hand, of 14 trials in two blocks: restarts are A B C A' | A' C B A, of which A' A' is one: 7 turns;
// by points (A B C A')(A B C) | (A' C B A)(C B A) the variant changes at all but one visit (A' to A), and the first counts: 13.
TEST(Estimate, each_way_has_its_own_switching) {
  SpeedGuess g = guess(1e9, 1, 100);
  g.restart_s = 60, g.first_sleep_s = 10, g.turn_s = 1;
  EXPECT_NEAR(estimate(make_plan(small_study(), Switch::restart, ""), g).switching_s, 3 * 100 + 4 * 60, 1e-9);
  EXPECT_NEAR(estimate(make_plan(small_study(), Switch::sleep, ""), g).switching_s, 3 * 100 + 3 * 10 + 13 * 1, 1e-9);
  EXPECT_NEAR(estimate(make_plan(small_study(), Switch::resident, ""), g).switching_s, 3 * 100, 1e-9);
}

TEST(MakePlan, without_aa_there_are_no_repeats) {
  Study study = small_study();
  study.aa = AaControl::none;
  EXPECT_THAT(order_of(make_plan(study, Switch::restart, "")),
              ElementsAre("A1 0/0", "A8 0/0", "B1 0/1", "B8 0/1", "C1 0/2", "C8 0/2", "C1 1/0", "C8 1/0", "B1 1/1", "B8 1/1", "A1 1/2", "A8 1/2"));
}

TEST(MakePlan, trials_carry_their_sizes_and_count_from_one) {
  const Plan plan = make_plan(small_study(), Switch::resident, "all fit");
  EXPECT_EQ(plan.switching_because, "all fit");
  EXPECT_EQ(plan.trials[0].id, 1);
  EXPECT_EQ(plan.trials.back().id, 14);
  EXPECT_EQ(plan.trials[0].requests, 4);   // 2 x 1, but no fewer than 4
  EXPECT_EQ(plan.trials[4].requests, 16);  // 2 x 8
  EXPECT_EQ(plan.trials[4].max_tokens, 10);
  EXPECT_EQ(plan.trials[4].warmup, 1);
}

TEST(AaPoints, middle_all_none) {
  Study study = small_study();
  study.workloads[0].concurrency = {16, 1, 8};  // the middle by size, not by place
  study.workloads.push_back(workload("batch", {16, 32}));
  EXPECT_THAT(aa_points(study), ElementsAre(Pair("chat", 8), Pair("batch", 16)));
  study.aa = AaControl::all;
  EXPECT_THAT(aa_points(study), ElementsAre(Pair("chat", 16), Pair("chat", 1), Pair("chat", 8), Pair("batch", 16), Pair("batch", 32)));
  study.aa = AaControl::none;
  EXPECT_THAT(aa_points(study), IsEmpty());
}

TEST(Estimate, trial_seconds_by_hand) {
  EXPECT_DOUBLE_EQ(trial_seconds(trial(1, 64, 8, 1), guess(40, 3)), 9 * 64 / 40.0);
  // Eight at once: 1 + 2 x 7/8 = 2.75 times 40 = 110 tokens a second.
  EXPECT_DOUBLE_EQ(trial_seconds(trial(8, 110, 8, 0), guess(40, 3)), 8.0);
}

TEST(Estimate, prompts_are_read_before_answers_are_written) {
  SpeedGuess reads = guess(40, 3);
  reads.read_faster = 8;
  PlannedTrial t = trial(1, 64, 8, 1);
  t.prompt_tokens = 640;
  EXPECT_DOUBLE_EQ(trial_seconds(t, reads), 9 * 64 / 40.0 + 9 * 640 / 320.0);
  Study study = small_study();
  const auto tokens_of = [&](const std::string& prompts) {
    study.workloads[0].prompts = prompts;
    return make_plan(study, Switch::resident, "").trials.at(0).prompt_tokens;
  };
  EXPECT_EQ(tokens_of("random:256"), 256);
  EXPECT_EQ(tokens_of("summarize"), 725);
  EXPECT_GT(tokens_of("chat"), 0);
  EXPECT_EQ(tokens_of("mine.jsonl"), 0) << "not known before it is read";
}

TEST(Estimate, sums_trials_starts_and_price) {
  Study study = small_study();
  study.hardware.hourly_usd = 0.6;
  const SpeedGuess slow = guess(40, 1, 6);
  // Tokens, warm-up with them: 8 visits of (4 + 1) x 10 and 6 of (16 + 1) x 10: 1420 / 40 = 35.5 s. Three starts.
  EXPECT_NEAR(estimate(make_plan(study, Switch::resident, ""), slow).minutes * 60, 35.5 + 18, 1e-9);
  // With restarts: A B C A' and A' C B A; the second A' finds its server still up, so seven starts.
  const PlanEstimate restarts = estimate(make_plan(study, Switch::restart, ""), slow);
  EXPECT_NEAR(restarts.minutes * 60, 35.5 + 42, 1e-9);
  EXPECT_TRUE(restarts.has_price);
  EXPECT_NEAR(restarts.dollars, 0.6 * 77.5 / 3600, 1e-12);
}

TEST(Estimate, attached_servers_are_not_started) {
  Study study = small_study();
  study.engine.url = "http://h:1";
  const SpeedGuess slow = guess(40, 1, 6);
  EXPECT_NEAR(estimate(make_plan(study, Switch::resident, ""), slow).minutes * 60, 35.5, 1e-9);
}

TEST(Estimate, max_minutes_takes_blocks_away_and_their_dollars_but_never_the_first_two) {
  Study study = small_study();
  study.hardware.hourly_usd = 0.6;
  study.blocks = 4;
  const SpeedGuess slow = guess(40, 1, 6);
  const auto of = [&](double minutes) { study.max_minutes = minutes; return estimate(make_plan(study, Switch::resident, ""), slow); };
  // A block is 17.75 s of tokens (the test above: two are 35.5), starts are 18 s.
  EXPECT_EQ(of(10).blocks, 4);
  EXPECT_NEAR(of(10).minutes * 60, 71 + 18, 1e-9);
  EXPECT_EQ(of(1.3).blocks, 3);
  EXPECT_NEAR(of(1.3).minutes * 60, 53.25 + 18, 1e-9);
  EXPECT_NEAR(of(1.3).dollars, 0.6 * 71.25 / 3600, 1e-12);
  EXPECT_EQ(of(0.1).blocks, 2);
  EXPECT_NEAR(of(0.1).minutes * 60, 35.5 + 18, 1e-9);
}

TEST(Estimate, counts_the_divergence_where_it_is_measured) {
  Study study = small_study();
  for (Variant& v : study.variants) v.local = true;
  study.engine.kind = EngineKind::llama, study.engine.command.clear(), study.quality.divergence_chunks = 0;
  EXPECT_FALSE(measures_divergence(study));
  SpeedGuess slow = guess(40, 1, 6);
  slow.read_faster = 8;
  const double without = estimate(make_plan(study, Switch::resident, ""), slow).minutes * 60;
  study.quality.divergence_chunks = 10;
  EXPECT_TRUE(measures_divergence(study));
  EXPECT_NEAR(estimate(make_plan(study, Switch::resident, ""), slow).minutes * 60 - without, static_cast<double>(study.variants.size()) * 10 * 512 / (8 * 40.0), 1e-9);
  study.engine.kind = EngineKind::vllm;
  EXPECT_FALSE(measures_divergence(study));
}

std::vector<std::string> warnings_with(const std::string& what, const std::string& instead) {
  auto study = parse_study(example_with(what, instead), "s.toml", {});
  EXPECT_TRUE(study) << study.error().message;
  return make_plan(*study, Switch::resident, "").warnings;
}

TEST(Warnings, name_the_key_and_the_remedy) {
  EXPECT_THAT(warnings_with("max_num_seqs = 32", "max_num_seqs = 24"),
              testing::Contains(HasSubstr("workload.batch: concurrency 32 is above engine.max_num_seqs = 24: 8 requests wait")));
  EXPECT_THAT(warnings_with("seed = 42", "seed = 42"), ElementsAre(HasSubstr("does not run benchmark suites yet; mmlu:1140, gsm8k:250, humaneval will be n/a"),
                                                                   HasSubstr("estimate.gpus")));
  EXPECT_THAT(warnings_with("blocks = 4", "blocks = 1"), testing::Contains(HasSubstr("study.blocks: one block")));
  EXPECT_THAT(warnings_with("max_model_len = 4096", "max_model_len = 1024"), testing::Contains(HasSubstr("prompts of summarize reach about 1200 tokens")));
}

TEST(Warnings, slots_that_idle_in_a_second_wave) {
  const auto with = [](const std::string& requests) { return warnings_with("requests_per_slot = 3\nmin_requests = 8", "requests_per_slot = 1\nmin_requests = " + requests); };
  EXPECT_THAT(with("13"), testing::Contains(HasSubstr("workload.chat: 13 requests at concurrency 8 leave 3 slots idle in the second wave, so tok/s there is less than that of 8 busy ones; min_requests = 16 fills them")));
  for (const char* filled : {"1", "8", "16", "32"}) EXPECT_THAT(with(filled), testing::Not(testing::Contains(HasSubstr("slots idle")))) << filled;
}

TEST(Warnings, blocks_beside_a_time_budget) {
  EXPECT_THAT(warnings_with("blocks = 4", "blocks = 2\ntime_budget_minutes = 10"), testing::Contains(HasSubstr("study.blocks: 2 has no effect beside time_budget_minutes")));
  EXPECT_THAT(warnings_with("blocks = 4", "blocks = 20\ntime_budget_minutes = 10"), testing::Not(testing::Contains(HasSubstr("has no effect beside"))));
  EXPECT_THAT(warnings_with("blocks = 4", "time_budget_minutes = 10"), testing::Not(testing::Contains(HasSubstr("has no effect beside"))));
}

TEST(Warnings, two_files_behind_one_llama_server) {
  std::string text = example_with("command = [\"vllm\"]", "url = \"http://h:1\"");
  const auto warnings = [](const std::string& of) {
    const auto study = parse_study(of, "s.toml", {});
    EXPECT_TRUE(study) << study.error().message;
    return make_plan(*study, Switch::resident, "").warnings;
  };
  EXPECT_THAT(warnings(text), testing::Not(testing::Contains(HasSubstr("whose model is another"))));   // a vLLM may serve several
  text.replace(text.find("\"vllm\""), 6, "\"llama\"");
  EXPECT_THAT(warnings(text), testing::Contains(HasSubstr("variant.awq.url: the same as that of bf16, whose model is another: a llama-server answers every name with the one model that it loaded")));
}

TEST(Warnings, a_flag_that_a_key_sets) {
  EXPECT_THAT(warnings_with("args = []", "args = [\"--max-num-seqs=4\"]"), testing::Contains(HasSubstr("engine.args: --max-num-seqs=4 sets for the server what engine.max_num_seqs sets for the study")));
  EXPECT_THAT(warnings_with("expect = \"awq\"", "args = [\"--max-model-len\", \"100\"]"), testing::Contains(HasSubstr("variant.awq.args: --max-model-len sets for the server what engine.max_model_len")));
  EXPECT_THAT(warnings_with("args = []", "args = [\"-np\"]"), testing::Not(testing::Contains(HasSubstr("-np"))));   // llama-server's word, not vLLM's
}

TEST(Warnings, an_environment_that_stays_on_this_side) {
  const auto with = [](const std::string& command) { return warnings_with("command = [\"vllm\"]", "env = { VLLM_LOGGING_LEVEL = \"INFO\" }\nconnect = \"h:8000\"\ncommand = [" + command + "]"); };
  EXPECT_THAT(with(R"("/usr/bin/docker", "run", "vllm/vllm-openai")"), testing::Contains(HasSubstr("engine.env.VLLM_LOGGING_LEVEL: reaches docker alone, not the server that it starts: put `-e VLLM_LOGGING_LEVEL=VALUE`")));
  EXPECT_THAT(with(R"("ssh", "h", "vllm")"), testing::Contains(HasSubstr("reaches ssh alone, not the server that it starts: put `env VLLM_LOGGING_LEVEL=VALUE`")));
  EXPECT_THAT(with(R"("docker", "run", "-e", "VLLM_LOGGING_LEVEL", "vllm/vllm-openai")"), testing::Not(testing::Contains(HasSubstr("engine.env"))));
  EXPECT_THAT(with(R"("/opt/vllm/bin/vllm")"), testing::Not(testing::Contains(HasSubstr("engine.env"))));
}

TEST(Warnings, a_variable_that_both_must_have) {
  const auto with = [](const std::string& env) { return warnings_with("command = [\"vllm\"]", "command = [\"vllm\"]\nenv = { " + env + " }"); };
  EXPECT_THAT(with("CUDA_VISIBLE_DEVICES = \"1\""), testing::Contains(HasSubstr("engine.env.CUDA_VISIBLE_DEVICES: is set for the server alone, and memory and power are read of the first card that quantcase sees: `export CUDA_VISIBLE_DEVICES=1`")));
  EXPECT_THAT(with("HF_HOME = \"/data/hf\""), testing::Contains(HasSubstr("engine.env.HF_HOME")));
  EXPECT_THAT(with("VLLM_LOGGING_LEVEL = \"INFO\""), testing::Not(testing::Contains(HasSubstr("engine.env"))));
}

TEST(Warnings, a_model_compared_with_itself) {
  EXPECT_THAT(warnings_with("Instruct-AWQ", "Instruct"), testing::Contains(HasSubstr("variant.awq: the same model and args as the baseline bf16")));
}

TEST(Warnings, a_server_compared_with_itself) {
  std::string text = example_with("command = [\"vllm\"]", "url = \"http://h:1\"");
  text.replace(text.find("Instruct-AWQ"), 12, "Instruct");
  const auto study = parse_study(text, "s.toml", {});
  ASSERT_TRUE(study) << study.error().message;
  EXPECT_THAT(make_plan(*study, Switch::resident, "").warnings, testing::Contains(HasSubstr("variant.awq: the same url and model as the baseline bf16")));
}

}  // namespace
}  // namespace qc
