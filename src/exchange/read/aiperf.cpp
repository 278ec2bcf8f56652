// aiperf's pair of files: profile_export.jsonl has a line a request, profile_export_aiperf.json the configuration and the statistics. Either name stands for both.
#include <algorithm>
#include <cmath>
#include <filesystem>

#include <fmt/format.h>

#include "core/files.h"
#include "exchange/read/formats.h"
#include "exchange/read/json_values.h"

namespace qc {
namespace {

namespace fs = std::filesystem;
constexpr const char *kRecords = "profile_export.jsonl", *kSummary = "profile_export_aiperf.json";
constexpr const char* kAiperfRemedy = "`aiperf profile` writes both into its artifact folder; keep them beside each other";

const std::vector<std::string> kAiperfNotes = {
    "aiperf's own output_sequence_length comes from a tokenizer on the client's side; where a record carries the server's usage, that is taken",
    "aiperf counts an error inside a stream, and a stream cut short, as an answered request"};

std::optional<double> metric(const Json& record, const char* name) {
  const auto at = record.find("metrics");
  const auto one = at != record.end() && at->is_object() ? at->find(name) : record.end();
  return at == record.end() || !at->is_object() || one == at->end() ? std::nullopt : number_at(*one, "value");
}

std::vector<double> chunk_gaps(const Json& record) {
  const auto at = record.find("metrics");
  if (at == record.end() || !at->is_object()) return {};
  const auto gaps = at->find("inter_chunk_latency");
  return gaps == at->end() ? std::vector<double>{} : numbers_at(*gaps, "value");
}

Instant after(Instant start, double ms) { return start + Nanos(std::llround(ms * 1e6)); }

void put_events(const Json& record, RequestRecord& r, double ttft_ms) {
  Instant at = after(r.sent, ttft_ms);
  r.events.push_back({at, 1, Stamp::user});
  for (const double gap : chunk_gaps(record)) r.events.push_back({at = after(at, gap), 1, Stamp::user});
  const int counted = r.output_tokens.value_or(static_cast<int>(r.events.size())), events = static_cast<int>(r.events.size());
  for (int i = counted; i < events; ++i) r.events[static_cast<std::size_t>(i)].tokens = 0;
  if (counted > events) r.events.back().tokens += counted - events;
  r.first = r.events.front().at, r.last = at;
}

std::optional<int> tokens(const Json& record, const char* by_server, const char* by_client) {
  auto n = metric(record, by_server);
  if (!n) n = metric(record, by_client);
  return n ? std::optional(static_cast<int>(*n)) : std::nullopt;
}

std::string error_text(const Json& error) { return fmt::format("{} {} {}", number_at(error, "code").value_or(0), text_at(error, "type"), text_at(error, "message")); }

Failure failure_of_error(const Json& error) {
  const int code = whole_at(error, "code").value_or(0);
  if (code == 429 || code == 503) return Failure::refused_by_server;
  if (code == 499) return Failure::cancelled;
  if (code >= 500) return Failure::http_5xx;
  return code >= 400 ? Failure::http_4xx : failure_of(error_text(error));
}

Result<RequestRecord> request_of(const Json& record, int id) {
  const auto at = record.is_object() ? record.find("metadata") : record.end();
  if (!record.is_object() || at == record.end() || !at->contains("request_start_ns") || !(*at)["request_start_ns"].is_number_integer())
    return fail(Fault::usage, fmt::format("record {} has no metadata.request_start_ns: no {} of aiperf; {}", id + 1, kRecords, kAiperfRemedy));
  RequestRecord r;
  r.request_id = id, r.x_request_id = text_at(*at, "x_request_id");
  r.sent = r.intended = {(*at)["request_start_ns"].get<std::int64_t>()};
  if (at->contains("credit_issued_ns") && (*at)["credit_issued_ns"].is_number_integer()) r.intended = {(*at)["credit_issued_ns"].get<std::int64_t>()};
  r.warmup = text_at(*at, "benchmark_phase") == "warmup";
  r.prompt_tokens = tokens(record, "usage_prompt_tokens", "input_sequence_length");
  const auto error = record.find("error");
  if (error != record.end() && error->is_object()) {
    r.failure = failure_of_error(*error), r.failure_detail = error_text(*error).substr(0, 300);
    return r;
  }
  r.output_tokens = tokens(record, "usage_completion_tokens", "output_sequence_length");
  if (at->contains("request_end_ns") && (*at)["request_end_ns"].is_number_integer()) r.done = Instant{(*at)["request_end_ns"].get<std::int64_t>()};
  if (const auto ttft = metric(record, "time_to_first_token")) put_events(record, r, *ttft);
  return r;
}

/// What the summary knows beside the figures: the load and the model, in each of the shapes that releases gave it.
void configuration(const Json& summary, ReadRun& run) {
  const auto config = summary.find("input_config");
  if (config == summary.end() || !config->is_object()) return;
  if (const auto phases = config->find("phases"); phases != config->end() && phases->is_array())
    for (const Json& phase : *phases)
      if (text_at(phase, "kind") != "warmup") run.concurrency = whole_at(phase, "concurrency"), run.rate = number_at(phase, "rate");
  if (const auto load = config->find("loadgen"); load != config->end()) {
    run.concurrency = whole_at(*load, "concurrency");
    if (!run.concurrency) run.rate = number_at(*load, "request_rate");
  }
  if (const auto models = config->find("models"); models != config->end() && models->is_object() && models->contains("items") && !(*models)["items"].empty())
    run.model = text_at((*models)["items"][0], "name");
  if (const auto endpoint = config->find("endpoint"); run.model.empty() && endpoint != config->end() && endpoint->contains("model_names") && !(*endpoint)["model_names"].empty())
    run.model = (*endpoint)["model_names"][0].is_string() ? (*endpoint)["model_names"][0].get<std::string>() : "";
}

void aiperf_figures(const Json& summary, ReadRun& run) {
  constexpr std::tuple<const char*, const char*, const char*> kAll[] = {
      {"output_tok_s", "output_token_throughput", "avg"}, {"total_tok_s", "total_token_throughput", "avg"}, {"requests_per_s", "request_throughput", "avg"},
      {"requests_ok", "request_count", "avg"}, {"requests_failed", "error_request_count", "avg"}, {"duration_s", "benchmark_duration", "avg"},
      {"output_tokens", "total_osl", "avg"}, {"mean_prompt_tokens", "input_sequence_length", "avg"}, {"mean_output_tokens", "output_sequence_length", "avg"},
      {"e2e_p50_ms", "request_latency", "p50"}, {"e2e_p95_ms", "request_latency", "p95"}, {"e2e_p99_ms", "request_latency", "p99"},
      {"ttft_p50_ms", "time_to_first_token", "p50"}, {"ttft_p95_ms", "time_to_first_token", "p95"}, {"tpot_p50_ms", "inter_token_latency", "p50"}};
  for (const auto& [ours, theirs, statistic] : kAll)
    if (const auto at = summary.find(theirs); at != summary.end() && at->is_object())
      if (const auto value = number_at(*at, statistic)) run.figures[ours] = *value;
  run.utc = text_at(summary, "start_time");
}

/// The other file of the pair; empty where it is not there.
std::string beside(const SourceFile& source, const char* name) {
  auto text = read_file(fs::path(source.name).parent_path() / name);
  return text ? std::move(*text) : std::string();
}

Status read_summary(const std::string& text, ReadRun& run) {
  auto documents = foreign_json(text);
  if (!documents) return fail(documents.error());
  if (documents->size() != 1 || !documents->front().is_object() || !documents->front().contains("request_latency"))
    return fail(Fault::usage, fmt::format("no {} of aiperf: `request_latency` is missing; {}", kSummary, kAiperfRemedy));
  configuration(documents->front(), run);
  aiperf_figures(documents->front(), run);
  if (const auto info = documents->front().find("quantcase"); info != documents->front().end())
    run.variant = text_at(*info, "variant"), run.workload = text_at(*info, "workload"), run.block = whole_at(*info, "block"), run.repeat = whole_at(*info, "repeat").value_or(0) == 1,
    run.max_tokens = whole_at(*info, "max_tokens");
  return ok();
}

Status read_records(const std::string& text, ReadRun& run) {
  auto documents = foreign_json(text);
  if (!documents) return fail(documents.error());
  for (const Json& each : *documents) {
    auto r = request_of(each, static_cast<int>(run.requests.size()));
    if (!r) return fail(r.error());
    run.requests.push_back(std::move(*r));
  }
  return ok();
}

}  // namespace

Runs read_aiperf(const SourceFile& source) {
  ReadRun run;
  run.tool = "aiperf", run.notes = kAiperfNotes;
  const bool is_summary = fs::path(source.name).extension() == ".json";
  const std::string summary = is_summary ? source.text : beside(source, kSummary), records = is_summary ? beside(source, kRecords) : source.text;
  if (!summary.empty())
    if (auto s = read_summary(summary, run); !s) return fail(s.error());
  if (!records.empty()) {
    if (auto s = read_records(records, run); !s) return fail(s.error());
  } else {
    run.notes.push_back(fmt::format("there is no {} beside it: a summary, without samples and without an interval of its own; throughput is aiperf's, over its whole run", kRecords));
  }
  if (!run.max_tokens) {
    int longest = 0;
    for (const RequestRecord& r : run.requests) longest = std::max(longest, r.output_tokens.value_or(0));
    if (longest > 0) run.max_tokens = longest;
  }
  return std::vector<ReadRun>{std::move(run)};
}

}  // namespace qc
