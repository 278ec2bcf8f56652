#include <algorithm>
#include <cmath>

#include "judge/advise/parts.h"

namespace qc {
namespace {

template <class T>
Measured known(const std::optional<T>& value, std::string na) {
  Measured m;
  if (value) m.value = static_cast<double>(*value);
  else m.na = std::move(na);
  return m;
}

/// The GPU's figure where there is one, else the resident set; the highest sample under load, or the idle one of the latest start, of which the server's own figures are, too.
std::optional<std::int64_t> used(const StudyData& data, const std::string& variant, bool peak) {
  std::optional<std::int64_t> best;
  const std::string source = data.run.gpu_memory_bytes ? "nvml" : "rss";
  for (const auto& m : data.memory) {
    if (m.variant != variant || m.source != source || !m.used_bytes) continue;
    if (peak && m.phase != "asleep") best = std::max(best.value_or(0), *m.used_bytes);
    if (!peak && m.phase == "idle") best = m.used_bytes;
  }
  return best;
}

Measured share(const Measured& bytes, std::int64_t total) {
  Measured m;
  if (bytes && total > 0) m.value = *bytes.value / static_cast<double>(total);
  else m.na = bytes ? "the machine's memory is not known" : bytes.na;
  return m;
}

std::optional<int> longest_prompt(const StudyData& data, const std::string& workload) {
  std::optional<int> longest;
  std::vector<int> trials;
  for (const auto& t : data.trials)
    if (t.workload == workload) trials.push_back(t.id);
  for (const auto& r : data.requests)
    if (r.prompt_tokens && !r.warmup && std::ranges::binary_search(trials, r.trial_id)) longest = std::max(longest.value_or(0), *r.prompt_tokens);
  return longest;
}

/// What idle use holds beyond the parts that the server names: with vLLM activations, where its log is silent on them, CUDA's own context ...
Measured rest(const StudyData& data, const MemoryRow& r) {
  Measured m;
  if (!data.run.gpu_memory_bytes || !r.idle_bytes || !r.weights_bytes || !r.kv_bytes) return m.na = "a part of it is not known", m;
  const double parts = *r.weights_bytes.value + *r.kv_bytes.value + r.activation_bytes.value.value_or(0) + r.graph_bytes.value.value_or(0);
  if (*r.idle_bytes.value < parts) return m.na = "the parts that the server names are more than what was in use when it was idle", m;
  m.value = *r.idle_bytes.value - parts;
  return m;
}

bool beyond_share(const StudyData& data, const VariantFacts& facts, const Measured& idle_pct) {
  constexpr double kSlack = 1.01;
  const auto& given = data.run.gpu_share ? data.run.gpu_share : data.study.engine.gpu_memory_utilization;
  if (facts.server != "vLLM" || !data.run.gpu_memory_bytes || !given || !idle_pct) return false;
  const double graphs = static_cast<double>(facts.graph_bytes.value_or(0)) / static_cast<double>(*data.run.gpu_memory_bytes);   // taken beside the share, after it was given out
  return *idle_pct.value > kSlack * *given + graphs;
}

Measured context_at_load(const StudyData& data, const Measured& kv_tokens) {
  int highest = 0;
  for (const auto& w : data.study.workloads)
    for (const int concurrency : w.concurrency) highest = std::max(highest, concurrency);
  Measured m;
  if (kv_tokens && highest > 0) m.value = std::floor(*kv_tokens.value / highest);
  else m.na = kv_tokens ? "no operating point" : kv_tokens.na;
  return m;
}

MemoryRow row(const StudyData& data, const Variant& variant) {
  MemoryRow r;
  r.variant = variant.name, r.baseline = variant.baseline;
  const VariantFacts* f = facts_of(data, variant.name);
  static const VariantFacts nothing;
  const VariantFacts& facts = f ? *f : nothing;
  const std::string na = f ? "the server does not tell it" : "its server never answered";
  r.file_bytes = known(facts.file_bytes, !f ? na : random_weights(facts) ? "there is no weight file: the weights are random" : "no local weight file");
  r.weights_bytes = known(facts.weights_bytes, na), r.kv_bytes = known(facts.kv_bytes, na), r.kv_tokens = known(facts.kv_tokens, na);
  const std::string unread = f && f->command.empty() ? "the server's process is not ours to read" : "no sample was taken";
  r.idle_bytes = known(used(data, variant.name, false), unread), r.peak_bytes = known(used(data, variant.name, true), unread);
  const std::int64_t total = data.run.gpu_memory_bytes.value_or(data.run.host_memory_bytes);
  r.idle_pct = share(r.idle_bytes, total), r.peak_pct = share(r.peak_bytes, total);
  r.beyond_share = beyond_share(data, facts, r.idle_pct);
  r.activation_bytes = known(facts.activation_bytes, "its log has no line on it"), r.graph_bytes = known(facts.graph_bytes, "its log has no line on it");
  r.rest_bytes = rest(data, r), r.context_at_load = context_at_load(data, r.kv_tokens);
  for (const auto& w : data.study.workloads) {
    Measured fit;
    const auto prompt = longest_prompt(data, w.name);
    if (r.kv_tokens && prompt) fit.value = std::floor(*r.kv_tokens.value / (*prompt + w.max_tokens));
    else fit.na = r.kv_tokens ? "no prompt was counted" : r.kv_tokens.na;
    r.requests_that_fit.emplace_back(w.name, fit);
  }
  return r;
}

/// A server that makes its KV cache of what the weights leave is as large as before; the saving is in the cache then.
Measured peak_saving(const MemoryRow& r, const MemoryRow& base) {
  Measured m;
  if (!r.peak_bytes || !base.peak_bytes) m.na = r.peak_bytes ? base.peak_bytes.na : r.peak_bytes.na;
  else if (!r.kv_bytes || !base.kv_bytes || *r.kv_bytes.value != *base.kv_bytes.value) m.na = "its KV cache is not known to be of the baseline's size";
  else m.value = 1 - *r.peak_bytes.value / *base.peak_bytes.value;
  return m;
}

void compare_to_baseline(MemoryRow& r, const MemoryRow& base) {
  for (std::size_t i = 0; i < r.requests_that_fit.size(); ++i) {
    const auto &mine = r.requests_that_fit[i].second, &theirs = base.requests_that_fit[i].second;
    Measured more;
    if (mine && theirs) more.value = *mine.value - *theirs.value;
    else more.na = mine ? theirs.na : mine.na;
    r.more_requests.emplace_back(r.requests_that_fit[i].first, more);
  }
  r.peak_saving = peak_saving(r, base);
  if (!r.weights_bytes || !base.weights_bytes) {
    r.weights_saving.na = r.more_kv_tokens.na = r.weights_bytes ? base.weights_bytes.na : r.weights_bytes.na;
    return;
  }
  const double saved = *base.weights_bytes.value - *r.weights_bytes.value;
  r.weights_saving.value = saved / *base.weights_bytes.value;
  if (base.kv_bytes && base.kv_tokens && *base.kv_bytes.value > 0) r.more_kv_tokens.value = saved / (*base.kv_bytes.value / *base.kv_tokens.value);
  else r.more_kv_tokens.na = base.kv_tokens.na.empty() ? "the KV cache's size is not known" : base.kv_tokens.na;
}

/// Where a server does not tell what it loaded, the files speak for all: a loaded size beside a file's would not be alike.
void take_files_for_weights(std::vector<MemoryRow>& rows) {
  const bool silent = std::ranges::any_of(rows, [](const MemoryRow& r) { return !r.weights_bytes; });
  const bool files = std::ranges::all_of(rows, [](const MemoryRow& r) { return r.file_bytes.value.has_value(); });
  if (!silent || !files) return;
  for (auto& r : rows) r.weights_bytes = r.file_bytes, r.weights_of_files = true;
}

}  // namespace

std::vector<MemoryRow> memory_rows(const StudyData& data) {
  std::vector<MemoryRow> rows;
  rows.reserve(data.study.variants.size());
  for (const auto& v : data.study.variants) rows.push_back(row(data, v));
  take_files_for_weights(rows);
  for (auto& r : rows) {
    if (!r.baseline) compare_to_baseline(r, rows.front());
    else r.weights_saving.na = r.more_kv_tokens.na = "the baseline";
  }
  return rows;
}

}  // namespace qc
