#include "exchange/write/trial_data.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <numeric>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "core/text.h"
#include "stats/stats.h"

namespace qc {
namespace {

void add_answer(TrialData& out, const RequestRecord& r) {
  ++out.completed;
  out.input_tokens += r.prompt_tokens.value_or(0), out.output_tokens += r.output_tokens.value_or(0);
  if (!r.first || !r.last) return;
  out.ttft.push_back(seconds(*r.first - r.sent)), out.e2e.push_back(seconds(*r.last - r.sent));
  if (r.output_tokens.value_or(0) > 1) out.tpot.push_back(seconds(*r.last - *r.first) / (*r.output_tokens - 1));
  for (std::size_t i = 1; i < r.events.size(); ++i) out.gaps.push_back(seconds(r.events[i].at - r.events[i - 1].at));
}

TrialData data_of(const StudyData& data, const TrialRecord& trial, std::vector<const RequestRecord*> requests) {
  TrialData out;
  out.trial = &trial;
  const auto variant = std::ranges::find(data.study.variants, trial.variant, &Variant::name);
  out.model = variant == data.study.variants.end() || variant->model.empty() ? trial.variant : variant->model;
  out.requests = std::move(requests);
  Instant begin = out.requests.front()->sent, end = begin;
  for (const RequestRecord* r : out.requests) {
    begin = std::min(begin, r->sent), end = std::max(end, r->done.value_or(r->last.value_or(r->sent)));
    if (r->ok()) add_answer(out, *r);
    else ++out.failed;
  }
  out.duration = seconds(end - begin);
  return out;
}

}  // namespace

Statistics statistics_of(const std::vector<double>& xs) {
  Statistics s;
  s.n = xs.size();
  if (xs.empty()) return s;
  s.sum = std::accumulate(xs.begin(), xs.end(), 0.0), s.mean = s.sum / static_cast<double>(s.n);
  const auto [least, most] = std::ranges::minmax(xs);
  s.min = least, s.max = most;
  double squares = 0;
  for (const double x : xs) squares += (x - s.mean) * (x - s.mean);
  s.std = std::sqrt(squares / static_cast<double>(s.n));   // numpy's default: n in the denominator
  return s;
}

double percentile_of(const std::vector<double>& xs, double p) { return quantile(xs, p / 100).value_or(0); }

std::vector<TrialData> trials_to_export(const StudyData& data) {
  std::map<int, std::vector<const RequestRecord*>> by_trial;
  for (const RequestRecord& r : data.requests)
    if (!r.warmup) by_trial[r.trial_id].push_back(&r);
  std::vector<TrialData> all;
  for (const TrialRecord& t : data.trials) {
    auto& requests = by_trial[t.id];
    if (!t.valid || requests.empty()) continue;
    std::ranges::stable_sort(requests, {}, [](const RequestRecord* r) { return r->sent; });
    all.push_back(data_of(data, t, requests));
  }
  return all;
}

std::optional<double> itl_ms(const RequestRecord& r) {
  return r.first && r.last && r.output_tokens.value_or(0) > 1 ? std::optional(millis(*r.last - *r.first) / (*r.output_tokens - 1)) : std::nullopt;
}

std::string name_of_trial(const TrialRecord& t) {
  return fmt::format("{}_{}_conc{}_block{}{}", slug(t.variant), slug(t.workload), t.concurrency, t.block, t.repeat ? "_aa" : "");
}

WallClock::WallClock(const StudyData& data) {
  std::tm parts{};
  if (data.trials.empty() || !strptime(data.run.started_utc.c_str(), "%Y-%m-%dT%H:%M:%S", &parts)) return;
  const auto first = std::ranges::min_element(data.trials, {}, [](const TrialRecord& t) { return t.started; });
  offset_ns_ = static_cast<std::int64_t>(timegm(&parts)) * 1'000'000'000 - first->started.ns;
}

std::string WallClock::iso(Instant t) const {
  const std::int64_t at = ns(t);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06}", fmt::gmtime(static_cast<std::time_t>(at / 1'000'000'000)), at % 1'000'000'000 / 1000);
}

std::string WallClock::compact(Instant t) const { return fmt::format("{:%Y%m%d-%H%M%S}", fmt::gmtime(static_cast<std::time_t>(ns(t) / 1'000'000'000))); }

}  // namespace qc
