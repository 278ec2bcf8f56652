// Why a p95 is what it is: data, not ifs. The first rule whose conditions all hold explains it.
#include <algorithm>
#include <array>
#include <map>

#include "judge/advise/condition.h"
#include "judge/advise/server_truth.h"

namespace qc {
namespace {

enum class Sign { answered, preempted, queue_share, waiting, split, tail, slow_first, excess_first, excess_visit };
struct Cause { const char* id; std::vector<Condition<Sign>> conditions; const char* text; };

// From 40 to 60 % neither half is named alone: the next run might name the other. A twentieth above the median is where it matters whose that is, a tenth of a request's time where a wait begins to be felt; a fifth of the readings is what reference work calls saturated.
const std::vector<Cause>& causes() {
  using enum Sign;
  using enum Is;
  static const std::vector<Cause> table = {
      {"", {{answered, below, 1}}, ""},
      {"preemption", {{preempted, at_least, 1}},
       "**preemption**: the KV cache filled up to {server_kv_usage_max_pct}, and {server_preemptions} requests lost their place and were computed again"},
      {"queue", {{split, at_least, 1}, {queue_share, at_least, 0.1}, {queue_share, below, 0.5}},
       "**the queue in part**: a request waits {server_queue_ms} on average before the server begins with it, and then takes {server_prefill_ms} for its prefill and {server_decode_ms} to decode"},
      {"queue", {{split, at_least, 1}, {queue_share, at_least, 0.1}},
       "**the queue**: a request waits {server_queue_ms} on average before the server begins with it"},
      {"queue", {{split, below, 1}, {waiting, at_least, 0.2}},
       "**the queue**: requests were waiting in {server_waiting_share_pct} of the server's readings under load, up to {server_waiting_max} at once"},
      {"slower visit", {{tail, at_least, 0.05}, {excess_visit, at_least, 0.5}},
       "**a slower visit**: {excess_visit_pct} of what the slowest requests take longer than the median of all is what every request of their visit took longer: the machine's pace at that time, and no part of the answer's way"},
      {"first token and decode", {{tail, below, 0.1}, {slow_first, at_least, 0.4}, {slow_first, below, 0.6}},
       "**the first token and the tokens after it, about alike**: it is only {tail_pct} above the median, and the slowest requests spend {slow_first_token_pct} of their time before the first token"},
      {"decode", {{tail, below, 0.1}, {slow_first, below, 0.5}},
       "**decode**: it is only {tail_pct} above the median, and the slowest requests spend {slow_first_token_pct} of their time before the first token"},
      {"first token", {{tail, below, 0.1}},
       "**the first token**: it is only {tail_pct} above the median, and the slowest requests spend {slow_first_token_pct} of their time before the first token"},
      {"prefill and decode", {{excess_first, at_least, 0.4}, {excess_first, below, 0.6}, {split, at_least, 1}},
       "**prefill and decode, about alike**: {excess_first_token_pct} of what the slowest requests take longer than the median one of their visit goes by before their first token, hardly any of it in the queue ({server_queue_ms}), and the rest after it"},
      {"first token and decode", {{excess_first, at_least, 0.4}, {excess_first, below, 0.6}},
       "**the wait for the first token and the tokens after it, about alike** (this server does not tell queue from prefill): {excess_first_token_pct} of what the slowest requests take longer than the median one of their visit goes by before their first token"},
      {"prefill", {{excess_first, at_least, 0.5}, {split, at_least, 1}},
       "**prefill**: {excess_first_token_pct} of what the slowest requests take longer than the median one of their visit goes by before their first token, and hardly any of it in the queue ({server_queue_ms})"},
      {"first token", {{excess_first, at_least, 0.5}},
       "**the wait for the first token** (this server does not tell queue from prefill), {excess_first_token_pct} of what the slowest requests take longer than the median one of their visit"},
      {"decode", {},
       "**decode**: of what the slowest requests take longer than the median one of their visit only {excess_first_token_pct} goes by before their first token"},
  };
  return table;
}

std::map<Sign, double> signs(const ServerRow& row) {
  const auto of = [](const Measured& m) { return m.value.value_or(0); };
  const double all = of(row.queue_ms) + of(row.prefill_ms) + of(row.decode_ms);
  return {{Sign::answered, row.p95_ms ? 1.0 : 0.0}, {Sign::preempted, of(row.preemptions)}, {Sign::queue_share, all > 0 ? of(row.queue_ms) / all : 0},
          {Sign::waiting, of(row.waiting_share)}, {Sign::split, row.queue_ms && row.prefill_ms ? 1.0 : 0.0}, {Sign::tail, of(row.tail)},
          {Sign::slow_first, of(row.slow_first_token)}, {Sign::excess_first, of(row.excess_first_token)}, {Sign::excess_visit, of(row.excess_visit)}};
}

bool holds(const Cause& rule, const std::map<Sign, double>& signs) {
  return std::ranges::all_of(rule.conditions, [&](const Condition<Sign>& c) { return c.holds(signs.at(c.figure)); });
}

}  // namespace

void find_cause(ServerRow& row) {
  const auto seen = signs(row);
  for (const Cause& rule : causes())
    if (holds(rule, seen)) {
      row.cause = rule.id, row.because = rule.text;
      return;
    }
}

}  // namespace qc
