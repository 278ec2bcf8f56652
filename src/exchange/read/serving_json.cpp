// The one result object of `vllm bench serve` and of sglang's bench_serving, which was made from it: totals, statistics, and with details parallel arrays of one entry a request.
#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "exchange/read/formats.h"
#include "exchange/read/json_values.h"
#include "stats/stats.h"

namespace qc {
namespace {

/// How the two differ.
struct Dialect {
  const char *tool, *remedy, *e2e, *total_rate;
  std::vector<std::string> notes;
};

const Dialect kVllm{"vllm bench serve", "write it with `vllm bench serve --save-result` (and --save-detailed, so that requests come along)", "e2el", "total_token_throughput",
                    {"vLLM's TTFT is up to the first event that has `choices`, a role-only one too",
                     "vLLM counts an error inside a stream, and a stream cut short, as an answered request"}};
const Dialect kSglang{"sglang bench_serving", "write it with `python -m sglang.bench_serving --output-file FILE` (and --output-details)", "e2e_latency", "total_throughput",
                      {"sglang takes the tokens that were asked for where a server sends no usage", "sglang counts an error inside a stream, and a stream cut short, as an answered request",
                      "its Python client's end-to-end time runs to the end of the stream; where its arrays are there, it ends with the last text here"}};

/// One entry a request, or all empty.
struct Arrays {
  std::vector<double> input_lens, output_lens, ttfts, start_times;
  std::vector<std::vector<double>> itls;
  std::vector<std::string> errors;
  [[nodiscard]] std::size_t size() const { return output_lens.size(); }
  [[nodiscard]] bool ok(std::size_t i) const { return errors[i].empty() && (ttfts[i] > 0 || output_lens[i] > 0); }
};

Arrays arrays_of(const Json& run) {
  Arrays a{numbers_at(run, "input_lens"), numbers_at(run, "output_lens"), numbers_at(run, "ttfts"), numbers_at(run, "start_times"), {}, {}};
  if (const auto at = run.find("itls"); at != run.end() && at->is_array())
    for (const Json& each : *at) a.itls.push_back(each.is_array() ? each.get<std::vector<double>>() : std::vector<double>{});
  if (const auto at = run.find("errors"); at != run.end() && at->is_array())
    for (const Json& each : *at) a.errors.push_back(each.is_string() ? each.get<std::string>() : "");
  return a;
}

Status check_lengths(const Arrays& a) {
  const std::size_t n = a.size();
  if (n == 0) return ok();
  if (a.input_lens.size() == n && a.ttfts.size() == n && a.itls.size() == n && a.errors.size() == n && (a.start_times.empty() || a.start_times.size() == n)) return ok();
  return fail(Fault::usage, fmt::format("its arrays are not of one length (output_lens {}, input_lens {}, ttfts {}, itls {}, errors {}, start_times {}): it is cut short or was changed",
                                        n, a.input_lens.size(), a.ttfts.size(), a.itls.size(), a.errors.size(), a.start_times.size()));
}

/// Tokens of events: one each; what usage counts beyond them goes on the last one (METRICS.md), what it counts less is taken from the end.
void put_tokens(std::vector<Event>& events, int tokens) {
  const int n = static_cast<int>(events.size());
  for (int i = 0; i < n; ++i) events[static_cast<std::size_t>(i)].tokens = i < tokens ? 1 : 0;
  if (n > 0 && tokens > n) events.back().tokens += tokens - n;
}

RequestRecord request_of(const Arrays& a, std::size_t i) {
  RequestRecord r;
  r.request_id = static_cast<int>(i);
  r.intended = r.sent = instant_of(a.start_times[i]);
  if (a.input_lens[i] > 0) r.prompt_tokens = static_cast<int>(a.input_lens[i]);
  if (!a.ok(i)) {
    r.failure = a.errors[i].empty() ? Failure::bad_stream : failure_of(a.errors[i]);
    r.failure_detail = a.errors[i].substr(0, 300);
    return r;
  }
  r.output_tokens = static_cast<int>(a.output_lens[i]);
  Instant at = r.sent + Nanos(instant_of(a.ttfts[i]).ns);
  r.events.push_back({at, 1, Stamp::user});
  for (const double gap : a.itls[i]) r.events.push_back({at = at + Nanos(instant_of(gap).ns), 1, Stamp::user});
  put_tokens(r.events, *r.output_tokens);
  r.first = r.events.front().at, r.last = r.done = at;
  return r;
}

/// Percentiles of entries that have no instants: exact, though the requests themselves can't be placed.
void figures_of_arrays(const Arrays& a, std::map<std::string, double>& figures) {
  std::vector<double> ttft, e2e, tpot, itl;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!a.ok(i)) continue;
    const double decode = std::accumulate(a.itls[i].begin(), a.itls[i].end(), 0.0);
    ttft.push_back(a.ttfts[i] * 1e3), e2e.push_back((a.ttfts[i] + decode) * 1e3);
    if (a.output_lens[i] >= 2) tpot.push_back(decode * 1e3 / (a.output_lens[i] - 1));
    for (const double gap : a.itls[i]) itl.push_back(gap * 1e3);
  }
  const auto put = [&](const char* name, const std::vector<double>& xs, double q) {
    if (const auto value = quantile(xs, q)) figures[name] = *value;
  };
  put("ttft_p50_ms", ttft, 0.5), put("ttft_p95_ms", ttft, 0.95), put("tpot_p50_ms", tpot, 0.5), put("itl_p99_ms", itl, 0.99);
  put("e2e_p50_ms", e2e, 0.5), put("e2e_p95_ms", e2e, 0.95), put("e2e_p99_ms", e2e, 0.99);
}

void figures_of_summary(const Json& run, const Dialect& d, std::map<std::string, double>& figures) {
  const auto put = [&](const std::string& name, std::initializer_list<std::string> keys) {
    for (const std::string& key : keys)
      if (const auto value = number_at(run, key.c_str()); value && !figures.contains(name)) figures[name] = *value;
  };
  const std::string e2e = d.e2e;
  put("ttft_p50_ms", {"p50_ttft_ms", "median_ttft_ms"}), put("ttft_p95_ms", {"p95_ttft_ms"});
  put("tpot_p50_ms", {"p50_tpot_ms", "median_tpot_ms"}), put("itl_p99_ms", {"p99_itl_ms"});
  put("e2e_p50_ms", {"p50_" + e2e + "_ms", "median_" + e2e + "_ms"}), put("e2e_p95_ms", {"p95_" + e2e + "_ms"}), put("e2e_p99_ms", {"p99_" + e2e + "_ms"});
}

void totals(const Json& run, const Dialect& d, ReadRun& out) {
  const auto ok = number_at(run, "completed");
  const auto put = [&](const char* name, const std::optional<double>& value) {
    if (value) out.figures[name] = *value;
  };
  put("output_tok_s", number_at(run, "output_throughput")), put("total_tok_s", number_at(run, d.total_rate)), put("requests_per_s", number_at(run, "request_throughput"));
  put("requests_ok", ok), put("requests_failed", number_at(run, "failed")), put("duration_s", number_at(run, "duration")), put("output_tokens", number_at(run, "total_output_tokens"));
  if (!ok || *ok <= 0) return;
  if (const auto n = number_at(run, "total_input_tokens")) out.figures["mean_prompt_tokens"] = *n / *ok;
  if (const auto n = number_at(run, "total_output_tokens")) out.figures["mean_output_tokens"] = *n / *ok;
}

/// Where some answers are far shorter than the rest, the tool has probably counted streams that broke off.
void note_short_answers(const Arrays& a, std::vector<std::string>& notes) {
  double longest = 0;
  int answered = 0, few = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a.ok(i)) longest = std::max(longest, a.output_lens[i]);
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a.ok(i)) ++answered, few += a.output_lens[i] < longest;
  if (few > 0) notes.push_back(fmt::format("{} of {} answers that it counts are shorter than the longest, of {} tokens", few, answered, longest));
}

/// Where the run belongs; of what stands at the file's top level as `vllm bench serve --metadata variant=... workload=... block=...` puts it.
void place(const Json& run, ReadRun& out) {
  out.variant = text_at(run, "variant"), out.workload = text_at(run, "workload"), out.block = whole_at(run, "block");
  out.repeat = whole_at(run, "repeat").value_or(0) == 1;
  out.model = text_at(run, "model_id"), out.utc = text_at(run, "date"), out.rate = number_at(run, "request_rate");
  if (const auto window = numbers_at(run, "quantcase_steady_window"); window.size() == 2) out.steady = std::pair(instant_of(window[0]), instant_of(window[1]));
  out.concurrency = whole_at(run, "max_concurrency"), out.max_tokens = whole_at(run, "max_tokens");
  if (!out.max_tokens) out.max_tokens = whole_at(run, "random_output_len");
  const auto all = whole_at(run, "num_prompts");
  if (!out.concurrency && !out.rate && all) {
    out.concurrency = all;
    out.notes.push_back("no limit was set, so all its requests were in flight at once");
  }
}

Result<ReadRun> read_one(const Json& run, const Dialect& d) {
  if (!run.is_object() || !number_at(run, "output_throughput") || !number_at(run, "completed"))
    return fail(Fault::usage, fmt::format("no result of {}: `output_throughput` and `completed` are missing; {}", d.tool, d.remedy));
  ReadRun out;
  out.tool = d.tool, out.notes = d.notes;
  place(run, out);
  totals(run, d, out);
  const Arrays a = arrays_of(run);
  if (auto s = check_lengths(a); !s) return fail(s.error());
  note_short_answers(a, out.notes);
  if (a.size() > 0 && !a.start_times.empty()) {
    for (std::size_t i = 0; i < a.size(); ++i) out.requests.push_back(request_of(a, i));
    return out;
  }
  out.notes.push_back(fmt::format("throughput is {}'s own: all output tokens over the whole run, with its start and its thinning end", d.tool));
  if (a.size() > 0) {
    figures_of_arrays(a, out.figures);
    out.figures["requests_failed"] = static_cast<double>(a.size()) - out.figures["requests_ok"];
    out.notes.push_back("its requests carry lengths of time and no instants, so percentiles are exact, and no request can be placed on an axis");
  } else {
    figures_of_summary(run, d, out.figures);
    out.notes.push_back("a summary without details: no samples, so no interval of its own");
  }
  return out;
}

Runs read_all(const SourceFile& source, const Dialect& d) {
  auto documents = foreign_json(source.text);
  if (!documents) return fail(documents.error());
  std::vector<ReadRun> runs;
  for (const Json& each : *documents) {
    auto run = read_one(each, d);
    if (!run) return fail(run.error());
    runs.push_back(std::move(*run));
  }
  return runs;
}

}  // namespace

Runs read_vllm(const SourceFile& source) { return read_all(source, kVllm); }
Runs read_sglang(const SourceFile& source) { return read_all(source, kSglang); }

}  // namespace qc
