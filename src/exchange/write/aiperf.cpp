// aiperf's pair, a folder a trial: profile_export.jsonl and profile_export_aiperf.json.
#include <algorithm>

#include <fmt/format.h>

#include "core/json.h"
#include "core/text.h"
#include "exchange/write/formats.h"

namespace qc {
namespace {

constexpr int kPercents[] = {1, 5, 10, 25, 50, 75, 90, 95, 99};

Json value(double v, const char* unit) { return {{"value", v}, {"unit", unit}}; }
Json single(double v, const char* unit) { return {{"unit", unit}, {"avg", v}}; }

/// Absent where there is no sample: aiperf leaves out what does not apply.
void put(Json& summary, const char* name, const char* unit, const std::vector<double>& xs) {
  if (xs.empty()) return;
  const Statistics s = statistics_of(xs);
  Json m = {{"unit", unit}, {"avg", s.mean}};
  for (const int p : kPercents) m[fmt::format("p{}", p)] = percentile_of(xs, p);
  m["min"] = s.min, m["max"] = s.max, m["std"] = s.std, m["count"] = s.n, m["sum"] = s.sum;
  summary[name] = m;
}

struct Samples { std::vector<double> latency, ttft, second, itl, chunks, per_user, input, output; };

Samples samples_of(const TrialData& t) {
  Samples s;
  for (const RequestRecord* r : t.requests) {
    if (!r->ok() || !r->first || !r->last) continue;
    s.latency.push_back(millis(*r->last - r->sent)), s.ttft.push_back(millis(*r->first - r->sent));
    if (r->events.size() > 1) s.second.push_back(millis(r->events[1].at - r->events[0].at));
    for (std::size_t i = 1; i < r->events.size(); ++i) s.chunks.push_back(millis(r->events[i].at - r->events[i - 1].at));
    if (const auto itl = itl_ms(*r); itl && *itl > 0) s.itl.push_back(*itl), s.per_user.push_back(1e3 / *itl);
    if (r->prompt_tokens) s.input.push_back(*r->prompt_tokens);
    if (r->output_tokens) s.output.push_back(*r->output_tokens);
  }
  return s;
}

Json configuration(const TrialData& t) {
  const Json model = {{"name", t.model}};
  const Json phase = {{"name", "profiling"}, {"kind", "profiling"}, {"type", "concurrency"}, {"requests", t.requests.size()}, {"concurrency", t.trial->concurrency}};
  const Json dataset = {{"name", "main"}, {"type", "synthetic"}, {"entries", t.requests.size()},
                        {"prompts", {{"isl", {{"mean", statistics_of(samples_of(t).input).mean}}}, {"osl", {{"mean", static_cast<double>(std::max(t.trial->max_tokens, 1))}}}}}};
  Json out = {{"endpoint", {{"urls", Json::array({"http://exported-by-quantcase"})}, {"type", "chat"}, {"streaming", true}}}};
  out["models"]["items"] = Json::array(), out["models"]["items"].push_back(model);
  out["datasets"] = Json::array(), out["datasets"].push_back(dataset);
  out["phases"] = Json::array(), out["phases"].push_back(phase);
  return out;
}

Json summary(const TrialData& t, const WallClock& wall) {
  const Samples s = samples_of(t);
  const auto rate = [&](double n) { return t.duration > 0 ? n / t.duration : 0; };
  const std::string name = name_of_trial(*t.trial);
  Json out = {{"schema_version", "1.4"}, {"aiperf_version", "exported by quantcase"}, {"benchmark_id", name}, {"request_throughput", single(rate(t.completed), "requests/sec")}};
  put(out, "request_latency", "ms", s.latency);
  out["request_count"] = single(t.completed, "requests");
  put(out, "time_to_first_token", "ms", s.ttft), put(out, "time_to_second_token", "ms", s.second), put(out, "inter_token_latency", "ms", s.itl);
  out["output_token_throughput"] = single(rate(static_cast<double>(t.output_tokens)), "tokens/sec");
  put(out, "output_token_throughput_per_user", "tokens/sec/user", s.per_user), put(out, "output_sequence_length", "tokens", s.output), put(out, "input_sequence_length", "tokens", s.input);
  put(out, "output_token_count", "tokens", s.output), put(out, "inter_chunk_latency", "ms", s.chunks);
  out["total_output_tokens"] = single(static_cast<double>(t.output_tokens), "tokens"), out["benchmark_duration"] = single(t.duration, "sec");
  out["total_isl"] = single(static_cast<double>(t.input_tokens), "tokens"), out["total_osl"] = single(static_cast<double>(t.output_tokens), "tokens");
  out["total_token_throughput"] = single(rate(static_cast<double>(t.input_tokens + t.output_tokens)), "tokens/sec"), out["error_request_count"] = single(t.failed, "requests");
  out["input_config"] = configuration(t), out["was_cancelled"] = false, out["error_summary"] = Json::array();
  out["start_time"] = wall.iso(t.trial->started), out["end_time"] = wall.iso(t.trial->ended);
  out["quantcase"] = {{"variant", t.trial->variant}, {"workload", t.trial->workload}, {"block", t.trial->block}, {"repeat", t.trial->repeat ? 1 : 0}, {"max_tokens", t.trial->max_tokens}};
  return out;
}

Json metadata(const TrialData& t, const RequestRecord& r, const WallClock& wall, std::size_t number) {
  const std::string id = r.x_request_id.empty() ? fmt::format("{}-{}", t.trial->id, r.request_id) : r.x_request_id;
  return {{"session_num", number}, {"x_request_id", id}, {"x_correlation_id", id}, {"conversation_id", fmt::format("session_{:06}", number)}, {"turn_index", 0}, {"credit_issued_ns", wall.ns(r.intended)},
          {"request_start_ns", wall.ns(r.sent)}, {"request_ack_ns", nullptr}, {"request_end_ns", wall.ns(r.done.value_or(r.last.value_or(r.sent)))}, {"worker_id", "quantcase"},
          {"record_processor_id", "quantcase"}, {"benchmark_phase", "profiling"}, {"was_cancelled", r.failure == Failure::cancelled}};
}

/// A code of the failure's own kind, where it has one.
Json error(const RequestRecord& r) {
  Json e = {{"type", std::string(to_string(*r.failure))}, {"message", r.failure_detail.empty() ? std::string(to_string(*r.failure)) : r.failure_detail}};
  if (r.failure == Failure::refused_by_server) e["code"] = 503;
  if (r.failure == Failure::http_5xx) e["code"] = 500;
  if (r.failure == Failure::http_4xx || r.failure == Failure::too_long) e["code"] = 400;
  if (r.failure == Failure::cancelled) e["code"] = 499;
  return e;
}

Json metrics(const RequestRecord& r) {
  Json m = Json::object();
  if (r.prompt_tokens) m["input_sequence_length"] = value(*r.prompt_tokens, "tokens"), m["usage_prompt_tokens"] = value(*r.prompt_tokens, "tokens");
  if (!r.ok() || !r.first || !r.last) return m;
  m["request_latency"] = value(millis(*r.last - r.sent), "ms"), m["time_to_first_token"] = value(millis(*r.first - r.sent), "ms"), m["time_to_first_output_token"] = m["time_to_first_token"];
  if (r.output_tokens) m["output_sequence_length"] = value(*r.output_tokens, "tokens"), m["output_token_count"] = m["output_sequence_length"], m["usage_completion_tokens"] = m["output_sequence_length"];
  if (const auto itl = itl_ms(r)) m["inter_token_latency"] = value(*itl, "ms");
  if (r.events.size() > 1) m["time_to_second_token"] = value(millis(r.events[1].at - r.events[0].at), "ms");
  Json gaps = Json::array();
  for (std::size_t i = 1; i < r.events.size(); ++i) gaps.push_back(millis(r.events[i].at - r.events[i - 1].at));
  m["inter_chunk_latency"] = {{"value", gaps}, {"unit", "ms"}};
  return m;
}

std::string records(const TrialData& t, const WallClock& wall) {
  std::string text;
  std::size_t number = 0;
  for (const RequestRecord* r : t.requests) {
    const Json line = {{"metadata", metadata(t, *r, wall, number++)}, {"metrics", metrics(*r)}, {"error", r->ok() ? Json(nullptr) : error(*r)}};
    text += json_line(line) + "\n";
  }
  return text;
}

}  // namespace

void write_aiperf(const StudyData& data, const std::vector<TrialData>& trials, Details, Export& out) {
  const WallClock wall(data);
  for (const TrialData& t : trials) {
    const std::string folder = name_of_trial(*t.trial) + "/";
    out.files.push_back({folder + "profile_export.jsonl", records(t, wall)});
    out.files.push_back({folder + "profile_export_aiperf.json", summary(t, wall).dump(2, ' ', false, Json::error_handler_t::replace) + "\n"});
  }
  out.notes.emplace_back("by aiperf's definitions: ITL is one mean a request, unweighted; the gaps between text events are its inter_chunk_latency; throughput is over the whole run, ramp and drain in it");
  out.notes.emplace_back("output_sequence_length is the server's own count (aiperf: --use-server-token-count), not a client tokenizer's; input_config.datasets, which its loader asks for, tells lengths and no texts");
}

}  // namespace qc
