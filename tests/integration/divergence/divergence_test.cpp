// Real models in libllama: re-gauging keeps the function, a file against itself is exactly 0, and llama-perplexity agrees.
// Chunks are short because every token of them goes through three or four models.
#include "measure/quality/divergence.h"

#include <gmock/gmock.h>

#include <cmath>
#include <fstream>
#include <regex>

#include "core/host.h"
#include "core/process.h"
#include "gguf/regauge.h"
#include "support/gguf_file.h"
#include "support/sample_engine.h"
#include "support/tiny_llama.h"

namespace qc {
namespace {

using testing::HasSubstr;
constexpr int kCtx = 128, kChunks = 4;

/// What both tools read: our own held-out documents.
std::filesystem::path text_file() { return std::filesystem::path(QC_SOURCE_DIR) / "data/text/held-out.txt"; }

struct RealModels : testing::Test {
  static inline std::unique_ptr<test::Folder> folder;
  static inline std::optional<std::filesystem::path> bin, q4_1;
  static inline std::optional<Result<Divergences>> measured;
  static inline std::vector<std::pair<int, int>> progress;

  static DivergenceSpec spec() {
    DivergenceSpec s;
    s.library_dir = *bin;
    s.baseline = *folder / "plain.gguf";
    s.candidates = {{"regauged", *folder / "regauged.gguf"}, {"itself", *folder / "plain.gguf"}, {"q4_1", *q4_1}};
    s.text = *read_file(text_file());
    s.text_name = "held-out text";
    s.ctx = kCtx;
    s.chunks = kChunks;
    return s;
  }

  static void SetUpTestSuite() {
    bin = test::llama_bin();
    q4_1 = test::sample_model();
    if (!bin || !q4_1) return;
    folder = std::make_unique<test::Folder>(std::filesystem::temp_directory_path());
    ASSERT_TRUE(regauge(*q4_1, *folder / "plain.gguf", {.regauge = false}));
    ASSERT_TRUE(regauge(*q4_1, *folder / "regauged.gguf", {}));
    measured = measure_divergence(spec(), StopFlag(), [](int done, int of) { progress.emplace_back(done, of); });
  }
  static void TearDownTestSuite() { folder.reset(); }

  void SetUp() override {
    if (!bin || !q4_1) GTEST_SKIP() << test::kNoSample;
    if (!*measured && measured->error().message.find("headers") != std::string::npos) GTEST_SKIP() << measured->error().message;
    if (!*measured && measured->error().message.find("shared libraries") != std::string::npos) GTEST_SKIP() << measured->error().message;
    ASSERT_TRUE(*measured) << measured->error().message;
  }
  static const Divergence& of(std::size_t candidate) { return (*measured)->candidates[candidate]; }
};

TEST_F(RealModels, RegaugingKeepsTheFunction) {
  EXPECT_EQ(of(0).variant, "regauged");
  EXPECT_GT(of(0).kld_mean, 0);
  EXPECT_LE(of(0).kld_mean, 0.001);
  EXPECT_GE(of(0).top1_agreement, 0.96);
  EXPECT_NEAR(of(0).ppl_ratio, 1, 0.01);
}

TEST_F(RealModels, AFileAgainstItselfIsExact) {
  EXPECT_EQ(of(1).kld_mean, 0);
  EXPECT_EQ(of(1).kld_p99, 0);
  EXPECT_EQ(of(1).kld_se, 0);
  EXPECT_EQ(of(1).top1_agreement, 1);
  EXPECT_EQ(of(1).ppl_ratio, 1);
  EXPECT_EQ(of(1).ppl_ratio_se, 0);
}

TEST_F(RealModels, CountsAndProgress) {
  EXPECT_EQ(of(2).tokens_scored, kChunks * (kCtx / 2 - 1));
  EXPECT_EQ(of(2).text, "held-out text: 4 chunks of 128 tokens, the second half of each scored");
  ASSERT_EQ(progress.size(), 4u * kChunks);
  EXPECT_EQ(progress.front(), std::pair(1, 16));
  EXPECT_EQ(progress.back(), std::pair(16, 16));
  EXPECT_GT((*measured)->model_cpu_s, 0.1);   // 16 forward passes of 128 tokens through 135 M parameters
  EXPECT_LE((*measured)->model_cpu_s, own_cpu_seconds());
}

/// "Mean    KLD:   0.003169 ±   0.000138" -> {0.003169, 0.000138}
std::vector<double> line_of(const std::string& output, const std::string& label) {
  std::vector<double> out;
  const auto at = output.find(label);
  if (at == std::string::npos) return out;
  std::string line = output.substr(at + label.size(), output.find('\n', at) - at - label.size());
  const std::regex number("[0-9]+\\.[0-9]+");
  for (std::sregex_iterator it(line.begin(), line.end(), number), end; it != end; ++it) out.push_back(std::stod(it->str()));
  return out;
}

// Its file keeps log-probabilities in 16 bits, ours are exact: 1e-5 apart in KLD is that.
TEST_F(RealModels, LlamaPerplexityAgrees) {
  const std::string tool = (*bin / "llama-perplexity").string();
  if (!std::filesystem::exists(tool)) GTEST_SKIP() << "no " << tool;
  const std::string logits = (*folder / "base.kld").string(), ctx = std::to_string(kCtx);
  const auto run = [&](std::vector<std::string> words, const std::filesystem::path& log) {
    words.insert(words.begin(), tool);
    words.insert(words.end(), {"-c", ctx, "-b", ctx, "--kl-divergence-base", logits});
    auto process = Process::start({.words = words, .environment = {}}, log);
    ASSERT_TRUE(process) << process.error().message;
    while (!process->exited()) monotonic_clock().sleep_until(monotonic_clock().now() + Nanos(50'000'000));
    EXPECT_EQ(process->exited()->code, 0) << test::slurp(log);
  };
  run({"-m", (*folder / "plain.gguf").string(), "-f", text_file().string(), "--chunks", std::to_string(kChunks)}, *folder / "base.log");
  run({"-m", q4_1->string(), "--kl-divergence"}, *folder / "kld.log");
  const std::string said = test::slurp(*folder / "kld.log");
  const auto kld = line_of(said, "Mean    KLD:"), p99 = line_of(said, "99.0%   KLD:"), ratio = line_of(said, "Mean PPL(Q)/PPL(base)         :"), top = line_of(said, "Same top p:");
  ASSERT_EQ(kld.size() + p99.size() + ratio.size() + top.size(), 7u) << said;
  const Divergence& d = of(2);
  EXPECT_NEAR(d.kld_mean, kld[0], 1e-5);
  EXPECT_NEAR(d.kld_se, kld[1], 1e-5);
  EXPECT_NEAR(d.kld_p99, p99[0], 1e-4);
  EXPECT_NEAR(d.ppl_ratio, ratio[0], 1e-4);
  EXPECT_NEAR(d.ppl_ratio_se, ratio[1], 1e-4);
  EXPECT_NEAR(100 * d.top1_agreement, top[0], 0.4);  // one token of 252: 16 bits may decide a near tie otherwise
  EXPECT_NEAR(100 * d.top1_se, top[1], 0.2);
}

TEST_F(RealModels, ATextShorterThanAChunkIsUsage) {
  DivergenceSpec s = spec();
  s.candidates.resize(1);
  s.text = "Too short.";
  const auto r = measure_divergence(s, StopFlag(), [](int, int) {});
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().fault, Fault::usage);
  EXPECT_THAT(r.error().message, HasSubstr("one chunk needs 128"));
}

TEST_F(RealModels, AnotherChatTemplateIsRefused) {
  DivergenceSpec s = spec();
  std::string bytes = test::slurp(*q4_1);
  const auto at = bytes.find("<|im_start|>", bytes.find("tokenizer.chat_template"));
  ASSERT_NE(at, std::string::npos);
  bytes[at + 3] = 'x';
  test::spill(*folder / "other.gguf", bytes);
  s.candidates = {{"other", *folder / "other.gguf"}};
  const auto r = measure_divergence(s, StopFlag(), [](int, int) {});
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().fault, Fault::refused);
  EXPECT_THAT(r.error().message, HasSubstr("another chat template"));
}

TEST_F(RealModels, AFileThatItCanNotLoadIsQuoted) {
  DivergenceSpec s = spec();
  test::spill(*folder / "broken.gguf", "GGUF and nothing more");
  s.candidates = {{"broken", *folder / "broken.gguf"}};
  const auto r = measure_divergence(s, StopFlag(), [](int, int) {});
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().fault, Fault::engine);
  EXPECT_THAT(r.error().message, HasSubstr("broken.gguf"));
  EXPECT_THAT(r.error().message, HasSubstr("gguf"));  // its own words
}

TEST_F(RealModels, StopsBetweenChunksWhenAsked) {
  DivergenceSpec s = spec();
  s.candidates.resize(1);
  s.ctx = 32;
  StopFlag stop;
  const auto r = measure_divergence(s, stop, [&](int, int) { if (!stop.finish_in_hand()) stop.ask(); });
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().fault, Fault::interrupted);
  EXPECT_THAT(r.error().message, HasSubstr("1 of 4 chunks"));
}

TEST(Library, AFolderWithoutItSaysWhy) {
  const test::Folder empty;
  DivergenceSpec s;
  s.library_dir = empty / "";
  s.candidates = {{"a", "a.gguf"}};
  const auto r = measure_divergence(s, StopFlag(), [](int, int) {});
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().fault, Fault::engine);
  EXPECT_THAT(r.error().message, testing::AnyOf(HasSubstr("without shared libraries"), HasSubstr("without llama.cpp's headers")));
}

}  // namespace
}  // namespace qc
