#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "core/text.h"
#include "measure/load/own_error.h"
#include "measure/load/visit.h"
#include "stats/stats.h"

namespace qc {
namespace {

constexpr double kOwnErrorShare = 0.05;   // METRICS.md: of the median it would distort
constexpr double kCacheShare = 0.01;
constexpr double kSilentShare = 0.05;     // of answers without text: their tokens are missing from the rate

using Reason = std::optional<std::string>;

std::vector<const RequestRecord*> measured(const std::vector<RequestRecord>& requests) {
  std::vector<const RequestRecord*> out;
  for (const RequestRecord& r : requests)
    if (!r.warmup) out.push_back(&r);
  return out;
}

Reason too_much(std::string_view what, std::optional<double> error_us, std::optional<double> median_us, std::string_view of) {
  if (!error_us || !median_us || *error_us <= kOwnErrorShare * *median_us) return std::nullopt;
  return fmt::format("{} p99 {:.0f} us is over 5 % of the median {} ({:.0f} us)", what, *error_us, of, *median_us);
}

Reason late_sends(const TrialRecord& trial, const std::vector<RequestRecord>& requests) {
  return too_much("send lateness", trial.send_lateness_p99_us, quantile(ttft_us(requests), 0.5), "ttft");
}

/// Under the kernel's stamps a late read distorts nothing.
Reason late_reads(const TrialRecord& trial, const std::vector<RequestRecord>& requests) {
  const bool user_clock = std::ranges::any_of(measured(requests), [](const RequestRecord* r) {
    return std::ranges::any_of(r->events, [](const Event& e) { return e.stamp == Stamp::user; });
  });
  if (!user_clock) return std::nullopt;
  if (auto reason = too_much("read lag", trial.read_lag_p99_us, quantile(chunk_gaps_us(requests), 0.5), "chunk gap")) return reason;
  return too_much("read lag", trial.read_lag_p99_us, quantile(ttft_us(requests), 0.5), "ttft");
}

Reason all_failed(const std::vector<RequestRecord>& requests) {
  const auto counted = measured(requests);
  if (counted.empty() && !requests.empty() && requests.front().failure)
    return fmt::format("no request was sent, since no warm-up request was answered, the first as {}: {}", to_string(*requests.front().failure), requests.front().failure_detail);
  if (counted.empty()) return "no request was sent";
  if (std::ranges::any_of(counted, [](const RequestRecord* r) { return r->ok(); })) return std::nullopt;
  const RequestRecord& first = *counted.front();
  return fmt::format("all {} requests failed, the first as {}: {}", counted.size(), to_string(*first.failure), first.failure_detail);
}

/// Tokens that became no text came at no instant that we saw: neither their rate nor a first token can be told.
Reason without_text(const std::vector<RequestRecord>& requests) {
  const auto counted = measured(requests);
  const auto silent = [](const RequestRecord* r) { return r->ok() && r->events.empty() && r->output_tokens.value_or(0) > 0; };
  const auto count = std::ranges::count_if(counted, silent), answered = std::ranges::count_if(counted, &RequestRecord::ok);
  if (count == 0 || static_cast<double>(count) <= kSilentShare * static_cast<double>(answered)) return std::nullopt;
  return fmt::format("{} of {} answers are tokens without text, so when they came can't be told: does the model's tokenizer fit, does it answer at all?", count, answered);
}

struct Lengths { int shortest = 0, longest = 0; bool ended_by_model = false; };

std::optional<Lengths> lengths_of(const std::vector<RequestRecord>& requests) {
  std::optional<Lengths> out;
  for (const RequestRecord* r : measured(requests)) {
    if (!r->ok() || !r->output_tokens) continue;
    const int n = *r->output_tokens;
    if (!out) out = Lengths{n, n, false};
    out->shortest = std::min(out->shortest, n);
    out->longest = std::max(out->longest, n);
    out->ended_by_model = out->ended_by_model || r->finish_reason == "stop";
  }
  return out;
}

void note_once(TrialRecord& trial, std::string note) {
  if (std::ranges::find(trial.notes, note) == trial.notes.end()) trial.notes.push_back(std::move(note));
}

Reason unequal_lengths(TrialRecord& trial, const std::vector<RequestRecord>& requests) {
  const auto lengths = lengths_of(requests);
  if (!lengths || lengths->shortest == lengths->longest) return std::nullopt;
  const std::string range = fmt::format("output lengths differ ({} to {} tokens)", lengths->shortest, lengths->longest);
  if (std::ranges::any_of(trial.notes, [](const std::string& note) { return note.starts_with(kEventsCounted); })) return std::nullopt;   // and how many tokens an event has may differ
  if (!lengths->ended_by_model) return range + " although ignore_eos was honoured";
  note_once(trial, range + ": this server does not honour ignore_eos, so compare tokens per second");
  return std::nullopt;
}

/// The answers' own word, or the server's counters, whichever shows more.
double cache_share(const TrialRecord& trial, const std::vector<RequestRecord>& requests) {
  double cached = 0, prompts = 0;
  for (const RequestRecord* r : measured(requests)) {
    if (!r->ok() || !r->cached_tokens || !r->prompt_tokens) continue;
    cached += *r->cached_tokens;
    prompts += *r->prompt_tokens;
  }
  double share = prompts > 0 ? cached / prompts : 0;
  if (trial.prompt_tokens_cached && trial.prompt_tokens_processed.value_or(0) > 0)
    share = std::max(share, static_cast<double>(*trial.prompt_tokens_cached) / static_cast<double>(*trial.prompt_tokens_processed));
  return share;
}

Reason cache_hit(TrialRecord& trial, const std::vector<RequestRecord>& requests, double shared) {
  const double share = cache_share(trial, requests);
  if (shared > 0) note_once(trial, fmt::format("the prefix cache served {:.1f} % of the prompt tokens; {:.1f} % are the shared prefix", 100 * share, 100 * shared));
  if (share <= shared + kCacheShare) return std::nullopt;
  if (shared > 0) return fmt::format("the prefix cache served {:.1f} % of the prompt tokens, and the shared prefix is {:.1f} %", 100 * share, 100 * shared);
  return fmt::format("the prefix cache served {:.1f} % of the prompt tokens (at most 1 %); switch it off in the server", 100 * share);
}

/// NVML's reasons that METRICS.md does not let count. The software power cap is none of them.
Reason slowed_down(const TrialRecord& trial) {
  constexpr std::pair<std::int64_t, const char*> kNames[] = {{0x8, "hardware slowdown"}, {0x20, "software thermal slowdown"}, {0x40, "hardware thermal slowdown"}, {0x80, "hardware power brake"}};
  std::vector<std::string> seen;
  for (const auto& [bit, name] : kNames)
    if ((trial.gpu_slowdown.value_or(0) & bit) != 0) seen.push_back(name);
  if (seen.empty()) return std::nullopt;
  return fmt::format("the GPU slowed down for heat or hardware ({}); cool it, or lower its load", fmt::join(seen, ", "));
}

}  // namespace

void judge_validity(TrialRecord& trial, const std::vector<RequestRecord>& requests, bool ignore_eos, double shared) {
  std::vector<std::string> reasons;
  for (Reason reason : {all_failed(requests), without_text(requests), late_sends(trial, requests), late_reads(trial, requests),
                        ignore_eos ? unequal_lengths(trial, requests) : std::nullopt, cache_hit(trial, requests, shared), slowed_down(trial)})
    if (reason) reasons.push_back(std::move(*reason));
  trial.valid = reasons.empty();
  trial.invalid_because = fmt::format("{}", fmt::join(reasons, "; "));
}

}  // namespace qc
