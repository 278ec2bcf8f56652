// One trial's own figures.
#include <algorithm>
#include <map>

#include "judge/compare/compare.h"
#include "judge/compare/limits.h"
#include "judge/compare/samples.h"
#include "judge/compare/told.h"
#include "stats/stats.h"

namespace qc {

RequestIndex::RequestIndex(const StudyData& data) {
  for (const auto& r : data.requests) by_trial_[r.trial_id].push_back(&r);
}

const std::vector<const RequestRecord*>& RequestIndex::of(int trial_id) const {
  static const std::vector<const RequestRecord*> none;
  const auto at = by_trial_.find(trial_id);
  return at == by_trial_.end() ? none : at->second;
}

Samples collect(const std::vector<const RequestRecord*>& requests) {
  Samples s;
  for (const auto* r : requests) {
    if (r->warmup) continue;
    if (r->failure) {
      ++s.failures[static_cast<std::size_t>(*r->failure)];
      ++s.failed;
      continue;
    }
    ++s.ok;
    s.ended_by_model |= !r->finish_reason.empty() && r->finish_reason != "length";
    if (r->prompt_tokens) s.prompt_tokens.push_back(*r->prompt_tokens);
    if (r->output_tokens) s.output_tokens.push_back(*r->output_tokens);
    if (!r->first || !r->last) continue;
    s.ttft_ms.push_back(millis(*r->first - r->sent));
    s.e2e_ms.push_back(millis(*r->last - r->sent));
    if (r->output_tokens && *r->output_tokens >= 2) s.tpot_ms.push_back(millis(*r->last - *r->first) / (*r->output_tokens - 1));
    const auto gaps = token_gaps_ms(*r);
    s.itl_ms.insert(s.itl_ms.end(), gaps.begin(), gaps.end());
  }
  return s;
}

void Samples::add(const Samples& more) {
  ok += more.ok, failed += more.failed, ended_by_model |= more.ended_by_model;
  for (std::size_t i = 0; i < failures.size(); ++i) failures[i] += more.failures[i];
  const auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
  append(ttft_ms, more.ttft_ms), append(e2e_ms, more.e2e_ms), append(tpot_ms, more.tpot_ms), append(itl_ms, more.itl_ms);
  append(prompt_tokens, more.prompt_tokens), append(output_tokens, more.output_tokens);
}

std::vector<TrialSummary> summarize_trials(const StudyData& data) {
  const RequestIndex index(data);
  std::vector<TrialSummary> all;
  for (const auto& trial : data.trials) {
    const auto& requests = index.of(trial.id);
    const Samples s = collect(requests);
    TrialSummary t;
    t.trial = &trial;
    t.requests_ok = s.ok, t.requests_failed = s.failed;
    for (const double n : s.output_tokens) t.output_tokens += static_cast<std::int64_t>(n);
    t.duration_s = seconds(trial.steady_end - trial.steady_start);
    const ImportedRun* told = imported_of(data, trial.id);
    t.output_tok_s = rate_of(trial, requests, told);
    if (const auto output = mean(s.output_tokens); t.output_tok_s && output && *output > 0) t.requests_per_s = *t.output_tok_s / *output;
    t.ttft_p50_ms = quantile(s.ttft_ms, 0.5), t.ttft_p95_ms = quantile(s.ttft_ms, 0.95), t.tpot_p50_ms = quantile(s.tpot_ms, 0.5);
    t.itl_p99_ms = quantile(s.itl_ms, 0.99), t.e2e_p50_ms = quantile(s.e2e_ms, 0.5), t.e2e_p95_ms = quantile(s.e2e_ms, 0.95);
    t.e2e_p99_ms = quantile(s.e2e_ms, 0.99);
    if (told) fill_told(t, *told);
    all.push_back(t);
  }
  return all;
}

}  // namespace qc
