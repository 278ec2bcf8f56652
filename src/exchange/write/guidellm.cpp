// guidellm's benchmarks.json, version 2: a report a variant, a benchmark a trial.
#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "core/json.h"
#include "core/text.h"
#include "exchange/write/formats.h"

namespace qc {
namespace {

constexpr double kNone = -1;   // guidellm's own word for a time that it does not know
constexpr std::pair<const char*, double> kPercentiles[] = {{"p001", .001}, {"p01", .01}, {"p05", .05}, {"p10", .1}, {"p25", .25}, {"p50", .5}, {"p75", .75}, {"p90", .9}, {"p95", .95}, {"p99", .99}, {"p999", .999}};

struct Weighted { double value, weight; };
using Sample = std::vector<Weighted>;

/// The smallest value whose cumulated weight reaches the share: guidellm's percentile.
double at_share(const Sample& sorted, double total, double share) {
  double reached = 0;
  for (const Weighted& w : sorted)
    if ((reached += w.weight) / total >= share - 1e-12) return w.value;
  return sorted.back().value;
}

/// As guidellm sums up a weighted sample; all zero for none.
Json distribution(Sample sample) {
  std::erase_if(sample, [](const Weighted& w) { return w.weight <= 0; });
  std::ranges::sort(sample, {}, &Weighted::value);
  double weight = 0, sum = 0, squares = 0, mode = 0, most = 0;
  for (const Weighted& w : sample) weight += w.weight, sum += w.value * w.weight;
  const double mean = weight > 0 ? sum / weight : 0;
  std::map<double, double> by_value;
  for (const Weighted& w : sample) squares += w.weight * (w.value - mean) * (w.value - mean), by_value[w.value] += w.weight;
  for (const auto& [value, share] : by_value)
    if (share > most) most = share, mode = value;
  Json percentiles = Json::object();
  for (const auto& [name, share] : kPercentiles) percentiles[name] = sample.empty() ? 0.0 : at_share(sample, weight, share);
  const double variance = weight > 0 ? squares / weight : 0;
  return {{"mean", mean}, {"median", percentiles["p50"]}, {"mode", mode}, {"variance", variance}, {"std_dev", std::sqrt(variance)}, {"min", sample.empty() ? 0.0 : sample.front().value},
          {"max", sample.empty() ? 0.0 : sample.back().value}, {"count", static_cast<long long>(std::llround(weight))}, {"total_sum", sum}, {"percentiles", percentiles}, {"pdf", nullptr}};
}

enum class Ending { successful, errored, incomplete };
Ending ending_of(const RequestRecord& r) { return r.ok() ? Ending::successful : r.failure == Failure::cancelled ? Ending::incomplete : Ending::errored; }

/// One figure of all requests, kept apart by how they ended; `value` gives nothing where a request has none.
template <class Value>
Json by_ending(const TrialData& t, Value value) {
  Sample all, own[3];
  for (const RequestRecord* r : t.requests)
    if (const std::optional<Weighted> w = value(*r)) all.push_back(*w), own[static_cast<int>(ending_of(*r))].push_back(*w);
  return {{"successful", distribution(own[0])}, {"errored", distribution(own[1])}, {"incomplete", distribution(own[2])}, {"total", distribution(all)}};
}

/// A rate over the whole window, as one value: how it went up and down within is not told.
Json rate(const TrialData& t, double count) {
  const Json one = distribution(t.duration > 0 ? Sample{{count / t.duration, 1}} : Sample{});
  return {{"successful", one}, {"errored", distribution({})}, {"incomplete", distribution({})}, {"total", one}};
}

std::optional<Weighted> once(std::optional<double> value) { return value ? std::optional(Weighted{*value, 1}) : std::nullopt; }
std::optional<double> count(const std::optional<int>& n) { return n ? std::optional(static_cast<double>(*n)) : std::nullopt; }

std::optional<double> ttft_ms(const RequestRecord& r) { return r.first ? std::optional(millis(*r.first - r.sent)) : std::nullopt; }
std::optional<double> latency_s(const RequestRecord& r) { return r.ok() && r.done ? std::optional(seconds(*r.done - r.sent)) : std::nullopt; }
/// With the time to first token in it: guidellm's word.
std::optional<double> tpot_ms(const RequestRecord& r) { return r.last && r.output_tokens.value_or(0) > 0 ? std::optional(millis(*r.last - r.sent) / *r.output_tokens) : std::nullopt; }
std::optional<double> total_tokens(const RequestRecord& r) {
  return r.prompt_tokens || r.output_tokens ? std::optional(static_cast<double>(r.prompt_tokens.value_or(0) + r.output_tokens.value_or(0))) : std::nullopt;
}

Json per_modality(std::initializer_list<const char*> kinds) {
  Json out = Json::object();
  for (const char* kind : kinds)
    for (const char* part : {"input", "input_per_second", "input_concurrency", "output", "output_per_second", "output_concurrency", "total", "total_per_second", "total_concurrency"}) out[kind][part] = nullptr;
  return out;
}

Json requests_made(const TrialData& t) {
  int n[3] = {};
  for (const RequestRecord* r : t.requests) ++n[static_cast<int>(ending_of(*r))];
  return {{"successful", n[0]}, {"errored", n[1]}, {"incomplete", n[2]}, {"total", t.requests.size()}};
}

Json metrics(const TrialData& t) {
  const auto weighted = [](std::optional<double> value, double weight) { return value ? std::optional(Weighted{*value, weight}) : std::nullopt; };
  const auto in_flight = rate(t, statistics_of(t.e2e).sum);
  const auto zeros = by_ending(t, [](const RequestRecord&) { return once(0.0); });
  const auto per_event = by_ending(t, [&](const RequestRecord& r) { return weighted(r.events.empty() || !r.output_tokens ? std::nullopt : std::optional(*r.output_tokens / static_cast<double>(r.events.size())), static_cast<double>(r.events.size())); });
  Json m = {{"request_totals", requests_made(t)}, {"requests_per_second", rate(t, t.completed)}, {"request_concurrency", in_flight}, {"request_latency", by_ending(t, [](const RequestRecord& r) { return once(latency_s(r)); })},
            {"request_streaming_iterations_count", by_ending(t, [](const RequestRecord& r) { return once(static_cast<double>(r.events.size())); })},
            {"prompt_token_count", by_ending(t, [](const RequestRecord& r) { return once(count(r.prompt_tokens)); })}, {"output_token_count", by_ending(t, [](const RequestRecord& r) { return once(count(r.output_tokens)); })},
            {"total_token_count", by_ending(t, [](const RequestRecord& r) { return once(total_tokens(r)); })}};
  m["time_to_first_token_ms"] = by_ending(t, [](const RequestRecord& r) { return once(ttft_ms(r)); });
  m["time_to_first_output_token_ms"] = m["time_to_first_token_ms"];
  m["time_per_output_token_ms"] = by_ending(t, [&](const RequestRecord& r) { return weighted(tpot_ms(r), r.output_tokens.value_or(0)); });
  m["inter_token_latency_ms"] = by_ending(t, [&](const RequestRecord& r) { return weighted(itl_ms(r), r.output_tokens.value_or(1) - 1); });
  m["time_to_last_round_trip_ms"] = zeros, m["avg_round_trip_time_ms"] = zeros;
  m["prompt_tokens_per_second"] = rate(t, static_cast<double>(t.input_tokens)), m["output_tokens_per_second"] = rate(t, static_cast<double>(t.output_tokens));
  m["tokens_per_second"] = rate(t, static_cast<double>(t.input_tokens + t.output_tokens));
  m["output_tokens_per_iteration"] = per_event, m["iter_tokens_per_iteration"] = per_event;
  m["text"] = per_modality({"tokens", "words", "characters"}), m["image"] = per_modality({"tokens", "images", "pixels", "bytes"});
  m["video"] = per_modality({"tokens", "frames", "seconds", "bytes"}), m["audio"] = per_modality({"tokens", "samples", "seconds", "bytes"}), m["tool_call"] = per_modality({"tokens", "mixed_tokens", "count"});
  return m;
}

Json or_null(const auto& value) { return value ? Json(*value) : Json(nullptr); }

Json timings(const RequestRecord& r, const WallClock& wall) {
  const auto at = [&](const std::optional<Instant>& t) { return t ? Json(wall.seconds(*t)) : Json(nullptr); };
  return {{"targeted_start", wall.seconds(r.intended)}, {"request_start", wall.seconds(r.sent)}, {"first_request_iteration", at(r.first)}, {"first_token_iteration", at(r.first)},
          {"first_output_token_iteration", at(r.first)}, {"last_token_iteration", at(r.last)}, {"last_request_iteration", at(r.last)}, {"request_iterations", r.events.size()},
          {"token_iterations", r.events.size()}, {"request_end", at(r.done)}, {"resolve_start", wall.seconds(r.sent)}, {"resolve_end", at(r.done)}};
}

Json request(const TrialData& t, const RequestRecord& r, const WallClock& wall) {
  const std::string id = r.x_request_id.empty() ? fmt::format("{}-{}", t.trial->id, r.request_id) : r.x_request_id;
  const char* const kWords[] = {"completed", "errored", "cancelled"};
  return {{"type_", "generative_request_stats"}, {"request_id", id}, {"request_args", nullptr}, {"output", nullptr},
          {"info", {{"request_id", id}, {"status", kWords[static_cast<int>(ending_of(r))]}, {"timings", timings(r, wall)}, {"error", r.failure ? Json(fmt::format("{} {}", to_string(*r.failure), r.failure_detail)) : Json(nullptr)}}},
          {"input_metrics", {{"text_tokens", or_null(r.prompt_tokens)}, {"cached_tokens", or_null(r.cached_tokens)}}}, {"output_metrics", {{"text_tokens", or_null(r.output_tokens)}, {"text_characters", or_null(r.characters)}}},
          {"request_start_time", wall.seconds(r.sent)}, {"request_end_time", r.done ? Json(wall.seconds(*r.done)) : Json(nullptr)}, {"request_latency", or_null(latency_s(r))}, {"prompt_tokens", or_null(r.prompt_tokens)},
          {"output_tokens", or_null(r.output_tokens)}, {"time_to_first_token_ms", or_null(ttft_ms(r))}, {"time_per_output_token_ms", or_null(tpot_ms(r))}, {"inter_token_latency_ms", or_null(itl_ms(r))}};
}

Json requests(const TrialData& t, const WallClock& wall) {
  Json lists[3] = {Json::array(), Json::array(), Json::array()};
  for (const RequestRecord* r : t.requests) lists[static_cast<int>(ending_of(*r))].push_back(request(t, *r, wall));
  return {{"successful", lists[0]}, {"errored", lists[1]}, {"incomplete", lists[2]}, {"total", nullptr}};
}

struct Window { double start, end; };
Window window_of(const TrialData& t, const WallClock& wall) {
  const double start = wall.seconds(t.requests.front()->sent);
  return {start, start + t.duration};
}

Json scheduler_metrics(const TrialData& t, const Window& w) {
  Json m = {{"start_time", w.start}, {"request_start_time", w.start}, {"measure_start_time", w.start}, {"measure_end_time", w.end}, {"request_end_time", w.end}, {"end_time", w.end}, {"requests_made", requests_made(t)}};
  for (const char* name : {"queued_time_avg", "resolve_start_delay_avg", "resolve_targeted_start_delay_avg", "request_start_delay_avg", "request_targeted_start_delay_avg", "request_time_avg", "resolve_end_delay_avg",
                           "resolve_time_avg", "finalized_delay_avg", "processed_delay_avg"})
    m[name] = kNone;
  return m;
}

Json profile(int streams) { return {{"kind", "concurrent"}, {"streams", Json::array({streams})}}; }
Json backend(const TrialData& t) { return {{"kind", "openai_http"}, {"target", "http://exported-by-quantcase"}, {"model", t.model}}; }

Json benchmark(const TrialData& t, const WallClock& wall) {
  const Window w = window_of(t, wall);
  const int streams = t.trial->concurrency;
  const Json made = requests_made(t);
  return {{"type_", "generative_benchmark"},
          {"config", {{"id_", name_of_trial(*t.trial)}, {"run_id", "quantcase"}, {"run_index", t.trial->block}, {"strategy", {{"type_", "concurrent"}, {"worker_count", 1}, {"max_concurrency", streams}, {"streams", streams}}},
                      {"constraints", Json::object()}, {"profile", profile(streams)}, {"requests", {{"workload", t.trial->workload}, {"block", t.trial->block}, {"repeat", t.trial->repeat ? 1 : 0}}},
                      {"backend", backend(t)}, {"environment", {{"exported_by", "quantcase"}}}}},
          {"scheduler_state", {{"node_id", 0}, {"num_processes", 1}, {"start_time", w.start}, {"end_time", w.end}, {"start_requests_time", w.start}, {"end_requests_time", w.end}, {"created_requests", made["total"]},
                               {"processed_requests", made["total"]}, {"successful_requests", made["successful"]}, {"errored_requests", made["errored"]}, {"cancelled_requests", made["incomplete"]}}},
          {"scheduler_metrics", scheduler_metrics(t, w)}, {"metrics", metrics(t)}, {"requests", requests(t, wall)}, {"start_time", w.start}, {"end_time", w.end}, {"duration", t.duration},
          {"warmup_duration", 0.0}, {"cooldown_duration", 0.0}};
}

Json report_of(const TrialData& first) {
  const Json data = {{"kind", "synthetic_text"}, {"prompt_tokens", 1}, {"output_tokens", std::max(first.trial->max_tokens, 1)}};
  Json spec = {{"backend", backend(first)}, {"profile", profile(first.trial->concurrency)}, {"data", Json::array()}};
  spec["data"].push_back(data);
  return {{"metadata", {{"version", 2}}}, {"config", {{"metadata", {{"labels", {{"variant", first.trial->variant}, {"exported_by", "quantcase"}}}}}, {"spec", spec}}}, {"benchmarks", Json::array()}};
}

}  // namespace

void write_guidellm(const StudyData& data, const std::vector<TrialData>& trials, Details, Export& out) {
  const WallClock wall(data);
  std::vector<std::pair<std::string, Json>> reports;
  for (const TrialData& t : trials) {
    auto at = std::ranges::find(reports, t.trial->variant, &std::pair<std::string, Json>::first);
    if (at == reports.end()) at = reports.insert(reports.end(), {t.trial->variant, report_of(t)});
    at->second["benchmarks"].push_back(benchmark(t, wall));
  }
  for (const auto& [variant, report] : reports) out.files.push_back({slug(variant) + ".json", json_line(report) + "\n"});
  out.notes.emplace_back("by guidellm's definitions: TPOT holds the time to first token; ITL is a request's mean, weighted by its tokens; request_latency ends when the stream is closed; percentiles are of the weighted values, without interpolation");
  out.notes.emplace_back("rates are of the whole run, one value each (guidellm's go up and down with the tokens' times); config.spec.data, which its loader asks for, is a placeholder");
}

}  // namespace qc
