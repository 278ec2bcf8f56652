// Can vLLM servers of one card sleep in turn? Arithmetic of memory, on the card and on the host.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/bytes.h"
#include "measure/engines/turns.h"

namespace qc {
namespace {

// Measured with vLLM 0.25 on an H100: what a sleeper keeps of the card.
constexpr double kKeptEager = 0.9 * kGiB, kKeptWithGraphs = 1.7 * kGiB;
constexpr double kDefaultShare = 0.9, kLeastShare = 0.5;
constexpr double kCardSlack = 0.25 * kGiB;
// Beside its weights a server needs room for activations, and a cache that is worth the name.
constexpr double kBesideWeights = 2.5 * kGiB;
// Measured there: two sleepers of 15 and 8.5 GiB took 30.4 GiB of host memory with all their processes.
constexpr double kProcesses = 3.0 * kGiB, kPinnedShare = 1.05;

double kept_by_all_others(const SleepQuestion& q) { return (q.servers - 1) * (q.eager ? kKeptEager : kKeptWithGraphs); }

/// The largest share that a server finds free while all others sleep, in whole percent.
double highest_share(const SleepQuestion& q) {
  const double total = static_cast<double>(q.card_total);
  return std::floor((total - static_cast<double>(q.card_used) - kept_by_all_others(q) - kCardSlack) / total * 100) / 100;
}

constexpr const char* kSizesUnknown =
    "how large the weights are is not known before they are loaded, so whether this host's memory holds those of all sleepers can't be told; `switch = \"sleep\"` tries it";

std::optional<std::string> host_is_too_small(const SleepQuestion& q) {
  if (!q.host_free) return std::nullopt;
  const double needed = kPinnedShare * static_cast<double>(*q.weights_together) + q.servers * kProcesses, free = static_cast<double>(*q.host_free);
  if (needed <= free) return std::nullopt;
  return fmt::format("the host's memory must hold the weights of all {} servers while they sleep, {:.1f} GiB with their processes, and {:.1f} GiB are free", q.servers, needed / kGiB, free / kGiB);
}

std::string kept_words(const SleepQuestion& q) {
  return fmt::format("{} sleeper{} keep{} {:.1f} GiB of the card", q.servers - 1, q.servers == 2 ? "" : "s", q.servers == 2 ? "s" : "", kept_by_all_others(q) / kGiB);
}

}  // namespace

SleepAnswer can_sleep_in_turn(const SleepQuestion& q) {
  const double wanted = q.share.value_or(kDefaultShare), highest = highest_share(q), total = static_cast<double>(q.card_total) / kGiB;
  if (!q.weights_together) return {false, std::min(wanted, std::max(highest, kLeastShare)), false, kSizesUnknown};
  if (const auto why = host_is_too_small(q)) return {false, 0, false, *why};
  if (wanted <= highest) return {true, wanted, false, fmt::format("{}, and {:.2f} of its {:.1f} GiB are free for the one that is awake", kept_words(q), wanted, total)};
  const std::string too_much = fmt::format("{}, so the next finds no {:.2f} of its {:.1f} GiB free", kept_words(q), wanted, total);
  if (q.share) return {false, 0, false, fmt::format("{}, which engine.gpu_memory_utilization asks for{}", too_much, highest >= kLeastShare ? fmt::format(" ({:.2f} would go)", highest) : "")};
  const bool holds = q.largest_weights && static_cast<double>(*q.largest_weights) + kBesideWeights <= highest * static_cast<double>(q.card_total);
  if (highest < kLeastShare || !holds) return {false, 0, false, too_much + ", and a lower share would leave too little beside the largest weights"};
  return {true, highest, true, fmt::format("{}: all variants are given {:.2f} of it instead of {:.2f}", kept_words(q), highest, wanted)};
}

}  // namespace qc
