// The limit of open files as the whole program meets it: raised where that is allowed, explained where not.
#include <gmock/gmock.h>

#include "core/json.h"
#include "core/process.h"
#include "integration/run/program_run.h"
#include "support/scripted_server.h"

namespace qc::test {
namespace {
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;

struct Files : ProgramRun {
  Files() { fs::create_directories(dir); }
  /// Both streams of `quantcase WORDS` under a limit that ulimit sets, then "exit N".
  std::string said(const std::string& limit, const std::string& words) {
    const auto text = capture({.words = {"sh", "-c", "cd " + dir.string() + " && ulimit " + limit + " && " QC_BINARY_DIR "/quantcase " + words + " 2>&1; echo exit $?"}}, Seconds(60));
    return said_ = text ? *text : text.error().message;
  }
  /// What the last call wrote into b.json; null, and a failure with what it said, if it wrote nothing.
  Json written() const {
    const auto text = read_file(dir / "b.json");
    EXPECT_TRUE(text) << said_;
    return text ? Json::parse(*text, nullptr, false) : Json();
  }
  std::string study_of(const ScriptedServer& a, const ScriptedServer& b) const {
    return put_study("[study]\nname = \"files\"\n[engine]\nkind = \"openai\"\n[[variant]]\nname = \"a\"\nbaseline = true\nurl = \"" + a.url() + "\"\n[[variant]]\nname = \"b\"\nurl = \"" + b.url() +
                     "\"\n[[workload]]\nname = \"chat\"\nconcurrency = [1, 100]\nmax_tokens = 2\n");
  }
  std::string said_;
};

TEST_F(Files, ASoftLimitIsRaisedForTheSlots) {
  const ScriptedServer server({.first = 300ms});
  EXPECT_THAT(said("-Sn 80", "bench --url " + server.url() + " --concurrency 100 --requests 100 --max-tokens 2 --warmup 0 --json b.json"), HasSubstr("exit "));
  const Json b = written();
  EXPECT_EQ(b["requests_ok"], 100) << b;
  EXPECT_EQ(server.most_at_once(), 100);
}

TEST_F(Files, AHardLimitThatIsTooLowIsExplained) {
  const ScriptedServer server;
  EXPECT_THAT(said("-n 120", "bench --url " + server.url() + " --concurrency 100 --requests 100"),
              AllOf(HasSubstr("--concurrency 100: 100 streams at once need 164 open files, and the hard limit here is 120"), HasSubstr("ulimit -n 164"), HasSubstr("at most 56 streams"), EndsWith("exit 2\n")));
  EXPECT_EQ(server.connections(), 0) << "nothing was started";
}

TEST_F(Files, SlotsThatNoRequestUsesNeedNone) {
  const ScriptedServer server;
  EXPECT_THAT(said("-n 120", "bench --url " + server.url() + " --concurrency 100 --requests 4 --max-tokens 2 --json b.json --quiet"), testing::Not(HasSubstr("hard limit")));
  EXPECT_EQ(written()["requests_ok"], 4);
}

TEST_F(Files, AnOpenLoopTakesWhatThereIsAndSaysWhatIsMissing) {
  const ScriptedServer server({.first = 2s});
  said("-Sn 40", "bench --url " + server.url() + " --rate 200 --duration 0.5 --arrival constant --max-tokens 2 --warmup 0 --json b.json");
  EXPECT_EQ(written()["requests_ok"], 99) << "the soft limit was raised";
  EXPECT_THAT(said("-n 60", "bench --url " + server.url() + " --rate 200 --duration 0.5 --arrival constant --max-tokens 2 --warmup 0 --json b.json --records r.jsonl"), EndsWith("exit 4\n"));
  const Json b = written();
  EXPECT_GT(b["requests_ok"].get<int>(), 30);
  EXPECT_EQ(b["failures"].size(), 1u);
  EXPECT_GT(b["failures"].value("connect", 0), 30) << said_;
  EXPECT_THAT(read_file(dir / "r.jsonl").value(), HasSubstr("Too many open files, the limit of this process: take fewer at once, or raise it (`ulimit -n`)"));
}

TEST_F(Files, AStudyThatNeedsMoreIsRefusedBeforeItStarts) {
  const ScriptedServer a, b;
  const std::string study = study_of(a, b);
  EXPECT_THAT(said("-n 120", "run " + study), AllOf(HasSubstr("study.toml:14"), HasSubstr("workload.chat.concurrency"), HasSubstr("100, which needs 164 open files where the hard limit is 120"),
                                                    HasSubstr("ulimit -n 164"), HasSubstr("at most 56"), EndsWith("exit 2\n")));
  EXPECT_EQ(a.connections() + b.connections(), 0);
  EXPECT_THAT(said("-n 120", "plan " + study), testing::Not(HasSubstr("hard limit"))) << "it may be for another machine";
}

}  // namespace
}  // namespace qc::test
