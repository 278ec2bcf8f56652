#include "measure/engines/diagnosis.h"

#include <gmock/gmock.h>

#include "unit/engines/support.h"

namespace qc {
namespace {

using test::fixture;
using testing::AllOf;
using testing::HasSubstr;

const Exit kExit1{.code = 1};

TEST(Remedy, OfRecordedFailures) {
  EXPECT_THAT(remedy_for(fixture("llamacpp/no_model.log"), kExit1), HasSubstr("not there"));
  EXPECT_THAT(remedy_for(fixture("llamacpp/truncated_model.log"), kExit1), HasSubstr("cut short"));
  EXPECT_THAT(remedy_for(fixture("llamacpp/port_taken.log"), kExit1), HasSubstr("port"));
  EXPECT_THAT(remedy_for(fixture("llamacpp/no_memory_kv.log"), kExit1), HasSubstr("max_num_seqs"));
  EXPECT_THAT(remedy_for(fixture("llamacpp/no_memory_mmap.log"), kExit1), HasSubstr("memory"));
  EXPECT_THAT(remedy_for("error: invalid argument: --bogus\n", kExit1), HasSubstr("engine.args"));
}

TEST(Remedy, OfVllmsRecordedFailures) {
  const auto remedy = [](const char* name) { return remedy_for(fixture(std::string("vllm/failures/") + name + ".log"), kExit1); };
  EXPECT_THAT(remedy("max_len_over_derived"), HasSubstr("lower `engine.max_model_len`"));
  EXPECT_THAT(remedy("no_kv_memory"), HasSubstr("no room for a KV cache"));
  EXPECT_THAT(remedy("awq_asked_of_bf16"), HasSubstr("take `--quantization` out of `args`"));
  EXPECT_THAT(remedy("no_free_memory"), HasSubstr("Something else holds memory of the card"));
  EXPECT_THAT(remedy("port_taken"), HasSubstr("run again"));
  EXPECT_THAT(remedy("no_such_model"), HasSubstr("no such folder"));
  EXPECT_THAT(remedy("bad_kv_dtype"), HasSubstr("vllm serve --help"));
  EXPECT_THAT(remedy("oom_70b"), HasSubstr("does not fit on this GPU"));
  EXPECT_TRUE(port_was_taken(fixture("vllm/failures/port_taken.log")));
  EXPECT_FALSE(port_was_taken(fixture("vllm/failures/oom_70b.log")));
}

// By hand, from the texts of huggingface_hub and PyTorch.
TEST(Remedy, OfVllmFailuresThatWereNotRecorded) {
  const auto of = [](const std::string& line) { return remedy_for("(APIServer pid=1) " + line + "\n", kExit1); };
  EXPECT_THAT(of("huggingface_hub.errors.GatedRepoError: 401 Client Error. Cannot access gated repo for url https://huggingface.co/x."), HasSubstr("HF_TOKEN"));
  EXPECT_THAT(of("OSError: nosuch/model is not a local folder and is not a valid model identifier listed on 'https://huggingface.co/models'"), HasSubstr("no such model"));
  EXPECT_THAT(of("OSError: We couldn't connect to 'https://huggingface.co' to load the files, and couldn't find them in the cached files."), HasSubstr("fetch it first"));
  EXPECT_THAT(of("torch.AcceleratorError: CUDA error: an illegal memory access was encountered"), HasSubstr("dmesg"));
  EXPECT_THAT(of("RuntimeError: Failed to infer device type, please set the environment variable"), HasSubstr("nvidia-smi"));
  EXPECT_THAT(of("ValueError: Unknown quantization method: foo. Must be one of ['awq']."), HasSubstr("--quantization"));
  EXPECT_EQ(of("INFO all is well"), "");
}

TEST(FailureReport, QuotesVllmsCauseAndNotItsLastLines) {
  const auto text = failure_report("the server of bf16 ended", fixture("vllm/failures/no_kv_memory.log"), kExit1, "vllm serve m", "logs/bf16.1.log");
  EXPECT_THAT(text, AllOf(HasSubstr("Its log says:\nValueError: No available memory"), HasSubstr("Whole log: logs/bf16.1.log"), testing::Not(HasSubstr("Traceback"))));
}

TEST(Remedy, OfAKillWithoutAWord) {
  const auto log = fixture("llamacpp/killed_by_kernel.log");
  EXPECT_THAT(remedy_for(log, Exit{.signal = 9}), HasSubstr("memory runs out"));
  EXPECT_THAT(remedy_for(log, Exit{.code = 137}), HasSubstr("memory runs out"));
  EXPECT_THAT(remedy_for(log, Exit{.signal = 4}), HasSubstr("another processor"));
  EXPECT_EQ(remedy_for(log, kExit1), "");
  EXPECT_EQ(remedy_for(log, {}), "");
}

TEST(PortWasTaken, OnlyWhereTheLogSaysSo) {
  EXPECT_TRUE(port_was_taken(fixture("llamacpp/port_taken.log")));
  EXPECT_FALSE(port_was_taken(fixture("llamacpp/no_model.log")));
}

TEST(FailureReport, HasEverythingThatHelps) {
  EXPECT_EQ(failure_report("the server of q4 ended", "a\n0.00.000.001 E failed to open GGUF file 'x.gguf'\n", kExit1, "llama-server -m x.gguf", "logs/q4.1.log"),
            "the server of q4 ended\nIts last words:\n0.00.000.001 E failed to open GGUF file 'x.gguf'\n"
            "The model file is not there or not readable: check the variant's `model`.\nCommand: llama-server -m x.gguf\nWhole log: logs/q4.1.log");
  EXPECT_THAT(failure_report("x", "", {}, "", ""), testing::StrEq("x\nIt wrote nothing."));
}

}  // namespace
}  // namespace qc
