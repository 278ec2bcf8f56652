#pragma once
// The study file of docs/interface.md, in which a test changes one thing.
#include <stdexcept>
#include <string>
#include <vector>

#include "study/read.h"

namespace qc {

inline const std::string kExample = R"([study]
name = "quant-vs-bf16"
title = "Quantization vs BF16 on RTX 2000 Ada 16GB"
seed = 42
blocks = 4
aa = "middle"
[hardware]
provider = "RunPod"
hourly_usd = 0.24
price_note = "community cloud, 2026-11-01"
utilization = 1.0
[engine]
kind = "vllm"
max_model_len = 4096
max_num_seqs = 32
gpu_memory_utilization = 0.90
args = []
command = ["vllm"]
switch = "auto"
[[variant]]
name = "bf16"
model = "Qwen/Qwen2.5-3B-Instruct"
baseline = true
[[variant]]
name = "awq"
model = "Qwen/Qwen2.5-3B-Instruct-AWQ"
expect = "awq"
[[workload]]
name = "chat"
prompts = "chat"
endpoint = "chat"
concurrency = [1, 8, 16]
requests_per_slot = 3
min_requests = 8
max_tokens = 128
p95_budget_ms = 3000
[[workload]]
name = "batch"
prompts = "summarize"
concurrency = [16, 32]
max_tokens = 256
p95_budget_ms = 6000
[quality]
spot = ["factual", "reasoning", "code", "summarization"]
suites = ["mmlu:1140", "gsm8k:250", "humaneval"]
margin_pp = 1.0
[estimate]
gpus = ["A100-80GB-SXM", "H100-80GB-SXM"]
)";

/// The example with the first occurrence of `what` replaced; an edit that finds nothing is the test's own mistake.
inline std::string example_with(const std::string& what, const std::string& instead) {
  std::string text = kExample;
  const auto at = text.find(what);
  if (at == std::string::npos) throw std::logic_error("the example has no " + what);
  return text.replace(at, what.size(), instead);
}

inline std::string problems_of(const std::string& text, const ReadOptions& options = {}) {
  const auto study = parse_study(text, "s.toml", options);
  return study ? "" : study.error().message;
}

}  // namespace qc
