// The result object of `vllm bench serve`, and sglang's, which was made from it: the same numbers under names of their own.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/json.h"
#include "core/text.h"
#include "exchange/write/formats.h"

namespace qc {
namespace {

constexpr double kMs = 1e3;

std::vector<double> in_ms(const std::vector<double>& seconds) {
  std::vector<double> out;
  out.reserve(seconds.size());
  for (const double s : seconds) out.push_back(s * kMs);
  return out;
}

/// mean, median, std and percentiles of one figure in milliseconds.
void put_statistics(Json& run, const std::string& name, const std::vector<double>& seconds, std::initializer_list<int> percentiles) {
  const std::vector<double> ms = in_ms(seconds);
  const Statistics s = statistics_of(ms);
  run["mean_" + name + "_ms"] = s.mean, run["median_" + name + "_ms"] = percentile_of(ms, 50), run["std_" + name + "_ms"] = s.std;
  for (const int p : percentiles) run[fmt::format("p{}_{}_ms", p, name)] = percentile_of(ms, p);
}

/// Its files told no instants of tokens, though its answers have several: gaps of 0 would be invented.
bool gaps_untold(const TrialData& t) { return t.gaps.empty() && t.output_tokens > t.completed; }

void put_gaps(Json& run, const TrialData& t, std::initializer_list<int> percentiles) {
  Json gaps;
  put_statistics(gaps, "itl", t.gaps, percentiles);
  for (const auto& [key, value] : gaps.items()) run[key] = gaps_untold(t) ? Json(nullptr) : value;
}

void note_gaps(const std::vector<TrialData>& trials, Export& out) {
  if (std::ranges::any_of(trials, gaps_untold)) out.notes.emplace_back("ITL and max_output_tokens_per_s are null where the imported files told no instants of tokens");
}

/// The most text events within one second, and the most requests that touch one, as both tools count: seconds from the first answered request's sending.
std::pair<double, int> peaks(const TrialData& t) {
  std::optional<Instant> begin;
  for (const RequestRecord* r : t.requests)
    if (r->ok() && r->last) begin = begin ? std::min(*begin, r->sent) : r->sent;
  std::map<long long, int> events, requests;
  for (const RequestRecord* r : t.requests) {
    if (!r->ok() || !r->last) continue;
    for (const Event& e : r->events) ++events[static_cast<long long>(seconds(e.at - *begin))];
    for (auto s = static_cast<long long>(seconds(r->sent - *begin)); s <= static_cast<long long>(seconds(*r->last - *begin)); ++s) ++requests[s];
  }
  const auto most = [](const std::map<long long, int>& counts) {
    int n = 0;
    for (const auto& [second, count] : counts) n = std::max(n, count);
    return n;
  };
  return {most(events), most(requests)};
}

void put_arrays(Json& run, const TrialData& t) {
  Json inputs = Json::array(), outputs = Json::array(), ttfts = Json::array(), itls = Json::array(), starts = Json::array(), texts = Json::array(), errors = Json::array();
  for (const RequestRecord* r : t.requests) {
    Json gaps = Json::array();
    for (std::size_t i = 1; i < r->events.size(); ++i) gaps.push_back(seconds(r->events[i].at - r->events[i - 1].at));
    inputs.push_back(r->prompt_tokens.value_or(0)), outputs.push_back(r->ok() ? r->output_tokens.value_or(0) : 0);
    ttfts.push_back(r->first ? seconds(*r->first - r->sent) : 0.0), itls.push_back(gaps), starts.push_back(static_cast<double>(r->sent.ns) * 1e-9), texts.push_back("");
    errors.push_back(r->failure ? fmt::format("{}{}{}", to_string(*r->failure), r->failure_detail.empty() ? "" : ": ", r->failure_detail) : "");
  }
  run["input_lens"] = inputs, run["output_lens"] = outputs, run["ttfts"] = ttfts, run["itls"] = itls, run["start_times"] = starts;
  run["generated_texts"] = texts, run["errors"] = errors;
}

/// Where the run belongs, at the top level as vLLM puts its --metadata.
void put_place(Json& run, const TrialRecord& t) {
  run["variant"] = t.variant, run["workload"] = t.workload, run["block"] = t.block, run["repeat"] = t.repeat ? 1 : 0, run["max_tokens"] = t.max_tokens;
  run["quantcase_steady_window"] = {static_cast<double>(t.steady_start.ns) * 1e-9, static_cast<double>(t.steady_end.ns) * 1e-9};   // on the clock of start_times: the tools have none
}

void put_totals(Json& run, const TrialData& t) {
  const auto rate = [&](double n) { return t.duration > 0 ? n / t.duration : 0; };
  run["duration"] = t.duration, run["completed"] = t.completed;
  run["total_input_tokens"] = t.input_tokens, run["total_output_tokens"] = t.output_tokens;
  run["request_throughput"] = rate(t.completed), run["output_throughput"] = rate(static_cast<double>(t.output_tokens));
}

double all_tokens_rate(const TrialData& t) { return t.duration > 0 ? static_cast<double>(t.input_tokens + t.output_tokens) / t.duration : 0; }

Json vllm_run(const TrialData& t, const WallClock& wall, Details details) {
  Json run = {{"date", wall.compact(t.trial->started)}, {"endpoint_type", "openai"}, {"backend", "openai"}, {"label", "quantcase"}, {"model_id", t.model}, {"tokenizer_id", t.model},
              {"num_prompts", t.requests.size()}, {"request_rate", "inf"}, {"burstiness", 1.0}, {"max_concurrency", t.trial->concurrency}};
  put_place(run, *t.trial);
  put_totals(run, t);
  run["failed"] = t.failed, run["request_goodput"] = nullptr, run["total_token_throughput"] = all_tokens_rate(t);
  if (details == Details::keep) put_arrays(run, t);
  const auto [events, requests] = peaks(t);
  run["max_output_tokens_per_s"] = gaps_untold(t) ? Json(nullptr) : Json(events), run["max_concurrent_requests"] = requests, run["rtfx"] = 0.0;
  put_statistics(run, "ttft", t.ttft, {50, 90, 95, 99}), put_statistics(run, "tpot", t.tpot, {50, 90, 95, 99});
  put_gaps(run, t, {50, 90, 95, 99}), put_statistics(run, "e2el", t.e2e, {50, 90, 95, 99});
  return run;
}

Json sglang_run(const TrialData& t, Details details) {
  Json run = {{"tag", name_of_trial(*t.trial)}, {"backend", "vllm"}, {"dataset_name", "quantcase"}, {"request_rate", "inf"}, {"max_concurrency", t.trial->concurrency},
              {"sharegpt_output_len", nullptr}, {"random_input_len", nullptr}, {"random_output_len", t.trial->max_tokens}, {"random_range_ratio", nullptr}, {"server_info", nullptr}, {"model_id", t.model}};
  put_place(run, *t.trial);
  put_totals(run, t);
  const Statistics e2e = statistics_of(t.e2e);
  run["total_input_text_tokens"] = t.input_tokens, run["total_input_vision_tokens"] = 0, run["total_output_tokens_retokenized"] = nullptr;
  run["input_throughput"] = t.duration > 0 ? static_cast<double>(t.input_tokens) / t.duration : 0, run["total_throughput"] = all_tokens_rate(t);
  put_statistics(run, "e2e_latency", t.e2e, {90, 95, 99}), put_statistics(run, "ttft", t.ttft, {90, 95, 99});
  put_statistics(run, "tpot", t.tpot, {90, 95, 99}), put_gaps(run, t, {90, 95, 99});
  run["concurrency"] = t.duration > 0 ? e2e.sum / t.duration : 0, run["accept_length"] = nullptr;
  const auto [events, requests] = peaks(t);
  run["max_output_tokens_per_s"] = gaps_untold(t) ? Json(nullptr) : Json(events), run["max_concurrent_requests"] = requests;
  if (details == Details::keep) put_arrays(run, t);
  return run;
}

std::string dumped(const Json& json) { return json_line(json) + "\n"; }

constexpr const char* kShared =
    "ITL is the gap between text events (one for several tokens where an event carries several); throughput is all output tokens over the whole run, ramp and drain in it, not the steady window; TPOT and E2E as in the report";

}  // namespace

void write_vllm(const StudyData& data, const std::vector<TrialData>& trials, Details details, Export& out) {
  const WallClock wall(data);
  Json summary = Json::array();
  for (const TrialData& t : trials) {
    out.files.push_back({"serving_" + name_of_trial(*t.trial) + ".json", dumped(vllm_run(t, wall, details))});
    summary.push_back(vllm_run(t, wall, Details::leave_out));
  }
  out.files.push_back({"summary.json", dumped(summary)});   // what `vllm bench sweep plot` looks for
  out.notes.push_back(std::string("by vLLM's definitions: ") + kShared);
  out.notes.emplace_back("vLLM's TTFT counts a role-only event as the first token; here it is the first text, as in the report, since nothing is kept of events without text");
  note_gaps(trials, out);
}

void write_sglang(const StudyData&, const std::vector<TrialData>& trials, Details details, Export& out) {
  std::vector<std::pair<std::string, std::string>> by_variant;
  for (const TrialData& t : trials) {
    const std::string file = slug(t.trial->variant) + ".jsonl";
    auto at = std::ranges::find(by_variant, file, &std::pair<std::string, std::string>::first);
    if (at == by_variant.end()) at = by_variant.insert(by_variant.end(), {file, ""});
    at->second += dumped(sglang_run(t, details));
  }
  for (auto& [file, text] : by_variant) out.files.push_back({file, std::move(text)});
  out.notes.push_back(std::string("by sglang's definitions: ") + kShared);
  out.notes.emplace_back("total_output_tokens_retokenized is null: answers are not tokenized again here; start_times is an array that sglang itself does not write");
  note_gaps(trials, out);
}

}  // namespace qc
