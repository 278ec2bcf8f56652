// guidellm's benchmarks.json (metadata.version 2): for each benchmark its requests with the instants of first and last token, and no token between.
#include <cmath>

#include <fmt/format.h>

#include "exchange/read/formats.h"
#include "exchange/read/json_values.h"

namespace qc {
namespace {

constexpr const char* kGuidellmRemedy = "write it with `guidellm benchmark ... --output-path FILE.json`, of guidellm 0.4 or later";

const std::vector<std::string> kGuidellmNotes = {
    "throughput is guidellm's own: tokens of successful requests over its measured window", "guidellm keeps no instant between a request's first and last token, so gaps between tokens are not known",
    "guidellm's TPOT holds the time to first token; the TPOT here is taken from its instants and does not",
    "guidellm's clock is the wall clock, which may be set while it measures"};

const Json* member(const Json& object, std::initializer_list<const char*> path) {
  const Json* at = &object;
  for (const char* key : path) {
    const auto found = at->is_object() ? at->find(key) : at->end();
    if (found == at->end()) return nullptr;
    at = &*found;
  }
  return at;
}

std::optional<double> mean_of_successful(const Json& benchmark, const char* metric) {
  const Json* d = member(benchmark, {"metrics", metric, "successful"});
  return d ? number_at(*d, "mean") : std::nullopt;
}

std::optional<Instant> instant_at(const Json& timings, const char* key) {
  const auto at = number_at(timings, key);
  return at ? std::optional(instant_of(*at)) : std::nullopt;
}

std::optional<int> counted(const Json& item, const char* key) {
  const auto n = whole_at(item, key);
  return n && *n > 0 ? n : std::nullopt;
}

/// Empty where it was never sent.
std::optional<RequestRecord> request_of(const Json& item, bool answered, bool cancelled) {
  static const Json none = Json::object();
  const Json* found = member(item, {"info", "timings"});
  const Json& timings = found ? *found : none;
  const auto sent = instant_at(timings, "request_start");
  if (!sent) return std::nullopt;
  RequestRecord r;
  r.x_request_id = text_at(item, "request_id");
  r.sent = r.intended = *sent;
  r.prompt_tokens = counted(item, "prompt_tokens"), r.output_tokens = counted(item, "output_tokens");
  r.first = instant_at(timings, "first_token_iteration"), r.last = instant_at(timings, "last_token_iteration"), r.done = instant_at(timings, "request_end");
  if (answered) return r;
  const Json* info = member(item, {"info"});
  r.failure_detail = info ? text_at(*info, "error").substr(0, 300) : "";
  r.failure = cancelled ? Failure::cancelled : failure_of(r.failure_detail);
  return r;
}

struct List { const char* key; bool answered, cancelled; };
constexpr List kLists[] = {{"successful", true, false}, {"errored", false, false}, {"incomplete", false, true}};

void requests(const Json& benchmark, ReadRun& run) {
  for (const auto& [key, answered, cancelled] : kLists) {
    const Json* items = member(benchmark, {"requests", key});
    if (!items || !items->is_array()) continue;
    for (const Json& item : *items)
      if (auto r = request_of(item, answered, cancelled)) r->request_id = static_cast<int>(run.requests.size()), run.requests.push_back(std::move(*r));
  }
}

/// The operating point of a strategy; an open loop has a rate in place of one.
void strategy(const Json& benchmark, ReadRun& run) {
  const Json* s = member(benchmark, {"config", "strategy"});
  if (!s) return;
  const std::string type = text_at(*s, "type_");
  if (type == "synchronous") run.concurrency = 1;
  else if (type == "concurrent") run.concurrency = whole_at(*s, "streams").value_or(whole_at(*s, "max_concurrency").value_or(0));
  else if (type == "throughput") run.concurrency = whole_at(*s, "max_concurrency");
  else run.rate = number_at(*s, "rate");
  if (run.concurrency == 0) run.concurrency.reset();
}

/// Requests that it left out of the sample (`sample_size`) can't be counted from the sample.
void note_sampled(const Json& benchmark, ReadRun& run) {
  const Json* made = member(benchmark, {"scheduler_metrics", "requests_made"});
  const auto all = made ? number_at(*made, "total") : std::nullopt;
  if (all && static_cast<std::size_t>(*all) > run.requests.size())
    run.notes.push_back(fmt::format("it keeps {} of its {} requests, and percentiles are of those", run.requests.size(), *all));
}

void guidellm_figures(const Json& benchmark, ReadRun& run) {
  const auto put = [&](const char* name, const std::optional<double>& value) {
    if (value) run.figures[name] = *value;
  };
  put("output_tok_s", mean_of_successful(benchmark, "output_tokens_per_second")), put("requests_per_s", mean_of_successful(benchmark, "requests_per_second"));
  put("mean_prompt_tokens", mean_of_successful(benchmark, "prompt_token_count")), put("mean_output_tokens", mean_of_successful(benchmark, "output_token_count"));
  put("duration_s", number_at(benchmark, "duration"));
  if (const Json* made = member(benchmark, {"scheduler_metrics", "requests_made"})) {
    put("requests_ok", number_at(*made, "successful"));
    put("requests_failed", number_at(*made, "errored").value_or(0) + number_at(*made, "incomplete").value_or(0));
  }
}

Result<ReadRun> benchmark_of(const Json& benchmark, const Json& report) {
  ReadRun run;
  run.tool = "guidellm", run.notes = kGuidellmNotes;
  strategy(benchmark, run);
  guidellm_figures(benchmark, run);
  if (!run.figures.contains("output_tok_s")) return fail(Fault::usage, std::string("a benchmark without metrics.output_tokens_per_second.successful; ") + kGuidellmRemedy);
  requests(benchmark, run);
  note_sampled(benchmark, run);
  if (const Json* backend = member(benchmark, {"config", "backend"})) run.model = text_at(*backend, "model");
  if (const Json* labels = member(report, {"config", "metadata", "labels"})) {
    run.variant = text_at(*labels, "variant"), run.workload = text_at(*labels, "workload");
  }
  if (const Json* place = member(benchmark, {"config", "requests"}))   // as our own export has it
    run.workload = run.workload.empty() ? text_at(*place, "workload") : run.workload, run.block = whole_at(*place, "block"), run.repeat = whole_at(*place, "repeat").value_or(0) == 1;
  if (const auto mean = run.figures.find("mean_output_tokens"); mean != run.figures.end()) run.max_tokens = static_cast<int>(std::lround(mean->second));
  return run;
}

}  // namespace

Runs read_guidellm(const SourceFile& source) {
  auto documents = foreign_json(source.text);
  if (!documents) return fail(documents.error());
  std::vector<ReadRun> runs;
  for (const Json& report : *documents) {
    const Json* all = member(report, {"benchmarks"});
    if (!all || !all->is_array() || all->empty()) return fail(Fault::usage, fmt::format("no guidellm report: `benchmarks` is missing or empty; {}", kGuidellmRemedy));
    for (const Json& each : *all) {
      auto run = benchmark_of(each, report);
      if (!run) return fail(run.error());
      runs.push_back(std::move(*run));
    }
  }
  return runs;
}

}  // namespace qc
