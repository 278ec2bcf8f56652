// `quantcase bench`: one endpoint under one load.
#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "cli/exit_code.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "core/files.h"
#include "core/host.h"
#include "core/json.h"
#include "core/priority.h"
#include "core/text.h"
#include "measure/client/stream_limit.h"
#include "measure/load/load_run.h"
#include "report/load_json.h"

namespace qc {
namespace {

constexpr Seconds kListenerWait{5};
constexpr std::size_t kMostRequests = 50'000'000;

Failed wrong(std::string_view flag, std::string_view found, std::string_view accepted) { return fail(Fault::usage, fmt::format("{} {}: accepted: {}", flag, found, accepted)); }

/// "poisson", "constant", "gamma:0.5", "burst:8".
Result<Gaps> gaps_of(const std::string& word, std::uint64_t seed) {
  const std::string kind = word.substr(0, word.find(':'));
  const std::string number = word.size() > kind.size() ? word.substr(kind.size() + 1) : "";
  double value = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  const bool has_number = error == std::errc() && end == number.data() + number.size() && value > 0 && value <= 1e6;
  if (word == "poisson") return poisson_gaps(seed);
  if (word == "constant") return constant_gaps();
  if (kind == "gamma" && has_number) return gamma_gaps(value, seed);
  if (kind == "burst" && has_number && value == std::floor(value)) return burst_gaps(static_cast<int>(value));
  return wrong("--arrival", word, "poisson, constant, gamma:BURSTINESS (above 0; 1 is poisson) or burst:SIZE (a whole number)");
}

Status check_numbers(const BenchFlags& f) {
  const int shapes = (f.concurrency ? 1 : 0) + (f.rate ? 1 : 0) + (f.trace.empty() ? 0 : 1);
  if (shapes != 1) return fail(Fault::usage, fmt::format("bench needs one of --concurrency N (closed loop), --rate R (open loop) and --trace FILE; {} were given", shapes));
  if (f.trace.empty() && !f.requests && !f.duration_s) return fail(Fault::usage, "bench needs --requests N or --duration S: when is it done?");
  if (f.concurrency && (*f.concurrency < 1 || *f.concurrency > 100'000)) return wrong("--concurrency", fmt::format("{}", *f.concurrency), "a whole number from 1 to 100000");
  if (f.rate && !(*f.rate > 0 && *f.rate <= 1e6)) return wrong("--rate", fmt::format("{}", *f.rate), "requests a second, above 0 and at most 1000000");
  if (f.requests && (*f.requests < 1 || static_cast<std::size_t>(*f.requests) > kMostRequests)) return wrong("--requests", fmt::format("{}", *f.requests), "a whole number from 1 to 50000000");
  if (f.duration_s && !(*f.duration_s > 0 && *f.duration_s <= 1e6)) return wrong("--duration", fmt::format("{}", *f.duration_s), "seconds, above 0");
  if (f.rate && f.duration_s && *f.rate * *f.duration_s > static_cast<double>(kMostRequests)) return wrong("--duration", fmt::format("{}", *f.duration_s), "a rate and a duration that make at most 50000000 requests");
  if (!(f.timeout_s > 0 && f.timeout_s <= 86400)) return wrong("--timeout", fmt::format("{}", f.timeout_s), "seconds, above 0 and at most 86400");
  if (f.max_tokens < 1 || f.max_tokens > 1'000'000) return wrong("--max-tokens", fmt::format("{}", f.max_tokens), "a whole number from 1 to 1000000");
  if (f.warmup < 0 || f.warmup > 1'000'000) return wrong("--warmup", fmt::format("{}", f.warmup), "a whole number, 0 or more");
  if (!(f.ramp_s >= 0 && f.ramp_s <= 86400)) return wrong("--ramp", fmt::format("{}", f.ramp_s), "seconds, 0 or more");
  if (f.endpoint != "chat" && f.endpoint != "completions") return wrong("--endpoint", f.endpoint, "chat or completions");
  return ok();
}

Status set_shape(LoadSpec& spec, const BenchFlags& f) {
  if (f.concurrency) {
    spec.concurrency = f.concurrency;
    spec.ramp = Seconds(f.ramp_s);
    return ok();
  }
  if (!f.trace.empty()) {
    auto text = read_file(f.trace);
    if (!text) return fail(Fault::usage, text.error().message);
    auto trace = read_trace(*text, f.trace);
    if (!trace) return fail(trace.error());
    if (spec.duration) std::erase_if(*trace, [&](const TraceEntry& each) { return each.at >= *spec.duration; });
    if (spec.requests && trace->size() > *spec.requests) trace->resize(*spec.requests);
    spec.due.emplace();
    for (const TraceEntry& each : *trace) spec.due->push_back(each.at);
    spec.trace = std::move(*trace);
    return ok();
  }
  auto gaps = gaps_of(f.arrival, spec.seed);
  if (!gaps) return fail(gaps.error());
  spec.rate = f.rate;
  const RateCurve curve = f.ramp_s > 0 ? RateCurve::ramp(0, *f.rate, Seconds(f.ramp_s)) : RateCurve::steady(*f.rate);
  spec.due = arrivals(std::move(*gaps), curve, {spec.requests, spec.duration});
  if (spec.due->empty()) return fail(Fault::usage, fmt::format("--rate {} and --duration {:g}: no request is due in that time", *f.rate, f.duration_s.value_or(0)));
  return ok();
}

Result<LoadSpec> spec_of(const BenchFlags& f) {
  if (auto good = check_numbers(f); !good) return fail(good.error());
  LoadSpec spec;
  const auto address = parse_url(f.url);
  if (!address) return fail(Fault::usage, "--url " + address.error().message);
  const char* key = std::getenv("OPENAI_API_KEY");
  spec.client = {.address = *address, .api_key = key ? key : "", .byte_timeout = Seconds(f.timeout_s)};
  spec.endpoint = f.endpoint == "chat" ? EndpointKind::chat : EndpointKind::completions;
  spec.model = f.model;
  if (f.requests) spec.requests = static_cast<std::size_t>(*f.requests);
  if (f.duration_s) spec.duration = Seconds(*f.duration_s);
  spec.warmup = f.warmup, spec.max_tokens = f.max_tokens, spec.seed = f.seed;
  if (auto set = set_shape(spec, f); !set) return fail(set.error());
  return spec;
}

/// The first model that the server lists; empty where it lists none.
std::string served_model(const ClientOptions& client) {
  const auto reply = http_get(client.address, "/v1/models", Seconds(1), client.api_key);
  if (!reply || reply->status != 200) return {};
  const auto json = parse_json(reply->body, "/v1/models");
  if (!json || !json->is_object() || !json->contains("data") || !(*json)["data"].is_array() || (*json)["data"].empty()) return {};
  const Json& first = (*json)["data"].front();
  return first.is_object() && first.contains("id") && first["id"].is_string() ? first["id"].get<std::string>() : "";
}

/// Fails as usage where the system does not allow as many open files as the slots need. Nobody knows how many of an open loop's requests are
/// open at once: the client raises the limit as far as it goes.
Status allow_files(const LoadSpec& spec) {
  if (!spec.concurrency) return ok();
  const auto allowed = allow_streams(std::min<std::size_t>(static_cast<std::size_t>(*spec.concurrency), spec.requests.value_or(kMostRequests)));
  return allowed ? ok() : fail(Fault::usage, fmt::format("--concurrency {}: {}", *spec.concurrency, allowed.error().message));
}

std::string arrival_words(const BenchFlags& f) {
  if (f.concurrency) return "closed loop";
  return f.trace.empty() ? f.arrival : "trace " + f.trace;
}

/// How far it is, by requests or by time.
double fraction(const LoadSpec& spec, std::size_t done, Seconds spent) {
  const auto all = spec.due ? std::optional(spec.due->size()) : spec.requests;
  const double by_count = all ? static_cast<double>(done) / static_cast<double>(*all) : 0, by_time = spec.duration ? spent / *spec.duration : 0;
  return std::min(1.0, std::max(by_count, by_time));
}

LoadRun measure(const LoadSpec& spec, const PromptSet& prompts, const CommonFlags& common) {
  Progress progress({common.quiet, !common.no_color, common.log});
  const Instant start = monotonic_clock().now();
  Instant shown = start;
  LoadRun run = run_load(spec, prompts, stop_flag(), [&](std::size_t done) {
    const Instant now = monotonic_clock().now();
    if (now - shown < Nanos(200'000'000)) return;
    shown = now;
    const double part = fraction(spec, done, Seconds(seconds(now - start)));
    progress.bar(part, Seconds(part > 0 ? seconds(now - start) * (1 - part) / part : 0), fmt::format("{} requests done", done));
  });
  progress.clear();
  return run;
}

}  // namespace

int verb_bench(const BenchFlags& flags, const CommonFlags& common) {
  auto spec = spec_of(flags);
  if (!spec) return complain(spec.error());
  const auto prompts = load_prompts(flags.prompts, flags.seed);
  if (!prompts) return complain({Fault::usage, "--prompts " + prompts.error().message});
  if (auto allowed = allow_files(*spec); !allowed) return complain(allowed.error());
  if (auto there = wait_for_listener(spec->client.address, kListenerWait); !there) return complain(there.error());
  if (spec->model.empty()) spec->model = served_model(spec->client);
  install_stop_handlers();
  const QuickWakeups quick;
  const LoadRun run = measure(*spec, *prompts, common);
  LoadReport report{&run.trial, &run.requests, figures_of_load(run.trial, run.requests), distribution_of(run.read_lag_us), run.warnings, flags.url, spec->model, flags.endpoint, flags.prompts, arrival_words(flags)};
  if (!flags.records.empty())
    if (auto written = write_load_records(flags.records, run.requests); !written) return complain(written.error());
  report.client_peak_rss_mib = static_cast<double>(own_peak_resident_bytes()) / (1 << 20);
  report.client_cpu_s = own_cpu_seconds();
  if (common.json)
    if (const int code = print_json(load_json(report), common); code != kDone) return code;
  const bool stdout_is_json = common.json && (common.json_file.empty() || common.json_file == "-");
  if (!stdout_is_json && !common.quiet) fmt::print("{}", load_text(report));
  if (run.cut_short) return kInterrupted;
  return report.figures.requests_failed > 0 || !run.trial.valid ? kTrialsFailed : kDone;
}

}  // namespace qc
