#include "report/load_json.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "core/text.h"
#include "report/load_json_parts.h"

namespace qc {
namespace {

Json number_or_null(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

Json interval_or_null(const std::optional<std::pair<double, double>>& interval) { return interval ? Json::array({interval->first, interval->second}) : Json(nullptr); }

Json as_json(const Distribution& d) {
  return {{"mean", number_or_null(d.mean)}, {"p50", number_or_null(d.p50)}, {"p90", number_or_null(d.p90)}, {"p95", number_or_null(d.p95)}, {"p99", number_or_null(d.p99)}, {"min", number_or_null(d.min)}, {"max", number_or_null(d.max)}, {"n", d.n},
          {"p95_interval", interval_or_null(d.p95_interval)}, {"p99_interval", interval_or_null(d.p99_interval)}};
}

/// The kernel's where every event has it.
std::string_view stamp_of(const StampCounts& stamps) { return stamps.user == 0 && stamps.kernel > 0 ? "kernel" : "user"; }

std::vector<std::string> reasons(const TrialRecord& trial) { return trial.invalid_because.empty() ? std::vector<std::string>{} : split(replaced(trial.invalid_because, "; ", "\n"), '\n'); }

const std::pair<std::string_view, Distribution LoadFigures::*> kDistributions[] = {{"ttft_ms", &LoadFigures::ttft_ms}, {"ttft_intended_ms", &LoadFigures::ttft_intended_ms}, {"tpot_ms", &LoadFigures::tpot_ms},
    {"itl_ms", &LoadFigures::itl_ms}, {"chunk_gap_ms", &LoadFigures::chunk_gap_ms}, {"e2e_ms", &LoadFigures::e2e_ms}};

Json limits_json(const std::vector<ServiceLimit>& limits) {
  Json json = Json::array();
  for (const ServiceLimit& each : limits) json.push_back(limit_text(each));
  return json;
}

Json goodput_json(const std::optional<GoodputReport>& report) {
  if (!report) return nullptr;
  const Goodput& g = report->goodput;
  return {{"limits", limits_json(report->limits)}, {"requests_good", g.good}, {"good_share", number_or_null(g.share)}, {"requests_per_s", number_or_null(g.requests_per_s)}};
}

Json narrow_json(const std::optional<NarrowReport>& report) {
  if (!report) return nullptr;
  const auto& found = report->e2e_ms;
  return {{"wanted_half_width", report->wanted}, {"reached", report->narrow}, {"e2e_ms", {{"mean", found ? Json(found->mean) : Json(nullptr)}, {"half_width", found ? Json(found->half_width) : Json(nullptr)}}}};
}

/// The interval of the p95 that most readers look at, or how many requests it still takes.
std::string p95_text(const Distribution& e2e) {
  if (e2e.p95_interval) return fmt::format("p95 of e2e: {:.2f} to {:.2f} ms (95 %, from the order of the requests)\n", e2e.p95_interval->first, e2e.p95_interval->second);
  return e2e.n == 0 ? "" : fmt::format("p95 of e2e: no interval, {} more requests are needed for one\n", e2e.p95_needed);
}

std::string narrow_text(const NarrowReport& report) {
  if (!report.e2e_ms) return fmt::format("interval of the mean e2e: n/a, too few requests; {:.1f} % was wanted\n", 100 * report.wanted);
  return fmt::format("mean e2e {:.2f} ms +- {:.2f} % (95 %, of the requests looked at); {:.1f} % was wanted{}\n", report.e2e_ms->mean, 100 * report.e2e_ms->half_width / report.e2e_ms->mean, 100 * report.wanted,
                     report.narrow ? "" : ": NOT reached");
}

std::string goodput_text(const GoodputReport& report) {
  std::vector<std::string> limits;
  for (const ServiceLimit& each : report.limits) limits.push_back(limit_text(each));
  const Goodput& g = report.goodput;
  return fmt::format("goodput: {} requests/s; {} of {} requests ({} %) kept every limit, failed ones counted ({})\n", g.requests_per_s ? fmt::format("{:.3f}", *g.requests_per_s) : "n/a", g.good, g.requests,
                     g.share ? fmt::format("{:.1f}", 100 * *g.share) : "n/a", fmt::join(limits, ", "));
}

template <class Value>
std::string or_null(const std::optional<Value>& value) { return value ? fmt::format("{}", *value) : std::string("null"); }

std::string or_null(const std::optional<Instant>& at) { return at ? fmt::format("{}", at->ns) : std::string("null"); }

/// `"name":[...]` of one thing of each event.
template <class Of>
void append_list(fmt::memory_buffer& out, std::string_view name, const std::vector<Event>& events, Of of) {
  fmt::format_to(std::back_inserter(out), ",\"{}\":[", name);
  for (const Event& e : events) {
    if (&e != &events.front()) out.push_back(',');
    fmt::format_to(std::back_inserter(out), FMT_STRING("{}"), of(e));
  }
  out.push_back(']');
}

void append_record(fmt::memory_buffer& out, const RequestRecord& r) {
  fmt::format_to(std::back_inserter(out), "{{\"x_request_id\":{},\"ok\":{},\"failure\":{},\"failure_detail\":{},\"intended_ns\":{},\"sent_ns\":{},\"first_ns\":{},\"last_ns\":{},\"done_ns\":{}", json_string(r.x_request_id), r.ok(),
                 r.failure ? json_string(std::string(to_string(*r.failure))) : "null", json_string(r.failure_detail), r.intended.ns, r.sent.ns, or_null(r.first), or_null(r.last), or_null(r.done));
  append_list(out, "event_ns", r.events, [](const Event& e) { return e.at.ns; });
  append_list(out, "tokens", r.events, [](const Event& e) { return e.tokens; });
  append_list(out, "stamp", r.events, [](const Event& e) { return e.stamp == Stamp::kernel ? std::string_view("\"kernel\"") : std::string_view("\"user\""); });
  fmt::format_to(std::back_inserter(out), ",\"prompt_tokens\":{},\"output_tokens\":{},\"finish_reason\":{}}}\n", or_null(r.prompt_tokens), or_null(r.output_tokens), json_string(r.finish_reason));
}

}  // namespace

Json failures_json(const LoadFigures& f) {
  Json json = Json::object();
  for (std::size_t i = 0; i < f.failures.size(); ++i)
    if (f.failures[i] > 0) json[std::string(kFailureNames[i])] = f.failures[i];
  return json;
}

void add_distributions(Json& to, const LoadFigures& figures) {
  for (const auto& [name, member] : kDistributions) to[std::string(name)] = as_json(figures.*member);
}

Json own_error_json(const LoadFigures& f, const Distribution& read_lag_us, const StampCounts& stamps) {
  return {{"send_lateness_p50", number_or_null(f.send_lateness_us.p50)}, {"send_lateness_p99", number_or_null(f.send_lateness_us.p99)}, {"read_lag_p50", number_or_null(read_lag_us.p50)},
          {"read_lag_p99", number_or_null(read_lag_us.p99)}, {"stamp", std::string(stamp_of(stamps))}, {"events_kernel_stamped", stamps.kernel}, {"events_user_stamped", stamps.user}};
}

std::string load_json(const LoadReport& report) {
  const LoadFigures& f = report.figures;
  const TrialRecord& trial = *report.trial;
  Json json = {{"schema", 1}, {"url", report.url}, {"model", report.model}, {"endpoint", report.endpoint}, {"prompts", report.prompts}, {"prompts_source", report.prompts_source}, {"concurrency", trial.concurrency ? Json(trial.concurrency) : Json(nullptr)},
               {"rate", number_or_null(trial.rate)}, {"arrival", report.arrival}, {"max_tokens", report.of_trace ? Json(nullptr) : Json(trial.max_tokens)}, {"requests_ok", f.requests_ok}, {"requests_failed", f.requests_failed}, {"failures", failures_json(f)},
               {"prompt_tokens", f.prompt_tokens}, {"output_tokens", f.output_tokens}, {"output_tok_s", number_or_null(f.output_tok_s)}, {"whole_run_tok_s", number_or_null(f.whole_run_tok_s)}, {"requests_per_s", number_or_null(f.requests_per_s)},
               {"duration_s", f.duration_s}, {"window_s", f.window_s}};
  add_distributions(json, f);
  json["goodput"] = goodput_json(report.goodput);
  json["until_ci"] = narrow_json(report.narrow);
  json["own_error_us"] = own_error_json(f, report.read_lag_us, stamps_of(*report.requests));
  const auto& second = report.second_count;
  json["second_count"] = second ? Json{{"answers", second->answers}, {"share_of_usage", second->share}} : Json(nullptr);
  json["reconnects"] = trial.reconnects;
  json["warnings"] = report.warnings;
  json["notes"] = trial.notes;
  json["client_cpu_s"] = report.client_cpu_s;
  json["client_peak_rss_mib"] = report.client_peak_rss_mib;
  json["threads"] = report.threads;
  json["receive"] = report.by_io_uring ? "io_uring" : "epoll";
  json["valid"] = trial.valid;
  json["invalid_because"] = reasons(trial);
  return json.dump(1, ' ', false, Json::error_handler_t::replace);
}

std::string load_record(const RequestRecord& request) {
  fmt::memory_buffer line;
  append_record(line, request);
  return fmt::to_string(line);
}

Status write_load_records(const std::string& path, const std::vector<RequestRecord>& requests) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "w"), &std::fclose);
  if (!file) return fail(Fault::usage, fmt::format("{}: cannot be written: {}", path, std::generic_category().message(errno)));
  fmt::memory_buffer line;   // one for all: a request has hundreds of events
  for (const RequestRecord& r : requests) {
    if (r.warmup) continue;
    line.clear();
    append_record(line, r);
    if (std::fwrite(line.data(), 1, line.size(), file.get()) != line.size()) return fail(Fault::usage, fmt::format("{}: cannot be written: {}", path, std::generic_category().message(errno)));
  }
  return ok();
}

std::string load_text(const LoadReport& report) {
  const LoadFigures& f = report.figures;
  const auto shown = [](const std::optional<double>& v, int digits) { return v ? fmt::format("{:.{}f}", *v, digits) : std::string("n/a"); };
  std::string text = fmt::format("{} requests answered, {} failed, in {:.1f} s; {} output tokens, {} tok/s\n", f.requests_ok, f.requests_failed, f.duration_s, f.output_tokens, shown(f.output_tok_s, 1));
  text += fmt::format("{:<18} {:>10} {:>10} {:>10} {:>10} {:>10}\n", "ms", "mean", "p50", "p95", "p99", "n");
  for (const auto& [name, member] : kDistributions) {
    const Distribution& d = f.*member;
    if (name == "ttft_intended_ms" && !report.trial->rate) continue;
    text += fmt::format("{:<18} {:>10} {:>10} {:>10} {:>10} {:>10}\n", name.substr(0, name.size() - 3), shown(d.mean, 2), shown(d.p50, 2), shown(d.p95, 2), shown(d.p99, 2), d.n);
  }
  text += p95_text(f.e2e_ms);
  if (report.second_count) text += fmt::format("second count: the server's tokenizer finds {:.1f} % of the tokens in usage, over {} answers\n", 100 * report.second_count->share, report.second_count->answers);
  if (report.goodput) text += goodput_text(*report.goodput);
  if (report.narrow) text += narrow_text(*report.narrow);
  for (std::size_t i = 0; i < f.failures.size(); ++i)
    if (f.failures[i] > 0) text += fmt::format("failed: {} as {}\n", f.failures[i], kFailureNames[i]);
  for (const auto& [warning, count] : report.warnings) text += fmt::format("warning: {} ({} requests)\n", warning, count);
  for (const std::string& note : report.trial->notes) text += "note: " + note + "\n";
  text += fmt::format("own error: sent {} us late (p99), read {} us after the kernel's stamp (p99), clock: {}; {:.2f} s of CPU, {:.0f} MiB\n", shown(f.send_lateness_us.p99, 0), shown(report.read_lag_us.p99, 0), stamp_of(stamps_of(*report.requests)),
                      report.client_cpu_s, report.client_peak_rss_mib);
  if (!report.trial->valid) text += "NOT VALID: " + report.trial->invalid_because + "\n";
  return text;
}

}  // namespace qc
