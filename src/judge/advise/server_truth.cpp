#include "judge/advise/server_truth.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "judge/advise/trial_words.h"
#include "judge/compare/samples.h"
#include "stats/stats.h"

namespace qc {
namespace {

constexpr double kDisagree = 0.01;         // METRICS.md: token counts
constexpr double kTimesDisagree = 0.05;    // our time to first token holds the server's: it can't be the shorter one

Measured told(const std::optional<double>& value, const std::string& na) {
  Measured m;
  m.value = value;
  if (!value) m.na = na;
  return m;
}

/// One cell's trials as the server tells of them.
struct Cell {
  std::vector<const TrialWords*> trials;
  std::string na;                          ///< where the server tells nothing of a name

  [[nodiscard]] Measured mean_ms(const std::string& histogram) const {
    double sum = 0, count = 0;
    for (const auto* t : trials)
      if (const auto* h = t->histogram(histogram)) sum += h->sum, count += h->count;
    return told(count > 0 ? std::optional(1000 * sum / count) : std::nullopt, na);
  }
  [[nodiscard]] Measured rise(const std::string& counter) const {
    double sum = 0;
    for (const auto* t : trials) {
      const auto one = t->rise(counter);
      if (!one) return told(std::nullopt, na);
      sum += *one;
    }
    return told(trials.empty() ? std::nullopt : std::optional(sum), na);
  }
  [[nodiscard]] std::vector<double> gauge(const std::string& name) const {
    std::vector<double> all;
    for (const auto* t : trials) std::ranges::copy(t->gauge(name), std::back_inserter(all));
    return all;
  }
  [[nodiscard]] Measured highest(const std::string& name) const {
    const auto all = gauge(name);
    return told(all.empty() ? std::nullopt : std::optional(*std::ranges::max_element(all)), na);
  }
  /// The trials' histograms added up, bucket by bucket.
  [[nodiscard]] std::optional<ServerHistogram> pooled(const std::string& name) const {
    std::optional<ServerHistogram> sum;
    for (const auto* t : trials) {
      const auto* h = t->histogram(name);
      if (h == nullptr) continue;
      if (!sum) sum = *h;
      else if (sum->buckets.size() == h->buckets.size())
        for (std::size_t i = 0; i < h->buckets.size(); ++i) sum->buckets[i].count += h->buckets[i].count;
    }
    return sum;
  }
};

Measured p95_between(const Cell& cell) {
  const auto pooled = cell.pooled("ttft_s");
  const auto between = pooled ? quantile_between(*pooled, 0.95) : std::nullopt;
  Measured m = told(between ? std::optional(1000 * between->value) : std::nullopt, cell.na);
  if (between && std::isfinite(between->hi)) m.lo = 1000 * between->lo, m.hi = 1000 * between->hi;
  return m;
}

struct Request { int visit; double first_ms, rest_ms; int tokens; [[nodiscard]] double e2e() const { return first_ms + rest_ms; } };

std::vector<Request> answered(const std::vector<const RequestRecord*>& requests) {
  std::vector<Request> out;
  for (const auto* r : requests)
    if (!r->warmup && r->ok() && r->first && r->last) out.push_back({r->trial_id, millis(*r->first - r->sent), millis(*r->last - *r->first), r->output_tokens.value_or(0)});
  return out;
}

template <class Get>
std::vector<double> each(const std::vector<Request>& requests, Get get) {
  std::vector<double> out;
  out.reserve(requests.size());
  for (const auto& r : requests) out.push_back(get(r));
  return out;
}

/// What is usual in each visit: its own medians.
struct Usual { double first_ms, rest_ms, e2e_ms; };
std::map<int, Usual> usual_by_visit(const std::vector<Request>& requests) {
  std::map<int, std::vector<Request>> visits;
  for (const Request& r : requests) visits[r.visit].push_back(r);
  std::map<int, Usual> out;
  for (const auto& visit : visits) {
    const auto median = [&](auto get) { return *quantile(each(visit.second, get), 0.5); };
    out[visit.first] = {median([](const Request& r) { return r.first_ms; }), median([](const Request& r) { return r.rest_ms; }), median([](const Request& r) { return r.e2e(); })};
  }
  return out;
}

/// The slowest requests: where their time goes, and what they take longer than the median one. A visit whose every request took longer is the machine's pace at that time, and no part of
/// an answer's way: that comes first, and only what they take longer than the median of their own visit is put down to the first token or to the rest.
void add_tail(const std::vector<Request>& requests, ServerRow& row) {
  const auto e2e = each(requests, [](const Request& r) { return r.e2e(); });
  const auto p95 = quantile(e2e, 0.95), median = quantile(e2e, 0.5);
  const std::string na = "no request of this cell counts";
  row.p95_ms = told(p95, na), row.tail = told(p95 && *median > 0 ? std::optional(*p95 / *median - 1) : std::nullopt, na);
  row.slow_first_token.na = row.excess_first_token.na = row.excess_visit.na = na;
  if (!p95) return;
  std::vector<Request> slow;
  std::ranges::copy_if(requests, std::back_inserter(slow), [&](const Request& r) { return r.e2e() >= *p95; });
  const auto first = [](const Request& r) { return r.first_ms; };
  const auto rest = [](const Request& r) { return r.rest_ms; };
  if (slow.empty()) return;
  const double slow_first = *mean(each(slow, first)), slow_rest = *mean(each(slow, rest));
  if (slow_first + slow_rest > 0) row.slow_first_token = told(slow_first / (slow_first + slow_rest), "");
  const auto usual = usual_by_visit(requests);
  const auto beyond = [&](auto get) { return std::max(0.0, *mean(each(slow, get))); };
  const double more_first = beyond([&](const Request& r) { return r.first_ms - usual.at(r.visit).first_ms; }), more_rest = beyond([&](const Request& r) { return r.rest_ms - usual.at(r.visit).rest_ms; });
  const double more_visit = beyond([&](const Request& r) { return usual.at(r.visit).e2e_ms - *median; }), more_within = beyond([&](const Request& r) { return r.e2e() - usual.at(r.visit).e2e_ms; });
  if (more_first + more_rest > 0) row.excess_first_token = told(more_first / (more_first + more_rest), "");
  if (more_visit + more_within > 0) row.excess_visit = told(more_visit / (more_visit + more_within), "");
}

void add_ours(const std::vector<Request>& requests, bool failed, ServerRow& row) {
  double gaps = 0, rest = 0, tokens = 0;
  for (const auto& r : requests) gaps += std::max(0, r.tokens - 1), rest += r.rest_ms, tokens += r.tokens;
  row.our_ttft_ms = told(mean(each(requests, [](const Request& r) { return r.first_ms; })), "no request of this cell counts");
  row.our_itl_ms = told(gaps > 0 ? std::optional(rest / gaps) : std::nullopt, "no request has two tokens");
  row.our_tokens = told(failed || requests.empty() ? std::nullopt : std::optional(tokens), failed ? "requests failed, and only the server counts their tokens" : "no request of this cell counts");
}

/// llama-server adds up how long its slots were busy with prompts and with answers.
Measured busy_ms(const Cell& cell, const char* counter, std::size_t requests) {
  Measured total = cell.rise(counter);
  if (total && requests > 0) total.value = 1000 * *total.value / static_cast<double>(requests);
  return total;
}

void add_theirs(const Cell& cell, std::size_t requests, ServerRow& row) {
  row.ttft_ms = cell.mean_ms("ttft_s"), row.ttft_p95_ms = p95_between(cell), row.itl_ms = cell.mean_ms("itl_s");
  row.queue_ms = cell.mean_ms("queue_s"), row.prefill_ms = cell.mean_ms("prefill_s"), row.decode_ms = cell.mean_ms("decode_s");
  if (!row.prefill_ms) row.prefill_ms = busy_ms(cell, "prefill_busy_s", requests);
  if (!row.decode_ms) row.decode_ms = busy_ms(cell, "decode_busy_s", requests);
  row.running_max = cell.highest("requests_running"), row.waiting_max = cell.highest("requests_waiting"), row.kv_usage_max = cell.highest("kv_usage");
  const auto waiting = cell.gauge("requests_waiting");
  const auto some = std::ranges::count_if(waiting, [](double n) { return n > 0; });
  row.waiting_share = told(waiting.empty() ? std::nullopt : std::optional(static_cast<double>(some) / static_cast<double>(waiting.size())), cell.na);
  row.preemptions = cell.rise("preemptions"), row.tokens = cell.rise("generation_tokens");
}

void add_warnings(ServerRow& row) {
  if (row.tokens && row.our_tokens && std::abs(*row.tokens.value - *row.our_tokens.value) > kDisagree * *row.our_tokens.value)
    row.warnings.push_back("the server counts {server_tokens} of output where its answers to us carried {our_tokens}: another client may share it, or one of the counts is wrong");
  if (row.ttft_ms && row.our_ttft_ms && *row.ttft_ms.value > (1 + kTimesDisagree) * *row.our_ttft_ms.value)
    row.warnings.push_back("the server's own mean time to first token ({server_ttft_ms}) is longer than ours ({our_ttft_mean_ms}), which holds it: one of the clocks is wrong");
}

}  // namespace

std::vector<ServerRow> server_rows(const StudyData& data) {
  std::vector<ServerRow> rows;
  const auto words = words_by_trial(data);
  const RequestIndex index(data);
  for_each_cell(data, [&](const Workload& workload, int concurrency, const Variant& variant, const CellTrials& trials) {
    Cell cell;
    std::vector<Request> requests;
    bool failed = false;
    for (const auto* trial : trials) {
      if (const auto at = words.find(trial->id); at != words.end()) cell.trials.push_back(&at->second);
      const auto& sent = index.of(trial->id);
      std::ranges::copy(answered(sent), std::back_inserter(requests));
      failed = failed || std::ranges::any_of(sent, [](const RequestRecord* r) { return !r->warmup && !r->ok(); });
    }
    const auto facts = std::ranges::find(data.variants, variant.name, &VariantFacts::variant);
    const std::string server = facts == data.variants.end() || facts->server.empty() ? "the server" : facts->server;
    const bool partly = cell.trials.size() < trials.size() || std::ranges::any_of(cell.trials, [](const TrialWords* t) { return !t->whole(); });
    cell.na = cell.trials.empty() ? server + " gave no /metrics, or the run ended before" : partly ? "/metrics was not answered around every trial" : server + " does not tell it";
    ServerRow row;
    row.workload = workload.name, row.variant = variant.name, row.concurrency = concurrency;
    add_ours(requests, failed, row), add_theirs(cell, requests.size(), row), add_tail(requests, row);
    add_warnings(row), find_cause(row);
    rows.push_back(std::move(row));
  });
  return rows;
}

}  // namespace qc
