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
