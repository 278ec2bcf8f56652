// Cards and models that we know without seeing them, and whether one fits on the other.
#include "catalog/fit.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>

#include "catalog/cards.h"
#include "catalog/models.h"
#include "study/read.h"

namespace qc {
namespace {

using testing::AllOf;
using testing::HasSubstr;

struct NoHub : testing::Test {
  void SetUp() override { setenv("HF_HUB_CACHE", "/nonexistent", 1); }   // sizes from the table alone
};
using KnownModels = NoHub;
using FitOf = NoHub;

Study vllm_study(std::vector<std::string> models) {
  Study study;
  study.engine.kind = EngineKind::vllm;
  for (auto& model : models) {
    Variant v;
    v.name = "v" + std::to_string(study.variants.size()), v.model = std::move(model), v.baseline = study.variants.empty();
    study.variants.push_back(v);
  }
  return study;
}

double gb(const std::optional<ModelSize>& size) { return size ? static_cast<double>(size->weights_bytes) / 1e9 : 0; }

TEST(KnownCards, GoByNamesAndAliases) {
  EXPECT_EQ(find_card("rtx2000ada")->name, "RTX2000Ada-16GB");
  EXPECT_EQ(find_card("NVIDIA RTX 2000 Ada Generation")->name, "RTX2000Ada-16GB");
  EXPECT_EQ(find_card("A100-80")->memory_bytes, 81920LL << 20);
  EXPECT_EQ(find_card("h100")->bandwidth_gb_s, 3350);
  EXPECT_FALSE(find_card("cpu2"));
}

TEST(KnownCards, GoByTheNamesThatTheDriverGivesThem) {
  EXPECT_EQ(find_card("NVIDIA H100 80GB HBM3")->name, "H100-80GB-SXM");
  EXPECT_EQ(find_card("NVIDIA GeForce RTX 4090")->name, "RTX4090-24GB");
  EXPECT_EQ(find_card("NVIDIA A100-SXM4-80GB")->name, "A100-80GB-SXM");
  EXPECT_EQ(find_card("NVIDIA L4")->name, "L4-24GB");
  EXPECT_FALSE(find_card("NVIDIA H100 PCIe"));   // another memory, another bandwidth
  EXPECT_FALSE(find_card("NVIDIA"));
}

// Published: Llama-3.1-8B BF16 16.06 GB, 8 bits 9.08, 4 bits in groups of 128 5.70 (reference tables of speed and cost).
TEST_F(KnownModels, SizesAreThePublishedOnes) {
  const Study llama = vllm_study({"meta-llama/Llama-3.1-8B-Instruct", "RedHatAI/Meta-Llama-3.1-8B-Instruct-quantized.w8a8", "RedHatAI/Meta-Llama-3.1-8B-Instruct-quantized.w4a16"});
  EXPECT_NEAR(gb(model_size(llama, llama.variants[0])), 16.06, 0.01);
  EXPECT_NEAR(gb(model_size(llama, llama.variants[1])), 9.08, 0.01);
  EXPECT_NEAR(gb(model_size(llama, llama.variants[2])), 5.70, 0.02);
  EXPECT_EQ(model_size(llama, llama.variants[0])->kv_bytes_per_token, 131072);   // 2 x 32 layers x 8 heads x 128 x 2 bytes
}

TEST_F(KnownModels, Fp8WhileLoadingCounts) {
  Study study = vllm_study({"meta-llama/Llama-3.1-8B-Instruct"});
  study.variants[0].args = {"--quantization", "fp8"};
  EXPECT_NEAR(gb(model_size(study, study.variants[0])), 9.08, 0.01);
}

TEST_F(KnownModels, UnknownIsNotZero) {
  const Study study = vllm_study({"nobody/nothing"});
  EXPECT_FALSE(model_size(study, study.variants[0]));
  EXPECT_TRUE(fit_of(study, "L4-24GB", 23034LL << 20).baseline_fits());
}

TEST_F(FitOf, EightBInBf16DoesNotFitSixteenGigabytes) {
  const Study study = vllm_study({"meta-llama/Llama-3.1-8B-Instruct", "RedHatAI/Meta-Llama-3.1-8B-Instruct-quantized.w4a16"});
  const Fit fit = fit_of(study, "RTX2000Ada-16GB", find_card("rtx2000ada")->memory_bytes);
  EXPECT_FALSE(fit.baseline_fits());
  ASSERT_EQ(misfits(fit).size(), 1u);
  EXPECT_THAT(misfits(fit)[0], AllOf(HasSubstr("v0 does not fit: it needs at least 15.0 GiB"), HasSubstr("0.90 of the 16.0 GiB of RTX2000Ada-16GB")));
  EXPECT_THAT(infeasible_text(fit), AllOf(HasSubstr("v1 (5.3 GiB) would fit"), HasSubstr("L4-24GB is the smallest known that holds the baseline"), HasSubstr("Nothing was started")));
}

TEST_F(FitOf, TheContextAskedForCounts) {
  Study study = vllm_study({"meta-llama/Llama-3.1-8B-Instruct"});
  study.engine.max_model_len = 131072;   // 16 GiB of KV cache for one request
  EXPECT_FALSE(fit_of(study, "L4-24GB", 23034LL << 20).baseline_fits());
  study.engine.max_model_len = 4096;
  EXPECT_TRUE(fit_of(study, "L4-24GB", 23034LL << 20).baseline_fits());
}

TEST_F(FitOf, SeveralCardsAreNotOne) {
  Study study = vllm_study({"meta-llama/Llama-3.1-8B-Instruct"});
  study.engine.args = {"--tensor-parallel-size", "2"};
  EXPECT_TRUE(fit_of(study, "RTX2000Ada-16GB", 16LL << 30).baseline_fits());
}

// The one shipped study whose finding is that it does not fit; every other study of hub ids fits on the card that it names.
TEST_F(FitOf, ShippedStudiesFitOrSaySo) {
  int known = 0;
  for (const auto& entry : std::filesystem::directory_iterator(QC_SOURCE_DIR "/studies")) {
    const auto study = read_study(entry.path(), {{}, {}, false});
    ASSERT_TRUE(study) << study.error().message;
    const auto card = study->hardware.name ? find_card(*study->hardware.name) : std::nullopt;
    if (study->engine.kind != EngineKind::vllm || !card) continue;
    ++known;
    for (const Variant& v : study->variants) EXPECT_TRUE(model_size(*study, v)) << v.model << " in " << entry.path();
    const Fit fit = fit_of(*study, card->name, card->memory_bytes);
    EXPECT_EQ(fit.baseline_fits(), entry.path().stem() != "rtx2000-8b-does-not-fit") << entry.path();
  }
  EXPECT_GE(known, 7);
}

}  // namespace
}  // namespace qc
