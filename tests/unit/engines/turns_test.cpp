// How variants take turns: a table of machines and studies, and sleep's proof.
#include "measure/engines/turns.h"

#include <gmock/gmock.h>

#include "measure/engines/sleep.h"
#include "measure/engines/vllm_log.h"
#include "unit/engines/support.h"

namespace qc {
namespace {

using testing::HasSubstr;
constexpr std::int64_t kGiB = 1LL << 30;

struct Row {
  const char* name;
  int servers;
  double card_gib;
  std::optional<double> share;
  bool eager;
  double host_free_gib, together_gib, largest_gib;
  bool possible, lowered;
  double expected_share;
  const char* says;
};

// Kept: (n - 1) x 0.9 or 1.7 GiB, and 0.25 spare. By hand: 16 - 1.7 - 0.25 = 14.05, 0.87 of 16; 80 - 3 x 1.7 - 0.25 = 74.65, 0.93 of 80.
const Row kRows[] = {
    {"four 8B on an H100", 4, 80, {}, false, 200, 40, 15, true, false, 0.90, "3 sleepers keep 5.1 GiB"},
    {"the study's own share is free", 4, 80, 0.92, false, 200, 40, 15, true, false, 0.92, "0.92"},
    {"two 3B on 16 GB: lowered", 2, 16, {}, false, 64, 8, 5.8, true, true, 0.87, "0.87 of it instead of 0.90"},
    {"the same, the share fixed by the study", 2, 16, 0.90, false, 64, 8, 5.8, false, false, 0, "gpu_memory_utilization asks for (0.87 would go)"},
    {"eager keeps less", 2, 16, 0.90, true, 64, 8, 5.8, true, false, 0.90, "0.9 GiB"},
    {"weights too large for a lower share", 2, 16, {}, false, 64, 20, 13.9, false, false, 0, "too little beside the largest weights"},
    {"eight on 16 GB leave under a half", 8, 16, {}, false, 200, 16, 2, false, false, 0, "lower share"},
    {"the host is too small", 4, 80, {}, false, 50, 40, 15, false, false, 0, "the host's memory must hold the weights of all 4 servers"},
};

TEST(SleepInTurn, Table) {
  for (const Row& row : kRows) {
    SleepQuestion q;
    const auto bytes = [](double gib) { return static_cast<std::int64_t>(gib * kGiB); };
    q.servers = row.servers, q.card_total = bytes(row.card_gib), q.share = row.share, q.eager = row.eager;
    q.host_free = bytes(row.host_free_gib), q.weights_together = bytes(row.together_gib), q.largest_weights = bytes(row.largest_gib);
    const SleepAnswer answer = can_sleep_in_turn(q);
    EXPECT_EQ(answer.possible, row.possible) << row.name << ": " << answer.because;
    EXPECT_EQ(answer.lowered, row.lowered) << row.name;
    if (row.possible) { EXPECT_NEAR(answer.share, row.expected_share, 1e-9) << row.name; }
    EXPECT_THAT(answer.because, HasSubstr(row.says)) << row.name;
  }
}

TEST(SleepInTurn, WhatOthersHoldOfTheCardCounts) {
  SleepQuestion q;
  q.card_total = 80 * kGiB, q.weights_together = 30 * kGiB, q.largest_weights = 15 * kGiB;
  q.card_used = 20 * kGiB;   // 80 - 20 - 1.7 - 0.25 = 58.05: 0.72
  EXPECT_NEAR(can_sleep_in_turn(q).share, 0.72, 1e-9);
  EXPECT_TRUE(can_sleep_in_turn(q).lowered);
}

Study vllm_study(std::size_t variants) {
  Study study;
  study.engine.kind = EngineKind::vllm;
  for (std::size_t i = 0; i < variants; ++i) {
    Variant v;
    v.name = std::string(1, static_cast<char>('a' + i)), v.model = "org/" + v.name, v.baseline = i == 0;
    study.variants.push_back(v);
  }
  return study;
}

Machine h100(std::size_t variants) {
  Machine machine;
  machine.memory_bytes = 256 * kGiB, machine.free_bytes = 200 * kGiB, machine.card = Machine::Card{"NVIDIA H100 80GB HBM3", 80 * kGiB, 0};
  machine.weights_bytes.assign(variants, 9 * kGiB);
  return machine;
}

TEST(ChooseSwitch, VllmSleepsOnACard) {
  const auto choice = choose_switch(vllm_study(4), h100(4));
  EXPECT_EQ(choice.choice, Switch::sleep);
  EXPECT_EQ(choice.share, 0.90);
  EXPECT_THAT(choice.because, HasSubstr("one at a time is awake"));
  ASSERT_EQ(choice.ways.size(), 3u);
  EXPECT_FALSE(choice.ways[0].possible);
  EXPECT_TRUE(choice.ways[1].possible);
  EXPECT_TRUE(choice.ways[2].possible);
}

TEST(ChooseSwitch, TheStudysShareIsNotTouched) {
  auto study = vllm_study(4);
  study.engine.gpu_memory_utilization = 0.8;
  EXPECT_EQ(choose_switch(study, h100(4)).choice, Switch::sleep);
  EXPECT_FALSE(choose_switch(study, h100(4)).share);
}

TEST(ChooseSwitch, VllmWithoutACardRestarts) {
  auto machine = h100(2);
  machine.card.reset();
  const auto choice = choose_switch(vllm_study(2), machine);
  EXPECT_EQ(choice.choice, Switch::restart);
  EXPECT_THAT(choice.because, HasSubstr("vLLM on the CPU does not give memory back"));
}

TEST(ChooseSwitch, UnknownWeightsAreNotTakenForSmall) {
  auto machine = h100(2);
  machine.weights_bytes[1].reset();
  EXPECT_EQ(choose_switch(vllm_study(2), machine).choice, Switch::restart);
  auto asked = vllm_study(2);
  asked.engine.switching = Switch::sleep;
  EXPECT_EQ(choose_switch(asked, machine).choice, Switch::sleep);
  EXPECT_FALSE(choose_switch(asked, machine).ways[1].possible);   // tried all the same: the run falls back
}

TEST(ChooseSwitch, AContainerMustBeGivenTheEndpoints) {
  auto study = vllm_study(2);
  study.engine.command = {"docker", "run", "--network", "host", "vllm/vllm-openai"};
  EXPECT_EQ(choose_switch(study, h100(2)).choice, Switch::restart);
  study.engine.command = {"docker", "run", "-e", "VLLM_SERVER_DEV_MODE=1", "--network", "host", "vllm/vllm-openai"};
  EXPECT_EQ(choose_switch(study, h100(2)).choice, Switch::sleep);
  study.engine.command = {"/venv/bin/vllm"};
  EXPECT_EQ(choose_switch(study, h100(2)).choice, Switch::sleep);
  study.engine.connect = "gpu:8000";
  EXPECT_EQ(choose_switch(study, h100(2)).choice, Switch::restart);
}

TEST(ChooseSwitch, OneServerStaysUp) { EXPECT_EQ(choose_switch(vllm_study(1), h100(1)).choice, Switch::resident); }

VariantFacts facts(std::optional<std::int64_t> weights_gib, std::optional<std::int64_t> kv_gib) {
  VariantFacts f;
  if (weights_gib) f.weights_bytes = *weights_gib * kGiB;
  if (kv_gib) f.kv_bytes = *kv_gib * kGiB;
  return f;
}

// The H100's own figures: 73,755 MiB awake, 1,789 asleep; weights 15 GiB, KV 55.
TEST(SleepProof, MemoryDecides) {
  const auto mib = [](std::int64_t n) { return n << 20; };
  EXPECT_TRUE(prove_sleep({mib(73755)}, {mib(1789)}, {mib(73000)}, facts(15, 55)).asleep());
  EXPECT_FALSE(prove_sleep({mib(73755)}, {mib(73755)}, {mib(73000)}, facts(15, 55)).asleep());
  EXPECT_FALSE(prove_sleep({mib(73755)}, {mib(60000)}, {mib(73000)}, facts(15, 55)).asleep());   // less than half of 70 GiB
  EXPECT_TRUE(prove_sleep({mib(73755)}, {mib(30000)}, {mib(73000)}, facts({}, {})).asleep());   // against what it took by starting
  EXPECT_FALSE(prove_sleep({mib(73755)}, {mib(50000)}, {mib(73000)}, facts({}, {})).asleep());
  EXPECT_FALSE(prove_sleep({}, {}, {}, facts(15, 55)).asleep());                                 // no card to look at
}

/// NVML's own word on the card's memory in use, in one recorded state of an H100.
std::int64_t used_when(const std::string& state) {
  const std::string text = test::fixture("nvml/" + state + ".txt"), mark = "used ";
  return std::stoll(text.substr(text.find(mark, text.find("memory v2")) + mark.size()));
}

TEST(SleepProof, OnWhatNvmlSaidOfARealSleeper) {
  const auto log = read_vllm_log(test::fixture("vllm/h100_sleeper/start_sleep_wake.log"));
  VariantFacts sleeper;
  sleeper.weights_bytes = log.weights_bytes, sleeper.kv_bytes = log.kv_bytes;
  const CardUse awake{used_when("awake")}, asleep{used_when("asleep")}, woken{used_when("woken")}, beside{used_when("two_servers")}, took{awake[0] - used_when("idle")};
  EXPECT_TRUE(prove_sleep(awake, asleep, took, sleeper).asleep());
  EXPECT_EQ(prove_sleep(awake, asleep, took, sleeper).freed, 76658049024 - 1500315648);
  EXPECT_FALSE(prove_sleep(awake, woken, took, sleeper).asleep());
  EXPECT_TRUE(prove_sleep(awake, beside, took, sleeper).asleep()) << "though another server has taken 16 GiB since";
}

TEST(SleepProof, OnlyItsOwnCardsCount) {
  // It grew on the second card; on the first another program ended meanwhile.
  EXPECT_FALSE(prove_sleep({40 * kGiB, 20 * kGiB}, {0, 20 * kGiB}, {0, 18 * kGiB}, facts({}, {})).asleep());
  EXPECT_TRUE(prove_sleep({40 * kGiB, 20 * kGiB}, {40 * kGiB, 2 * kGiB}, {0, 18 * kGiB}, facts({}, {})).asleep());
}

}  // namespace
}  // namespace qc
