// The whole program on a real vLLM (for the CPU) and the sample model's checkpoints: proof, prompts that are too long, a full KV cache, a
// killed engine process. Skipped aloud where vLLM is not set up.
#include <gmock/gmock.h>

#include "integration/run/program_run.h"

namespace qc {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

const char* const kStudy = R"toml([study]
name = "real"
blocks = 1
aa = "none"
[engine]
kind = "vllm"
command = ["@VLLM@"]
args = ["--dtype", "bfloat16", "--enforce-eager"]
max_model_len = 256
max_num_seqs = 8
switch = "restart"
start_timeout_s = 300
env = {QC_TEST_RUN = "@MARK@", VLLM_CPU_KVCACHE_SPACE = "1", HF_HUB_OFFLINE = "1", VLLM_NO_USAGE_STATS = "1", DO_NOT_TRACK = "1"}
[[variant]]
name = "bf16"
model = "$QUANTCASE_MODELS/vllm/bf16"
baseline = true
expect = "bf16"
[[variant]]
name = "int8"
model = "$QUANTCASE_MODELS/vllm/w8a8_int8"
expect = "w8a8_int8"
[[workload]]
name = "chat"
prompts = "@MARK@/prompts.jsonl"
endpoint = "completions"
concurrency = [8]
requests_per_slot = 2
min_requests = 16
max_tokens = 64
[quality]
spot = []
)toml";

struct VllmRun : test::ProgramRun {
  void SetUp() override {
    const fs::path vllm = cache_dir() / "vllm/current/venv/bin/vllm";
    if (!fs::exists(vllm) || !fs::exists(cache_dir() / "models/vllm/w8a8_int8"))
      GTEST_SKIP() << "vLLM is not set up on this machine: `make test-vllm` brings it, and runs this too";
    std::string text = kStudy;
    text.replace(text.find("@VLLM@"), 6, vllm.string());
    put_study(text);
    put_prompts(15, 1);
  }
  /// `fitting` prompts of about 60 tokens, and as many of about 600 that no context of 256 holds.
  void put_prompts(int fitting, int too_long) const {
    std::ofstream file(dir / "prompts.jsonl");
    for (int i = 0; i < fitting + too_long; ++i) {
      file << "\"Question " << i << ":";
      for (int n = 0; n < (i < fitting ? 10 : 100); ++n) file << " what is larger, " << i << " or " << n << "?";
      file << "\"\n";
    }
  }
  std::vector<std::string> study(const std::string& verb, std::vector<std::string> more = {}) const {
    std::vector<std::string> words = {verb, (dir / "study.toml").string(), "--out", out.string()};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  /// Processes of this name whose parent is a server of this test: a process that names itself may lose its environment.
  std::vector<pid_t> children_named(const std::string& name) const {
    const auto parents = servers();
    std::vector<pid_t> found;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
      std::ifstream words(entry.path() / "cmdline"), status(entry.path() / "status");
      const std::string command{std::istreambuf_iterator<char>(words), {}};
      if (command.find(name) == std::string::npos) continue;
      for (std::string line; std::getline(status, line);)
        if (line.starts_with("PPid:") && std::ranges::find(parents, std::stoi(line.substr(5))) != parents.end()) found.push_back(std::stoi(entry.path().filename()));
    }
    return found;
  }
  std::string one(const std::string& sql) const {
    const auto rows = ask(sql);
    return rows.empty() ? "no row" : rows[0][0];
  }
};

TEST_F(VllmRun, AnotherBatchLimitAndWhatEachServesIsReadOffTheRealServers) {
  EXPECT_EQ(run(study("check", {"--set", "variant.int8.args=[\"--max-num-seqs\", \"4\"]"})), 8) << log();
  EXPECT_THAT(log(), AllOf(HasSubstr("max_num_seqs: bf16 8 ("), HasSubstr("int8 4 ("), HasSubstr("--allow max_num_seqs")));
  EXPECT_THAT(log(), AllOf(HasSubstr("bf16 (baseline): vLLM 0."), HasSubstr("quantization: bf16 none"), HasSubstr("int8 compressed-tensors")));
  EXPECT_TRUE(servers().empty());
}

TEST_F(VllmRun, ATooLongPromptFailsAloneAndAFullCacheIsSeen) {
  // Blocks of 128 tokens on a CPU: four hold two requests of this study at once, and eight ask.
  EXPECT_EQ(run(study("run", {"--set", R"(engine.args=["--dtype", "bfloat16", "--enforce-eager", "--num-gpu-blocks-override", "4"])"})), 4) << log();
  // Two cores also carry the load: a visit that had no free moment is repeated once, so each is looked at by itself.
  for (const auto& visit : ask("SELECT trial_id, sum(failure = 'too_long'), sum(ok AND output_tokens = 64), count(*) FROM v_request WHERE NOT warmup GROUP BY 1"))
    EXPECT_THAT(visit, testing::ElementsAre(visit[0], "1", "15", "16")) << log();
  EXPECT_GE(std::stod(one("SELECT max(value) FROM v_server_metric WHERE name = 'requests_waiting'")), 1);
  EXPECT_GE(std::stod(one("SELECT max(value) FROM v_server_metric WHERE name = 'kv_usage'")), 0.7);
  EXPECT_THAT(read_file(out / "report.md").value(), HasSubstr("queue"));
}

TEST_F(VllmRun, AKilledEngineProcessIsSaidAndNothingMeasuredIsLost) {
  put_prompts(16, 0);
  const pid_t pid = start(study("run", {"--set", "study.blocks=40", "--set", "engine.switch=\"resident\""}));
  until_trials(3, std::chrono::seconds(240));   // two starts of half a minute before the first
  const auto engines = children_named("EngineCore");
  ASSERT_FALSE(engines.empty()) << log();
  kill(engines.front(), SIGKILL);
  const int code = wait_for(pid);
  EXPECT_EQ(code, 3) << log();
  EXPECT_THAT(log(), HasSubstr(" died: ")) << log();
  EXPECT_GE(trials(), 3);
  EXPECT_TRUE(fs::exists(out / "report.md"));
  EXPECT_TRUE(servers().empty());
}

}  // namespace
}  // namespace qc
