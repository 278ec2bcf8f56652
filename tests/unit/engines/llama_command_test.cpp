#include "measure/engines/turns.h"
#include "measure/engines/llama_command.h"

#include <gmock/gmock.h>

#include "measure/engines/engine.h"
#include "unit/engines/support.h"

namespace qc {
namespace {

using Words = std::vector<std::string>;
constexpr std::int64_t kGiB = 1LL << 30;

Variant local(const std::string& name, const std::filesystem::path& model) {
  Variant variant;
  variant.name = name;
  variant.model = model.string();
  variant.local = true;
  return variant;
}

Study study_of(std::vector<Variant> variants, std::vector<int> concurrency = {1, 8, 16}) {
  Study study;
  study.variants = std::move(variants);
  Workload chat, batch;
  chat.concurrency = {1};
  batch.concurrency = std::move(concurrency);
  study.workloads = {chat, batch};
  return study;
}

HostInfo host(int cores, std::int64_t memory) {
  HostInfo host;
  host.cores = 2 * cores;
  host.physical_cores = cores;
  host.memory_bytes = memory;
  return host;
}

TEST(LlamaWords, AreOursThenTheEnginesThenTheVariants) {
  auto study = study_of({local("q4", "m/q4.gguf")});
  study.engine.args = {"--mlock"};
  study.variants[0].args = {"-t", "1"};
  EXPECT_EQ(llama_words({"numactl", "llama-server"}, study, study.variants[0], {.slots = 4, .context = 512, .threads = 2}, {"127.0.0.1", "9000"}),
            (Words{"numactl", "llama-server", "-m", "m/q4.gguf", "--alias", "q4", "--host", "127.0.0.1", "--port", "9000", "-np", "4", "-c", "2048", "-t", "2",
                   "--no-kv-unified", "--no-context-shift", "--cache-ram", "0", "-lv", "4", "-fit", "off", "--metrics", "--no-ui", "--mlock", "-t", "1"}));
}

TEST(LlamaWords, AHubIdIsFetchedByTheServer) {
  auto study = study_of({local("q4", "someone/model-GGUF")});
  study.variants[0].local = false;
  const auto words = llama_words({"llama-server"}, study, study.variants[0], {}, {});
  EXPECT_EQ(words[1], "-hf");
  EXPECT_THAT(words, testing::Not(testing::Contains("-t")));
}

TEST(LlamaAlias, IsTheVariantUnlessTheArgsSayOtherwise) {
  auto study = study_of({local("q4, small", "q4.gguf")});
  EXPECT_EQ(llama_alias(study, study.variants[0]), "q4--small");
  study.engine.args = {"-a", "mine"};
  EXPECT_EQ(llama_alias(study, study.variants[0]), "mine");
}

TEST(LlamaSettings, ComeFromTheStudy) {
  auto study = study_of({local("q4", "q4.gguf")});
  study.engine.max_num_seqs = 3;
  study.engine.max_model_len = 1000;
  const auto settings = llama_settings(study, host(6, kGiB));
  EXPECT_EQ(settings.slots, 3);
  EXPECT_EQ(settings.context, 1000);
  EXPECT_EQ(settings.threads, 6);
}

TEST(LlamaSettings, SlotsAreTheHighestConcurrency) { EXPECT_EQ(llama_settings(study_of({}), host(1, kGiB)).slots, 16); }

TEST(LlamaSettings, ContextIsWhatAllModelsWereTrainedFor) {
  const auto study = study_of({local("a", test::smollm2_like("a.gguf", 8192)), local("b", test::smollm2_like("b.gguf", 2048))});
  EXPECT_EQ(llama_settings(study, host(1, 64 * kGiB)).context, 2048);
  EXPECT_EQ(llama_settings(study_of({study.variants[0]}), host(1, 64 * kGiB)).context, 4096);
}

TEST(LlamaSettings, ContextIsHalvedUntilTheCacheFits) {
  // 23,040 bytes x 4096 x 16 = 1.41 GiB, x 2048 = 0.70 GiB, x 1024 = 0.35 GiB; a quarter of 2 GiB is 0.5.
  const auto study = study_of({local("a", test::smollm2_like("a.gguf"))});
  EXPECT_EQ(llama_settings(study, host(1, 2 * kGiB)).context, 1024);
  EXPECT_EQ(llama_settings(study, host(1, kGiB / 64)).context, 512);
}

TEST(LlamaSettings, CoresElsewhereAreNotKnown) {
  auto study = study_of({});
  study.engine.connect = "gpu:9000";
  EXPECT_EQ(llama_settings(study, host(8, kGiB)).threads, 0);
}

TEST(LlamaServerCommand, TheStudysOwnComesFirst) {
  EngineSpec engine;
  engine.command = {"ssh", "gpu", "llama-server"};
  EXPECT_EQ(*llama_server_command(engine), engine.command);
}

TEST(LlamaServerCommand, OursThenPathThenARemedy) {
  const auto folder = test::smollm2_like("x.gguf").parent_path();
  const std::string path = getenv("PATH");
  setenv("QUANTCASE_CACHE", (folder / "cache").c_str(), 1);
  setenv("PATH", folder.c_str(), 1);
  const auto none = llama_server_command({});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().fault, Fault::engine);
  EXPECT_THAT(none.error().message, testing::AllOf(testing::HasSubstr("make deps build"), testing::HasSubstr("command = ")));
  const auto make_program = [](const std::filesystem::path& file) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << "#!/bin/sh\n";
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
    return Words{file.string()};
  };
  const auto in_path = make_program(folder / "llama-server");
  EXPECT_EQ(*llama_server_command({}), in_path);
  const auto ours = make_program(folder / "cache/llama/current/bin/llama-server");
  EXPECT_EQ(*llama_server_command({}), ours);
  setenv("PATH", path.c_str(), 1);
  unsetenv("QUANTCASE_CACHE");
}

// 23,040 bytes x 512 tokens x 32 slots = 0.352 GiB of KV cache and 0.25 GiB of buffers, three times: 1.80 GiB. 70 % of 2.5 is less, of 2.6 more.
Study three_servers() {
  auto study = study_of({local("a", test::smollm2_like("a.gguf")), local("b", test::smollm2_like("b.gguf")), local("c", test::smollm2_like("c.gguf"))}, {32});
  study.engine.max_model_len = 512;
  return study;
}

TEST(ChooseSwitch, ByMemory) {
  const auto fits = choose_switch(three_servers(), kGiB * 26 / 10);
  EXPECT_EQ(fits.choice, Switch::resident);
  EXPECT_THAT(fits.because, testing::AllOf(testing::HasSubstr("the 3 servers together need at most about 1.8 GiB, as reckoned before they start"), testing::HasSubstr("KV cache 1.1"), testing::HasSubstr("2.6 GiB")));
  const auto not_so = choose_switch(three_servers(), kGiB * 25 / 10);
  EXPECT_EQ(not_so.choice, Switch::restart);
  EXPECT_THAT(not_so.because, testing::HasSubstr("started anew"));
}

TEST(ChooseSwitch, AsAsked) {
  auto study = three_servers();
  study.engine.switching = Switch::resident;
  EXPECT_EQ(choose_switch(study, 1).choice, Switch::resident);
  study.engine.switching = Switch::restart;
  EXPECT_EQ(choose_switch(study, 1000 * kGiB).choice, Switch::restart);
}

TEST(ChooseSwitch, OffloadedServersStayUpWhereTheCardHoldsThem) {
  auto study = three_servers();
  study.engine.args = {"-ngl", "99"};
  Machine machine;
  machine.memory_bytes = kGiB;                               // the host's memory is not what they take
  machine.card = Machine::Card{"L4", 24 * kGiB, 20 * kGiB};
  EXPECT_EQ(choose_switch(study, machine).choice, Switch::resident);   // 1.8 GiB and a context of 0.5 each: 3.3 of 0.9 x 4
  EXPECT_THAT(choose_switch(study, machine).because, testing::HasSubstr("the card has 4.0 GiB"));
  machine.card->used = 21 * kGiB;
  EXPECT_EQ(choose_switch(study, machine).choice, Switch::restart);
  study.engine.args = {"-ngl", "0"};
  EXPECT_EQ(choose_switch(study, machine).choice, Switch::restart);    // on the host again
}

TEST(ChooseSwitch, AttachedServersStayUp) {
  auto study = three_servers();
  study.engine.url = "http://gpu:8000";
  EXPECT_EQ(choose_switch(study, 1).choice, Switch::resident);
}

TEST(ChooseSwitch, OneAddressTakesOneServerAtATime) {
  auto study = three_servers();
  study.engine.connect = "gpu:8000";
  EXPECT_EQ(choose_switch(study, 1000 * kGiB).choice, Switch::restart);
}

TEST(ChooseSwitch, UnknownSizesAreNotZero) {
  auto study = three_servers();
  study.variants[1].local = false;
  EXPECT_EQ(choose_switch(study, 1000 * kGiB).choice, Switch::restart);
}

}  // namespace
}  // namespace qc
