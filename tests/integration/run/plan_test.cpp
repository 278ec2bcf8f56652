// `quantcase plan` on every ready study, and the study whose finding is that it does not fit. No server is started.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>

#include "core/files.h"
#include "core/json.h"
#include "core/process.h"

namespace qc {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

const fs::path kStudies = QC_SOURCE_DIR "/studies";

Result<std::string> quantcase(std::vector<std::string> words) {
  words.insert(words.begin(), QC_BINARY_DIR "/quantcase");
  return capture({.words = words, .environment = {{"HF_HUB_CACHE", "/nonexistent"}}}, Seconds(30));
}

Json plan_of(const std::string& name, const std::vector<std::string>& more = {}) {
  std::vector<std::string> words = {"plan", (kStudies / (name + ".toml")).string(), "--json", "-"};
  words.insert(words.end(), more.begin(), more.end());
  const auto text = quantcase(words);
  EXPECT_TRUE(text) << text.error().message;
  return text ? Json::parse(*text) : Json::object();
}

/// Studies of models at the hub: they need no file of this machine.
std::vector<std::string> hub_studies() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kStudies)) {
    const auto text = read_file(entry.path()).value();
    if (text.find("kind = \"vllm\"") != std::string::npos && text.find("$QUANTCASE_MODELS") == std::string::npos) names.push_back(entry.path().stem());
  }
  return names;
}

TEST(ReadyStudyPlans, EachNamesEveryWayWithItsMinutes) {
  EXPECT_GE(hub_studies().size(), 7u);
  for (const auto& name : hub_studies()) {
    const Json plan = plan_of(name);
    ASSERT_TRUE(plan.contains("ways")) << name;
    ASSERT_EQ(plan["ways"].size(), 3u) << name;
    for (const auto& way : plan["ways"]) EXPECT_GT(way["minutes"].get<double>(), 1) << name;
    EXPECT_EQ(plan["feasible"].get<bool>(), name != "rtx2000-8b-does-not-fit") << name;
  }
}

TEST(Help, OfAVerbIsWhatTheVerbItselfSays) {
  EXPECT_EQ(quantcase({"help", "plan"}).value(), quantcase({"plan", "--help"}).value());
  EXPECT_EQ(quantcase({"help"}).value(), quantcase({"--help"}).value());
  EXPECT_FALSE(quantcase({"help", "plaan"}));
}

TEST(ReadyStudyPlans, AProgramThatIsNotHereIsNoted) {
  const auto notes = [](const Json& plan) { return plan["warnings"].dump(); };
  EXPECT_THAT(notes(plan_of("h100-fp8-vllm", {"--set", "engine.command=[\"no-such-program\", \"serve\"]"})),
              HasSubstr("`run` can't start a server on this machine: engine.command names \\\"no-such-program\\\", which is no program in PATH"));
  EXPECT_THAT(notes(plan_of("h100-fp8-vllm", {"--set", "engine.command=[\"sh\", \"serve\"]"})), testing::Not(HasSubstr("can't start a server")));
  EXPECT_THAT(notes(plan_of("h100-fp8-vllm", {"--set", "engine.url=\"http://127.0.0.1:1\""})), testing::Not(HasSubstr("can't start a server")));
}

TEST(ReadyStudyPlans, SleepWhereTheCardAllowsItElseRestart) {
  const Json h100 = plan_of("h100-fp8-vllm");
  EXPECT_EQ(h100["switch"], "sleep");
  EXPECT_LT(h100["ways"][1]["switching_minutes"].get<double>(), h100["ways"][2]["switching_minutes"].get<double>());
  const Json fixed = plan_of("rtx2000-vllm");
  EXPECT_EQ(fixed["switch"], "restart");
  EXPECT_THAT(fixed["switch_because"].get<std::string>(), HasSubstr("3 sleepers keep 5.1 GiB of the card"));
  const Json lowered = plan_of("l4-vllm");
  EXPECT_EQ(lowered["switch"], "sleep");
  EXPECT_NEAR(lowered["gpu_memory_utilization"].get<double>(), 0.76, 0.011);   // (22.5 - 3 x 1.7 - 0.25) / 22.5
}

TEST(ReadyStudyPlans, WhatDoesNotFitIsSaidWithWhatToRent) {
  const auto text = quantcase({"plan", (kStudies / "rtx2000-8b-does-not-fit.toml").string()});
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_THAT(*text, AllOf(HasSubstr("The baseline bf16 does not fit on RTX2000Ada-16GB"), HasSubstr("L4-24GB")));
}

/// The sample model was made for 8192 tokens.
TEST(PlanOfTheDemo, AContextBeyondTheModelsOwnIsNoted) {
  EXPECT_THAT(plan_of("demo", {"--set", "engine.max_model_len=8193"})["warnings"].dump(), HasSubstr("variant.bf16: engine.max_model_len = 8193 is more than the 8192 tokens that its model was made for"));
  EXPECT_THAT(plan_of("demo", {"--set", "engine.max_model_len=8192"})["warnings"].dump(), testing::Not(HasSubstr("was made for")));
}

TEST(PlanOfTheDemo, AServerThatCantBeHeldAloneTakesTurnsInNoWay) {
  const std::vector<std::string> too_large = {"--set", "engine.max_model_len=100000000"};
  const Json plan = plan_of("demo", too_large);
  EXPECT_FALSE(plan["feasible"].get<bool>());
  for (const auto& way : plan["ways"]) EXPECT_TRUE(!way["possible"].get<bool>() && way["because"].get<std::string>().starts_with("variant.bf16: does not fit")) << way.dump();
  const auto text = quantcase({"plan", (kStudies / "demo.toml").string(), too_large[0], too_large[1]});
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_THAT(*text, AllOf(HasSubstr("\n  restart "), testing::Not(HasSubstr("\n* "))));
}

/// A folder with a study in it that names `model` as its candidate, and what `plan` says to it.
class PlanOfBadInputs : public testing::Test {
 protected:
  PlanOfBadInputs() { fs::create_directories(dir_); }
  ~PlanOfBadInputs() override { fs::remove_all(dir_); }
  void put(const std::string& name, const std::string& text) { ASSERT_TRUE(write_file(dir_ / name, text)); }
  std::string said(const std::string& verb) {
    const auto text = capture({.words = {"sh", "-c", "cd " + dir_.string() + " && " QC_BINARY_DIR "/quantcase " + verb + " s.toml 2>&1; echo exit $?"}}, Seconds(30));
    return text ? *text : text.error().message;
  }
  const fs::path dir_ = fs::temp_directory_path() / ("qc_bad_inputs_" + std::to_string(getpid()));
};

TEST_F(PlanOfBadInputs, EachIsToldWithItsLineAllInOneGo) {
  put("bad.jsonl", "{\"prompt\": \"ok\"}\nnot json\n");
  put("bad.gguf", "no model");
  put("s.toml", "[study]\nname = \"s\"\nallow = [\"nonsense\"]\n[engine]\nkind = \"llama\"\ncommand = [\"./no-such-server\"]\n[[variant]]\nname = \"a\"\nmodel = \"./bad.gguf\"\nbaseline = true\n"
                "[[variant]]\nname = \"b\"\nmodel = \"./bad.gguf\"\n[[workload]]\nname = \"chat\"\nconcurrency = [1]\nprompts = \"./bad.jsonl\"\n[estimate]\ngpus = [\"H1000\", \"L4\"]\n");
  const std::string plan = said("plan");
  EXPECT_THAT(plan, HasSubstr("s.toml:9: variant.a.model: found \"./bad.gguf\", which can't be used: ./bad.gguf: not a usable GGUF file"));
  EXPECT_THAT(plan, HasSubstr("\ns.toml:13: variant.b.model: found"));
  EXPECT_THAT(plan, HasSubstr("\ns.toml:17: workload.chat.prompts: found \"./bad.jsonl\", which can't be used: ./bad.jsonl:2: found not JSON"));
  EXPECT_THAT(plan, HasSubstr("\ns.toml:19: estimate.gpus: found \"H1000\"; accepted: RTX2000Ada-16GB, "));
  EXPECT_THAT(plan, HasSubstr("did you mean H100-80GB-SXM?"));
  EXPECT_THAT(plan, HasSubstr("s.toml:3: study.allow: found \"nonsense\", which is no unfair setting's name; accepted: "));
  EXPECT_THAT(plan, testing::Not(HasSubstr("no-such-server")));
  EXPECT_THAT(plan, testing::EndsWith("exit 2\n"));
  EXPECT_THAT(said("run"), AllOf(HasSubstr("s.toml:6: engine.command: found \"./no-such-server\", where no program is; accepted: a program that is there"), testing::EndsWith("exit 2\n")));
  EXPECT_FALSE(fs::exists(dir_ / "out"));
}

TEST_F(PlanOfBadInputs, WeightsThatAreCutShortAreToldBeforeAStart) {
  fs::create_directories(dir_ / "m");
  put("m/config.json", "{\"architectures\": [\"LlamaForCausalLM\"]}");
  put("m/model.safetensors", std::string("\x37\0\0\0\0\0\0\0", 8) + R"({"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}x)");
  put("s.toml", "[study]\nname = \"s\"\n[engine]\nkind = \"vllm\"\ncommand = [\"true\"]\n[[variant]]\nname = \"a\"\nmodel = \"./m\"\nbaseline = true\n"
                "[[variant]]\nname = \"b\"\nmodel = \"x/b\"\n[[workload]]\nname = \"chat\"\nconcurrency = [1]\n");
  for (const char* verb : {"plan", "run", "check"})
    EXPECT_THAT(said(verb), AllOf(HasSubstr("s.toml:8: variant.a.model: found \"./m\", which can't be used: ./m/model.safetensors: not a usable safetensors file: its tensors end at 4 of 1 bytes of data: cut short"),
                                  testing::EndsWith("exit 2\n"))) << verb;
}

TEST_F(PlanOfBadInputs, APromptLongerThanTheContextIsNoted) {
  put("long.jsonl", "{\"prompt\": \"short\"}\n{\"prompt\": \"" + std::string(5000, 'x') + "\"}\n");
  put("s.toml", "[study]\nname = \"s\"\n[engine]\nkind = \"vllm\"\nmax_model_len = 1000\n[[variant]]\nname = \"a\"\nmodel = \"x/a\"\nbaseline = true\n"
                "[[variant]]\nname = \"b\"\nmodel = \"x/b\"\n[[workload]]\nname = \"chat\"\nconcurrency = [1]\nprompts = \"./long.jsonl\"\n");
  EXPECT_THAT(said("plan"), AllOf(HasSubstr("note: workload.chat: 1 of 2 prompts are, at about four bytes a token, too long to fit"), testing::EndsWith("exit 0\n")));
}

TEST_F(PlanOfBadInputs, PromptsOfWhichNoneFitsAreRefused) {
  std::string words;
  for (int i = 0; i < 900; ++i) words += "a ";
  put("long.jsonl", "{\"prompt\": \"" + words + "\"}\n{\"prompt\": \"" + words + words + "\"}\n");
  const auto study = [](int context) {
    return fmt::format("[study]\nname = \"s\"\n[engine]\nkind = \"vllm\"\nmax_model_len = {}\n[[variant]]\nname = \"a\"\nmodel = \"x/a\"\nbaseline = true\n"
                       "[[variant]]\nname = \"b\"\nmodel = \"x/b\"\n[[workload]]\nname = \"chat\"\nconcurrency = [1]\nmax_tokens = 100\nprompts = \"./long.jsonl\"\n", context);
  };
  put("s.toml", study(999));
  EXPECT_THAT(said("plan"), AllOf(HasSubstr("s.toml:17: workload.chat.prompts: found \""), HasSubstr("long.jsonl\", whose shortest prompt has 900 words: with max_tokens = 100 none fits into engine.max_model_len = 999; accepted: "),
                                  testing::EndsWith("exit 2\n")));
  put("s.toml", study(1000));
  EXPECT_THAT(said("plan"), testing::EndsWith("exit 0\n"));
}

TEST_F(PlanOfBadInputs, AMistypedFlagIsToldTheNearest) {
  EXPECT_THAT(said("plan --jsn"), AllOf(HasSubstr("did you mean --json?"), testing::EndsWith("exit 2\n")));
}

TEST(InfeasibleRun, IsDoneBeforeAnythingStartsAndTheReportIsTheFinding) {
  const fs::path out = fs::temp_directory_path() / ("qc_infeasible_" + std::to_string(getpid()));
  const auto text = quantcase({"run", (kStudies / "rtx2000-8b-does-not-fit.toml").string(), "--out", out.string()});
  ASSERT_TRUE(text) << text.error().message;   // exit 0
  EXPECT_THAT(*text, HasSubstr("does not fit"));
  EXPECT_THAT(read_file(out / "report.md").value(), AllOf(HasSubstr("**Not feasible on this card.**"), HasSubstr("w4a16 (5.8 GiB)"), HasSubstr("L4-24GB is the smallest known")));
  EXPECT_EQ(read_file(out / "report.md").value().find("tok/s |"), std::string::npos) << "no table of what was never measured";
  EXPECT_TRUE(fs::exists(out / "report.html"));
  EXPECT_FALSE(fs::exists(out / "logs"));
  fs::remove_all(out);
}

// A closed terminal or a dead `tee` behind us is no reason to end otherwise.
TEST(InfeasibleRun, NeedsNobodyToListen) {
  const fs::path out = fs::temp_directory_path() / ("qc_deaf_" + std::to_string(getpid())), code = out.string() + ".code";
  for (int i = 0; i < 2; ++i) {   // the second moves the first aside, and says so on stderr
    const std::string run = QC_BINARY_DIR "/quantcase run " + (kStudies / "rtx2000-8b-does-not-fit.toml").string() + " --out " + out.string() + "/";
    ASSERT_TRUE(capture({.words = {"sh", "-c", "{ sleep 0.3; " + run + "; echo $? >" + code.string() + "; } 2>&1 | true; sleep 2"}}, Seconds(30)));
    EXPECT_EQ(read_file(code).value(), "0\n");
  }
  EXPECT_TRUE(fs::exists(out / "report.html"));
  EXPECT_TRUE(fs::exists(out.string() + ".1/report.html")) << "--out with a slash at its end";
  fs::remove_all(out), fs::remove_all(out.string() + ".1"), fs::remove(code);
}

TEST(InfeasibleRun, TheWorkingFolderIsNoOutputFolder) {
  const auto text = capture({.words = {"sh", "-c", "cd /tmp && " QC_BINARY_DIR "/quantcase run " + (kStudies / "rtx2000-8b-does-not-fit.toml").string() + " --out . 2>&1; echo exit $?"}}, Seconds(30));
  EXPECT_THAT(*text, AllOf(HasSubstr("the working folder itself can't be the output folder"), testing::EndsWith("exit 2\n")));
}

TEST_F(PlanOfBadInputs, AServerThatNeedsMoreThanAllMemoryIsSaid) {
  const char* models = std::getenv("QUANTCASE_MODELS");
  if (!models) GTEST_SKIP() << "no sample model";
  const std::string model = std::string(models) + "/smollm2-135m-instruct-";
  put("s.toml", "[study]\nname = \"s\"\n[engine]\nkind = \"llama\"\nmax_model_len = 2048\nmax_num_seqs = 100000\n[[variant]]\nname = \"a\"\nmodel = \"" + model + "bf16.gguf\"\nbaseline = true\n"
                "[[variant]]\nname = \"b\"\nmodel = \"" + model + "q8_0.gguf\"\n[[workload]]\nname = \"chat\"\nconcurrency = [1]\n");
  EXPECT_THAT(said("plan"), HasSubstr("note: variant.a: does not fit: it alone needs about"));
  EXPECT_THAT(said("plan --json"), HasSubstr("\"feasible\": false"));
}

// It takes under 4 minutes on two cores; the guess must not frighten (issue: 19).
TEST(GuessedMinutes, OfVllmOnTheCpuAreNotThoseOfACard) {
  const char* models = std::getenv("QUANTCASE_MODELS");
  if (!models || !fs::exists(fs::path(models) / "vllm/bf16")) GTEST_SKIP() << "the checkpoints of cpu-vllm.toml are not made: scripts/vllm_models.sh makes them";
  EXPECT_LT(plan_of("cpu-vllm")["minutes"].get<double>(), 8);
}

}  // namespace
}  // namespace qc
