#pragma once
// A small stored study whose figures are easy to work out by hand.
#include <string>
#include <vector>

#include "record/record.h"

namespace qc::test {

inline Instant at_ms(double ms) { return {static_cast<std::int64_t>(ms * 1e6)}; }

/// An answered request: sent, first token, then a token every `gap_ms`; `tokens` tokens.
inline RequestRecord answered(int trial, int id, double sent_ms, double first_ms, double gap_ms, int tokens, int prompt_tokens = 20) {
  RequestRecord r;
  r.trial_id = trial, r.request_id = id, r.x_request_id = std::to_string(trial) + "-" + std::to_string(id), r.prompt_sha256 = "p" + std::to_string(id);
  r.intended = r.sent = at_ms(sent_ms);
  for (int i = 0; i < tokens; ++i) r.events.push_back({at_ms(first_ms + i * gap_ms), 1, Stamp::kernel});
  r.first = r.events.front().at, r.last = r.events.back().at, r.done = r.last;
  r.prompt_tokens = prompt_tokens, r.output_tokens = tokens, r.finish_reason = "length";
  return r;
}

inline TrialRecord trial(int id, const std::string& variant, int block, double steady_ms, bool repeat = false) {
  TrialRecord t;
  t.id = id, t.variant = variant, t.workload = "chat", t.concurrency = 1, t.max_tokens = 11, t.block = block, t.repeat = repeat;
  t.started = t.steady_start = at_ms(0), t.steady_end = t.ended = at_ms(steady_ms);
  return t;
}

inline Study study(std::vector<std::string> candidates = {"q4"}) {
  Study s;
  s.name = "tiny", s.title = "A tiny study", s.text = "[study]\nname = \"tiny\"\n", s.file = "tiny.toml", s.blocks = 2;
  s.keys = {{"study.name", "tiny"}, {"hardware.hourly_usd", "0.36"}};
  s.hardware.hourly_usd = 0.36;
  s.variants.push_back({.name = "bf16", .model = "a.gguf", .local = true, .baseline = true, .url = {}, .expect = {}, .args = {}});
  for (const auto& c : candidates) s.variants.push_back({.name = c, .model = c + ".gguf", .local = true, .baseline = false, .url = {}, .expect = {}, .args = {}});
  Workload w;
  w.name = "chat", w.concurrency = {1}, w.max_tokens = 11, w.p95_budget_ms = 3000;
  s.workloads.push_back(w);
  return s;
}

/// Two blocks; in each the baseline makes 11 tokens in 1.1 s and the candidate 11 tokens in `candidate_ms[block]`, one request a trial.
inline StudyData two_blocks(std::vector<double> baseline_ms, std::vector<double> candidate_ms) {
  StudyData d;
  d.study = study();
  int id = 0;
  for (std::size_t b = 0; b < baseline_ms.size(); ++b)
    for (const auto& [variant, length] : {std::pair<std::string, double>{"bf16", baseline_ms[b]}, {"q4", candidate_ms[b]}}) {
      d.trials.push_back(trial(++id, variant, static_cast<int>(b), length));
      d.requests.push_back(answered(id, 0, 0, length / 11, length / 11, 11));
    }
  d.planned_trials = id;
  return d;
}

}  // namespace qc::test
