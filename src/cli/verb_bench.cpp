// `quantcase bench`: one endpoint under one load.
#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "cli/exit_code.h"
#include "cli/one_endpoint.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "core/files.h"
#include "core/host.h"
#include "core/json.h"
#include "core/priority.h"
#include "core/text.h"
#include "measure/engines/probe.h"
#include "measure/load/until_narrow.h"
#include "record/second_count.h"
#include "report/load_json.h"

namespace qc {
namespace {

constexpr std::size_t kMostRequests = 50'000'000;
constexpr Seconds kUntilNarrow{600};      // an interval that takes longer to get narrow ends the run all the same

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
  return wrong_flag("--arrival", word, "poisson, constant, gamma:BURSTINESS (above 0; 1 is poisson) or burst:SIZE (a whole number)");
}

Status check_numbers(const BenchFlags& f) {
  const int shapes = (f.concurrency ? 1 : 0) + (f.rate ? 1 : 0) + (f.trace.empty() ? 0 : 1);
  if (shapes != 1) return fail(Fault::usage, fmt::format("bench needs one of --concurrency N (closed loop), --rate R (open loop) and --trace FILE; {} were given", shapes));
  if (f.trace.empty() && !f.requests && !f.duration_s && f.until_ci.empty()) return fail(Fault::usage, "bench needs --requests N, --duration S or --until-ci SHARE: when is it done?");
  if (f.concurrency && (*f.concurrency < 1 || *f.concurrency > 100'000)) return wrong_flag("--concurrency", fmt::format("{}", *f.concurrency), "a whole number from 1 to 100000");
  if (f.rate && !(*f.rate > 0 && *f.rate <= 1e6)) return wrong_flag("--rate", fmt::format("{}", *f.rate), "requests a second, above 0 and at most 1000000");
  if (f.requests && (*f.requests < 1 || static_cast<std::size_t>(*f.requests) > kMostRequests)) return wrong_flag("--requests", fmt::format("{}", *f.requests), "a whole number from 1 to 50000000");
  if (f.duration_s && !(*f.duration_s > 0 && *f.duration_s <= 1e6)) return wrong_flag("--duration", fmt::format("{}", *f.duration_s), "seconds, above 0");
  if (f.rate && f.duration_s && *f.rate * *f.duration_s > static_cast<double>(kMostRequests)) return wrong_flag("--duration", fmt::format("{}", *f.duration_s), "a rate and a duration that make at most 50000000 requests");
  const BenchFlags plain;
  if (!f.rate && f.arrival != plain.arrival) return fail(Fault::usage, fmt::format("--arrival {}: of an open loop at a --rate only; {} has its own times", f.arrival, f.concurrency ? "a closed loop" : "a trace"));
  if (!f.trace.empty()) {
    if (f.ramp_s > 0) return fail(Fault::usage, fmt::format("--ramp {:g}: not with --trace, which has its own times", f.ramp_s));
    if (f.prompts != plain.prompts || f.shared_prefix > 0) return fail(Fault::usage, "--prompts and --shared-prefix: not with --trace, whose requests are texts of its own input lengths");
    if (f.max_tokens != plain.max_tokens) return fail(Fault::usage, fmt::format("--max-tokens {}: not with --trace, which has its own output lengths", f.max_tokens));
  }
  if (!(f.ramp_s >= 0 && f.ramp_s <= 86400)) return wrong_flag("--ramp", fmt::format("{}", f.ramp_s), "seconds, 0 or more");
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
  spec.due = arrivals(*gaps, curve, {spec.requests, spec.duration});
  if (spec.due->empty()) return fail(Fault::usage, fmt::format("--rate {} and --duration {:g}: no request is due in that time", *f.rate, f.duration_s.value_or(0)));
  return ok();
}

Result<LoadSpec> spec_of(const BenchFlags& f) {
  if (auto good = check_numbers(f); !good) return fail(good.error());
  auto spec = load_spec_of(f);
  if (!spec) return spec;
  if (f.requests) spec->requests = static_cast<std::size_t>(*f.requests);
  if (f.duration_s) spec->duration = Seconds(*f.duration_s);
  if (f.trace.empty() && !f.requests && !f.duration_s) spec->duration = kUntilNarrow;
  if (auto set = set_shape(*spec, f); !set) return fail(set.error());
  return spec;
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

/// The most that can be open at once; empty where nobody knows.
std::optional<int> connections_of(const LoadSpec& spec) {
  if (!spec.concurrency) return std::nullopt;
  return static_cast<int>(std::min(static_cast<std::size_t>(*spec.concurrency), spec.requests.value_or(kMostRequests)));
}

Result<std::vector<ServiceLimit>> limits_of(const BenchFlags& f) {
  if (f.slo.empty()) return std::vector<ServiceLimit>{};
  auto limits = parse_limits(f.slo);
  return limits ? limits : fail(Fault::usage, "--slo " + limits.error().message);
}

/// "2%": half of an interval's width, relative. Empty: not asked for.
Result<std::optional<double>> width_of(const BenchFlags& f) {
  if (f.until_ci.empty()) return std::optional<double>();
  const auto share = parse_share(f.until_ci);
  if (!share || *share > 0.5) return wrong_flag("--until-ci", f.until_ci, "a share above 0 and at most 50%, as 2% or 0.02");
  return share;
}

/// The texts of some answers, counted by the server's own tokenizer, against its usage.
std::optional<SecondCount> count_again(const LoadSpec& spec, LoadRun& run) {
  SecondCount out;
  long counted = 0, told = 0;
  for (RequestRecord& r : run.requests) {
    if (r.warmup || !r.ok() || r.text.empty() || !r.output_tokens) continue;
    const auto tokens = ask_token_count({spec.client.address, spec.client.api_key}, spec.model, r.text);
    if (!tokens) return std::nullopt;
    counted += *tokens, told += *r.output_tokens, ++out.answers;
  }
  if (told == 0) return std::nullopt;
  out.share = static_cast<double>(counted) / static_cast<double>(told);
  if (std::abs(out.share - 1) > kCountsAgree) run.warnings["usage disagrees with the second count, by the server's tokenizer, by over 1 %"] = out.answers;
  return out;
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
  const auto limits = limits_of(flags);
  if (!limits) return complain(limits.error());
  const auto width = width_of(flags);
  if (!width) return complain(width.error());
  if (auto allowed = allow_connections(connections_of(*spec)); !allowed) return complain(allowed.error());
  const auto prompts = make_ready(flags, *spec);
  if (!prompts) return complain(prompts.error());
  install_stop_handlers();
  const QuickWakeups quick;
  UntilNarrow until(width->value_or(0), static_cast<std::size_t>(spec->concurrency.value_or(0)));
  if (*width) spec->enough = [&](const RequestRecord& request) { return until.add(request); };
  spec->keep_text_of = kCountedAgain;
  LoadRun run = measure(*spec, *prompts, common);
  const auto second_count = count_again(*spec, run);
  LoadReport report{&run.trial, &run.requests, figures_of_load(run.trial, run.requests), distribution_of(run.read_lag_us), run.warnings, flags.url, spec->model, flags.endpoint, flags.prompts, arrival_words(flags)};
  report.prompts_source = prompts->source, report.second_count = second_count, report.of_trace = !spec->trace.empty();
  if (!limits->empty()) report.goodput = GoodputReport{*limits, goodput_of(run.requests, *limits, report.figures.requests_per_s)};
  if (*width) report.narrow = NarrowReport{**width, until.interval(), until.narrow()};
  if (!flags.records.empty())
    if (auto written = write_load_records(flags.records, run.requests); !written) return complain(written.error());
  report.client_peak_rss_mib = static_cast<double>(own_peak_resident_bytes()) / (1 << 20);
  report.client_cpu_s = own_cpu_seconds();
  report.by_io_uring = run.by_io_uring;
  report.threads = flags.threads;
  if (common.json)
    if (const int code = print_json(load_json(report), common); code != kDone) return code;
  const bool stdout_is_json = common.json && (common.json_file.empty() || common.json_file == "-");
  if (!stdout_is_json && !common.quiet) fmt::print("{}", load_text(report));
  if (run.cut_short) return kInterrupted;
  return report.figures.requests_failed > 0 || !run.trial.valid ? kTrialsFailed : kDone;
}

}  // namespace qc
