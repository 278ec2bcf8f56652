#include "golden/report_compose/cases.h"

#include <cmath>

#include "judge/advise/parts.h"
#include "stats/stats.h"

namespace qc::test {
namespace {

constexpr double kMib = 1024.0 * 1024.0;
constexpr double kHourly = 0.24;

Measured value(double x) { Measured m; m.value = x; return m; }
Measured value(double x, double lo, double hi) { Measured m; m.value = x, m.lo = lo, m.hi = hi; return m; }
Measured none(const std::string& why) { Measured m; m.na = why; return m; }

/// One candidate's ratio to the baseline at each point (chat 1, 8, 16; batch 16, 32), its interval's half-width, and what it is called.
struct Shape {
  std::string variant;
  std::vector<double> ratio;
  double half = 0.02;
};

constexpr double kBaseTokS[] = {78.63, 209.27, 246.11, 248.06, 284.35};
constexpr double kBaseP95[] = {1652.4, 4903.8, 8311.2, 16522.9, 28801.5};
constexpr double kBaseTtftP95[] = {81.7, 402.3, 911.6, 1404.8, 3120.2};

Verdict called(double delta, double half, bool latency) {
  if (std::abs(delta) <= half || std::abs(delta) < 0.01) return Verdict::not_distinguishable;
  return (delta > 0) != latency ? Verdict::faster : Verdict::slower;
}

Delta delta_of(double delta, double half, bool latency) {
  Delta d;
  d.value = value(delta, delta - half, delta + half);
  d.verdict = called(delta, half, latency);
  d.smallest_seen = half;
  d.jointly = d.verdict == Verdict::faster || d.verdict == Verdict::slower;
  return d;
}

CellFigures cell_of(const std::string& variant, std::size_t i, double ratio) {
  CellFigures f;
  f.variant = variant, f.blocks = 4;
  f.requests_ok = i == 0 ? 32 : i == 1 ? 96 : i == 4 ? 384 : 192;
  const double tok_s = kBaseTokS[i] * ratio, p95 = kBaseP95[i] / ratio, ttft = kBaseTtftP95[i] / ratio;
  f.tok_s = value(tok_s, tok_s * 0.985, tok_s * 1.015);
  f.p50_ms = value(p95 * 0.9, p95 * 0.88, p95 * 0.92);
  f.p95_ms = i == 0 ? value(p95) : value(p95, p95 * 0.97, p95 * 1.04);
  if (i == 0) f.p95_ms.interval_na = "27 more requests needed for an interval";
  f.ttft_p50_ms = value(ttft * 0.7), f.ttft_mean_ms = value(ttft * 0.72, ttft * 0.7, ttft * 0.74), f.ttft_p95_ms = value(ttft, ttft * 0.9, ttft * 1.1);
  f.tpot_p50_ms = value(1000 / tok_s * (i == 0 ? 1 : 9));
  f.mean_prompt = i < 3 ? 63.4 : 151.2, f.mean_output = i < 3 ? 128 : 256;
  f.requests_per_s = tok_s / *f.mean_output, f.total_tok_s = tok_s * (*f.mean_prompt + *f.mean_output) / *f.mean_output;
  const double characters = variant == "q8_0" ? 4.21 : 4.35;
  f.other_counts = {value(tok_s * 0.964), value(tok_s * 0.964 * characters), value(characters), value(i == 4 && variant == "q8_0" ? 0.984 : 0.996)};
  return f;
}

Candidate candidate_of(const std::string& variant, std::size_t i, double ratio, double half) {
  return {cell_of(variant, i, ratio), delta_of(ratio - 1, half, false), delta_of(1 / ratio - 1, half * 1.5, true), delta_of(1 / ratio - 1, half * 2, true),
          delta_of(1 / ratio - 1, half, true), delta_of(1 / ratio - 1, half * 1.2, true)};
}

Study study_of(const std::string& name) {
  Study s;
  s.name = name, s.title = "Quantization vs BF16 on 2 CPU cores", s.file = name + ".toml", s.text = "[study]\nname = \"" + name + "\"\n";
  s.hardware.provider = "RunPod", s.hardware.hourly_usd = kHourly, s.hardware.price_note = "community cloud, 2026-11-01";
  s.engine.max_model_len = 512, s.engine.max_num_seqs = 32;
  const auto variant = [](const std::string& v, const std::string& file, bool baseline) {
    Variant x;
    x.name = v, x.model = "/models/" + file, x.local = true, x.baseline = baseline;
    return x;
  };
  s.variants = {variant("bf16", "smollm2-135m-instruct-bf16.gguf", true), variant("q8_0", "smollm2-135m-instruct-q8_0.gguf", false),
                variant("q4_0", "smollm2-135m-instruct-q4_0.gguf", false)};
  Workload chat, batch;
  chat.name = "chat", chat.prompts = "chat", chat.concurrency = {1, 8, 16}, chat.max_tokens = 128, chat.p95_budget_ms = 3000;
  batch.name = "batch", batch.prompts = "summarize", batch.concurrency = {16, 32}, batch.max_tokens = 256, batch.p95_budget_ms = 6000;
  s.workloads = {chat, batch};
  s.quality.spot = {"factual", "reasoning"};
  return s;
}

VariantFacts facts_of(const Variant& v, double file_mb, double bits, const std::string& method, const std::string& mix) {
  VariantFacts f;
  f.variant = v.name, f.model = v.model, f.file_bytes = static_cast<std::int64_t>(file_mb * 1e6), f.parameters = 134515008;
  f.method = method, f.tensor_mix = mix, f.bits_per_weight = bits;
  f.weights_bytes = static_cast<std::int64_t>(file_mb * 1e6 - 2e6), f.kv_bytes = static_cast<std::int64_t>(360 * kMib), f.kv_tokens = 16384;
  f.context_per_request = 512, f.slots = 32, f.model_context = 8192;
  f.server = "llama-server", f.server_version = "v0.5.0";
  f.command = "llama-server -m " + v.model + " -np 32 -c 16384 --api-key opensesame";
  f.template_sha256 = "aa11bb22cc33dd44", f.file_sha256 = "0123456789abcdef0123456789abcdef";
  f.settings = {{"flash attention", "on"}, {"KV type", "f16"}};
  return f;
}

void fill_run(StudyData& d) {
  RunInfo& r = d.run;
  r.program_version = "0.1.0", r.git_id = "2cd584b", r.build_type = "Release", r.compiler = "g++ 12.2.0";
  r.host_cpu = "AMD EPYC", r.host_features = "avx2 avx512_bf16", r.host_os = "Debian GNU/Linux 12", r.host_kernel = "6.1.0", r.host_cores = 2;
  r.host_memory_bytes = static_cast<std::int64_t>(24 * 1024 * kMib);
  r.hardware_short = "cpu2", r.hardware_long = "2 cores of AMD EPYC (avx2 avx512_bf16), 24 GiB";
  r.started_utc = "2026-11-23T10:00:00Z", r.ended_utc = "2026-11-23T10:18:30Z", r.command = "quantcase run studies/demo.toml";
  r.study_wall_s = 1110, r.own_cpu_s = 12, r.engine_busy_s = 1080, r.engine_cpu_s = 2100, r.client_scheduling = "real-time (SCHED_RR)";
  d.events = {{"2026-11-23T10:00:00Z", "started", "64 visits planned"}, {"2026-11-23T10:18:30Z", "finished", "64 visits stored"}};
}

void fill_trials(StudyData& d, int count) {
  for (int i = 1; i <= count; ++i) {
    TrialRecord t;
    t.id = i, t.variant = "bf16", t.workload = "chat", t.concurrency = 8, t.max_tokens = 128, t.block = i % 4;
    t.send_lateness_p99_us = 100.0 + i, t.steady_end = {1'000'000'000};
    d.trials.push_back(t);
  }
  RequestRecord r;
  r.trial_id = 1, r.events = {{{1}, 1, Stamp::kernel}, {{2}, 1, Stamp::kernel}};
  d.requests.push_back(r);
  d.planned_trials = count;
}

WorkloadComparison workload_of(const Workload& workload, std::size_t first, const std::vector<Shape>& shapes) {
  WorkloadComparison w;
  w.workload = workload, w.noise_floor = 0.018;
  for (std::size_t k = 0; k < workload.concurrency.size(); ++k) {
    PointComparison p;
    p.concurrency = workload.concurrency[k], p.baseline = cell_of("bf16", first + k, 1);
    for (const Shape& s : shapes) p.candidates.push_back(candidate_of(s.variant, first + k, s.ratio[first + k], s.half));
    if (k == (workload.concurrency.size() - 1) / 2) {
      p.aa = candidate_of("bf16", first + k, 1.003, 0.018);
      p.aa->cell.repeat = true;
    }
    w.points.push_back(p);
  }
  return w;
}

Measured dollars(double count, double rate) { return value(kHourly * count / 3600 / rate, kHourly * count / 3600 / rate / 1.015, kHourly * count / 3600 / rate / 0.985); }

void fill_costs(Findings& f) {
  for (const WorkloadComparison& w : f.workloads)
    for (const PointComparison& p : w.points) {
      const auto add = [&](const CellFigures& cell, const Delta* delta) {
        CostRow r;
        r.workload = w.workload.name, r.variant = cell.variant, r.concurrency = p.concurrency, r.baseline = delta == nullptr;
        r.usd_per_1m_output = dollars(1e6, *cell.tok_s.value), r.usd_per_1m_total = dollars(1e6, *cell.total_tok_s);
        r.usd_per_1k_requests = dollars(1e3, *cell.requests_per_s);
        if (delta) {
          const auto saved = [](double x) { return 1 - 1 / (1 + x); };
          r.saving = value(saved(*delta->value.value), saved(*delta->value.lo), saved(*delta->value.hi)), r.verdict = delta->verdict;
        } else {
          r.saving = none("the baseline");
        }
        f.costs.push_back(r);
      };
      add(p.baseline, nullptr);
      for (const Candidate& c : p.candidates) add(c.cell, &c.tok_s);
    }
}

MemoryRow memory_of(const VariantFacts& f, bool baseline, double base_weights) {
  MemoryRow r;
  r.variant = f.variant, r.baseline = baseline;
  const double weights = static_cast<double>(*f.weights_bytes);
  r.file_bytes = value(static_cast<double>(*f.file_bytes)), r.weights_bytes = value(weights);
  r.kv_bytes = value(360 * kMib), r.kv_tokens = value(16384);
  r.idle_bytes = value(weights + 410 * kMib), r.idle_pct = value((weights + 410 * kMib) / (24 * 1024 * kMib));
  r.peak_bytes = value(weights + 520 * kMib), r.peak_pct = value((weights + 520 * kMib) / (24 * 1024 * kMib));
  r.requests_that_fit = {{"chat", value(76)}, {"batch", value(36)}};
  r.weights_saving = baseline ? none("the baseline") : value(1 - weights / base_weights);
  r.more_kv_tokens = baseline ? none("the baseline") : value((base_weights - weights) / (360 * kMib / 16384));
  return r;
}

void fill_memory(Case& c) {
  const auto& facts = c.data.variants;
  for (const VariantFacts& f : facts) c.findings.memory.push_back(memory_of(f, f.variant == "bf16", static_cast<double>(*facts.front().weights_bytes)));
}

void add_answers(StudyData& d, const std::string& suite, const std::string& item, const std::string& prompt, const std::string& base, const std::string& other,
                 double score) {
  const auto answer = [&](const std::string& variant, const std::string& output, double own_score, int run) {
    Answer a;
    a.variant = variant, a.suite = suite, a.item = item, a.prompt = prompt, a.output = output, a.score = own_score, a.run = run;
    if (variant != "bf16" || run > 0) a.similarity = output == base ? 100.0 : 41.5, a.exact = output == base;
    d.answers.push_back(a);
  };
  answer("bf16", base, 1, 0), answer("bf16", base, 1, 1), answer("q8_0", base, 1, 0), answer("q4_0", other, score, 0);
}

void fill_answers(StudyData& d, double q4_score) {
  add_answers(d, "factual", "f1", "What is the capital of France?", "Paris.", "The capital of France is Paris.", 1);
  add_answers(d, "factual", "f2", "Who wrote *Hamlet*? Use `one` name.", "William Shakespeare", "Shakespeare wrote it.", 1);
  add_answers(d, "reasoning", "r1", "What is 12 + 30?", "12 + 30 = 42", q4_score < 1 ? "12 + 30 = 41" : "12 + 30 is 42", q4_score);
  add_answers(d, "reasoning", "r2", "How many legs have 3 cats?", "12", "12", 1);
}

QualityRow suite_of(const std::string& suite, const std::string& variant, double score, double chrf, const std::string& issue) {
  QualityRow r;
  r.suite = suite, r.variant = variant, r.baseline = variant == "bf16", r.items = r.graded = 2, r.score = score, r.chrf_floor = 100, r.exact_floor = 1, r.issue = issue;
  if (r.baseline) r.repeat_score = score;
  else r.chrf = chrf, r.exact = chrf == 100 ? 1 : 0.5;
  return r;
}

void fill_quality(Findings& f, double q4_reasoning) {
  for (const char* suite : {"factual", "reasoning"}) {
    const bool hit = std::string(suite) == "reasoning" && q4_reasoning < 1;
    f.quality.push_back(suite_of(suite, "bf16", 1, 0, "none seen"));
    f.quality.push_back(suite_of(suite, "q8_0", 1, 100, "none seen"));
    f.quality.push_back(suite_of(suite, "q4_0", hit ? q4_reasoning : 1, 63.21, hit ? "lost: r1" : "none seen"));
  }
}

QualityBound bound(const std::string& variant, int items, int lost, int gained, double lo, double hi, QualityVerdict verdict, std::optional<int> needed) {
  QualityBound b;
  b.variant = variant, b.items = items, b.lost = lost, b.gained = gained, b.baseline_score = 0.8, b.score = 0.8 + (gained - lost) / static_cast<double>(items);
  b.difference_pp = value(100.0 * (gained - lost) / items, lo, hi), b.mcnemar_p = mcnemar_exact(lost, gained), b.verdict = verdict, b.items_needed = needed;
  return b;
}

void hold_against_budget(CellFigures& cell, std::optional<double> budget) {
  if (!budget || !cell.p95_ms) return;
  cell.within_budget = value(*cell.p95_ms.value <= *budget ? 0.96875 : *cell.p50_ms.value <= *budget ? 0.8125 : 0.03125);
  cell.goodput = value(cell.requests_per_s.value_or(0) * *cell.within_budget.value);
}

/// By the judge's own rules, from the figures that the case has so far.
void advise(Case& c) {
  for (WorkloadComparison& w : c.findings.workloads)
    for (PointComparison& p : w.points) {
      hold_against_budget(p.baseline, w.workload.p95_budget_ms);
      for (Candidate& x : p.candidates) hold_against_budget(x.cell, w.workload.p95_budget_ms);
      if (p.aa) hold_against_budget(p.aa->cell, w.workload.p95_budget_ms);
    }
  c.findings.recommendations = recommend(c.data, c.findings);
  c.findings.settings = settings(c.findings);
}

/// All that the four have in common; shapes and stances are each case's own.
Case base_case(const std::string& name, const std::vector<Shape>& shapes, double q4_score) {
  Case c{name, {}, {}};
  c.data.study = study_of(name);
  const auto& v = c.data.study.variants;
  c.data.variants = {facts_of(v[0], 270.9, 16.01, "BF16", "BF16 211, F32 61"), facts_of(v[1], 144.8, 8.5, "Q8_0 (GGUF)", "Q8_0 211, F32 61"),
                     facts_of(v[2], 91.7, 5.42, "Q4_0 (GGUF)", "Q4_0 210, Q8_0 1, F32 61")};
  fill_run(c.data);
  fill_trials(c.data, 64);
  c.data.starts = {{"bf16", {}, c.data.variants[0].command, "logs/bf16.1.log", "stopped", ""}, {"q4_0", {}, c.data.variants[2].command, "logs/q4_0.1.log", "stopped", ""}};
  fill_answers(c.data, q4_score);
  c.findings.workloads = {workload_of(c.data.study.workloads[0], 0, shapes), workload_of(c.data.study.workloads[1], 3, shapes)};
  fill_costs(c.findings);
  fill_memory(c);
  fill_quality(c.findings, q4_score);
  c.findings.next_steps = {{"Repeat the study on the GPU you would rent", "A CPU shows the method."}, {"Measure longer contexts (4k, 8k, 16k)", "The KV cache grows with them."}};
  c.findings.own_share_of_wall = 0.027, c.findings.own_share_of_cpu = 0.0057;
  return c;
}

void fail_some(CellFigures& cell) {
  cell.requests_failed = 3, cell.failures[static_cast<std::size_t>(Failure::timeout)] = 2, cell.failures[static_cast<std::size_t>(Failure::reset)] = 1;
}

}  // namespace

Case clear_win() {
  Case c = base_case("win", {{"q8_0", {1.165, 1.10, 1.08, 1.07, 1.06}, 0.02}, {"q4_0", {1.54, 1.27, 1.18, 1.16, 1.15}, 0.02}}, 1);
  Findings& f = c.findings;
  f.bounds = {bound("q8_0", 400, 1, 2, -0.7, 1.2, QualityVerdict::not_inferior, {}), bound("q4_0", 400, 2, 2, -0.9, 0.9, QualityVerdict::not_inferior, {})};
  c.data.study.workloads[1].p95_budget_ms = f.workloads[1].workload.p95_budget_ms = 20000;
  f.bounds[0].divergence = Divergence{"q8_0", 16320, 0.0042, 0.0001, 0.031, 0.966, 0.002, 1.001, 0.0007, "wikitext"};
  f.bounds[1].divergence = Divergence{"q4_0", 16320, 0.0311, 0.0004, 0.192, 0.941, 0.003, 1.22, 0.01, "wikitext"};
  advise(c);
  return c;
}

Case clear_loss() {
  Case c = base_case("loss", {{"q8_0", {0.95, 0.92, 0.90, 0.88, 0.79}, 0.02}, {"q4_0", {0.90, 0.81, 0.75, 0.71, 0.64}, 0.02}}, 0.5);
  Findings& f = c.findings;
  f.bounds = {bound("q8_0", 400, 22, 6, -6.6, -1.5, QualityVerdict::inferior, {}), bound("q4_0", 400, 49, 5, -14.4, -7.7, QualityVerdict::inferior, {})};
  f.repeat = bound("bf16", 400, 2, 0, 0, 0, QualityVerdict::unknown, {});
  advise(c);
  return c;
}

Case mixed() {
  Case c = base_case("mixed", {{"q8_0", {1.165, 1.004, 0.902, 0.93, 0.785}, 0.02}, {"q4_0", {1.54, 1.27, 1.10, 1.005, 1.03}, 0.02}}, 0.5);
  c.data.study.workloads[0].max_tokens = c.findings.workloads[0].workload.max_tokens = 64;
  c.data.study.workloads[1].max_tokens = c.findings.workloads[1].workload.max_tokens = 96;
  Findings& f = c.findings;
  f.bounds = {bound("q8_0", 4, 0, 0, -49.0, 49.0, QualityVerdict::inconclusive, 15475), bound("q4_0", 4, 1, 0, -69.9, 30.1, QualityVerdict::inconclusive, 15475)};
  advise(c);
  fail_some(f.workloads[0].points[1].candidates[0].cell);
  f.workloads[1].points[1].candidates[0].cell.blocks_invalid = 1;
  c.data.trials[4].valid = false, c.data.trials[4].invalid_because = "send lateness p99 is 6 % of the median TTFT";
  c.data.events.insert(c.data.events.begin() + 1, {"2026-11-23T10:05:00Z", "resumed", "the run was killed after visit 20 and went on from there"});
  f.caveats = {"the run was killed after visit 20 and went on from there", "3 requests failed; they are in no latency"};
  f.complete = false;
  return c;
}

Case indistinguishable() {
  Case c = base_case("same", {{"q8_0", {1.004, 0.997, 1.008, 1.0, 0.993}, 0.031}, {"q4_0", {1.011, 1.006, 0.998, 1.012, 1.003}, 0.044}}, 1);
  Findings& f = c.findings;
  c.data.study.hardware.hourly_usd.reset();
  for (CostRow& r : f.costs) r.usd_per_1m_output = r.usd_per_1m_total = r.usd_per_1k_requests = none("no hourly price in the study");
  f.bounds = {bound("q8_0", 4, 0, 0, -49.0, 49.0, QualityVerdict::inconclusive, {}), bound("q4_0", 4, 0, 0, -49.0, 49.0, QualityVerdict::inconclusive, {})};
  advise(c);
  return c;
}

ServerRow server_row(const std::string& workload, const std::string& variant, int concurrency, double ttft) {
  ServerRow r;
  r.workload = workload, r.variant = variant, r.concurrency = concurrency;
  r.ttft_ms = value(ttft), r.our_ttft_ms = value(ttft * 1.04), r.ttft_p95_ms = value(ttft * 1.5, ttft * 1.2, ttft * 1.9);
  r.itl_ms = value(9.87), r.our_itl_ms = value(9.91), r.queue_ms = value(ttft * 0.01), r.prefill_ms = value(ttft * 0.9), r.decode_ms = value(1234.5);
  r.running_max = value(concurrency), r.waiting_max = value(0), r.waiting_share = value(0), r.kv_usage_max = value(0.0375);
  r.preemptions = value(0), r.tokens = value(24576), r.our_tokens = value(24576);
  r.p95_ms = value(kBaseP95[2]), r.tail = value(0.234), r.slow_first_token = value(0.41), r.excess_first_token = value(0.63);
  return r;
}

GpuRow gpu_row(const ServerRow& s, double joule) {
  GpuRow r;
  r.workload = s.workload, r.variant = s.variant, r.concurrency = s.concurrency;
  r.power_w = value(512.34), r.sm_mhz = value(1755.4), r.temp_max_c = value(61), r.power_capped = value(0.4567), r.slowed = value(0), r.joule_per_token = value(joule), r.readings = 24;
  return r;
}

Case server_and_gpu() {
  Case c = clear_win();
  c.name = "server";
  c.data.study.engine.gpu_memory_utilization = 0.9;
  c.data.run.gpus = {"NVIDIA H100 80GB HBM3, 81559 MiB, driver 580.159.04"}, c.data.run.gpu_memory_bytes = static_cast<std::int64_t>(81559 * kMib);
  for (VariantFacts& f : c.data.variants) f.server = "vLLM", f.server_version = "0.25.1";
  for (const Workload& w : c.data.study.workloads)
    for (const int concurrency : w.concurrency)
      for (const char* v : {"bf16", "q8_0", "q4_0"}) c.findings.server.push_back(server_row(w.name, v, concurrency, 40.0 + 3 * concurrency));
  for (ServerRow& r : c.findings.server) {
    if (r.workload == "batch" && r.variant == "bf16") r.preemptions = value(41), r.kv_usage_max = value(0.9997);
    if (r.workload == "batch" && r.variant == "q4_0" && r.concurrency == 32)
      r.tokens = value(26000), r.warnings = {"the server counts {server_tokens} of output where its answers to us carried {our_tokens}: another client may share it, or one of the counts is wrong"};
    find_cause(r);
    c.findings.gpu.push_back(gpu_row(r, r.variant == "bf16" ? 0.7654 : 0.5432));
  }
  for (MemoryRow& m : c.findings.memory) {
    m.activation_bytes = none("its log has no line on it"), m.graph_bytes = value(410 * kMib), m.rest_bytes = value(123.4 * kMib), m.context_at_load = value(m.baseline ? 512 : 717);
    if (!m.baseline) m.more_requests = {{"chat", value(30)}, {"batch", value(14)}};
  }
  return c;
}

std::vector<Case> four_cases() { return {clear_win(), clear_loss(), mixed(), indistinguishable()}; }

Case drifted() {
  Case c = mixed();
  c.name = "drifted";
  WorkloadComparison& w = c.findings.workloads[0];
  w.drifted = true, w.drift_text = "the baseline against itself at concurrency 8 differs by -6.1 %";
  for (PointComparison& p : w.points)
    for (Candidate& x : p.candidates) for (const auto figure : kDeltas) (x.*figure).verdict = Verdict::withheld;
  for (CostRow& r : c.findings.costs)
    if (r.workload == "chat" && !r.baseline) r.verdict = Verdict::withheld;
  for (Recommendation& r : c.findings.recommendations)
    if (r.workload == "chat") r.stance = Stance::undecided, r.because = "No verdict: this machine drifted.";
  return c;
}

Case candidate_died() {
  Case c = clear_win();
  c.name = "died";
  std::erase_if(c.data.variants, [](const VariantFacts& f) { return f.variant == "q4_0"; });
  std::erase_if(c.data.answers, [](const Answer& a) { return a.variant == "q4_0"; });
  c.data.starts[1].ended = "exit code 1", c.data.starts[1].last_lines = "error: failed to load model\nggml_aligned_malloc: insufficient memory";
  for (WorkloadComparison& w : c.findings.workloads)
    for (PointComparison& p : w.points) {
      Candidate& x = p.candidates[1];
      x = {};
      x.cell.variant = "q4_0";
      for (Measured* m : {&x.cell.tok_s, &x.cell.p50_ms, &x.cell.p95_ms, &x.cell.ttft_p50_ms, &x.cell.ttft_mean_ms, &x.cell.ttft_p95_ms, &x.cell.tpot_p50_ms, &x.cell.within_budget, &x.cell.goodput}) *m = none("no valid trial");
      for (const auto figure : kDeltas) (x.*figure).value = none("the candidate has no figure here");
    }
  for (CostRow& r : c.findings.costs)
    if (r.variant == "q4_0") r.usd_per_1m_output = r.usd_per_1m_total = r.usd_per_1k_requests = r.saving = none("no valid trial"), r.verdict = Verdict::unknown;
  for (Recommendation& r : c.findings.recommendations)
    if (r.variant == "q4_0") r.stance = Stance::undecided, r.because = "There is no measurement of q4_0.";
  for (MemoryRow& r : c.findings.memory)
    if (r.variant == "q4_0") {
      for (Measured* m : {&r.file_bytes, &r.weights_bytes, &r.kv_bytes, &r.kv_tokens, &r.idle_bytes, &r.idle_pct, &r.peak_bytes, &r.peak_pct, &r.weights_saving, &r.more_kv_tokens})
        *m = none("its server never answered");
      for (auto& [workload, fit] : r.requests_that_fit) fit = none("its server never answered");
    }
  std::erase_if(c.findings.quality, [](const QualityRow& r) { return r.variant == "q4_0"; });
  c.findings.bounds.pop_back();
  c.findings.settings.clear();
  c.findings.complete = false, c.findings.caveats = {"the server of q4_0 would not start"};
  return c;
}

Case gpu_of_three_workloads() {
  Case c = clear_win();
  c.name = "gpu";
  Study& s = c.data.study;
  s.title.clear();
  s.variants.pop_back();
  s.variants[0].model = "Qwen/Qwen2.5-3B-Instruct", s.variants[1].model = "Qwen/Qwen2.5-3B-Instruct-AWQ", s.variants[1].name = "awq";
  s.variants[0].local = s.variants[1].local = false;
  c.data.variants.pop_back();
  c.data.variants[1].variant = "awq";
  c.data.starts.clear(), c.data.answers.clear();
  c.data.run.gpus = {"NVIDIA RTX 2000 Ada Generation, 16380 MiB, driver 550.1"}, c.data.run.gpu_memory_bytes = static_cast<std::int64_t>(16380 * kMib);
  c.data.run.hardware_long = "NVIDIA RTX 2000 Ada Generation, 16 GiB", c.data.run.hardware_short = "rtx2000ada";
  Findings& f = c.findings;
  f = {};
  s.workloads.push_back(s.workloads[0]);
  s.workloads[2].name = "agents", s.workloads[2].p95_budget_ms.reset();
  for (std::size_t i = 0; i < 3; ++i) f.workloads.push_back(workload_of(s.workloads[i], i == 1 ? 3 : 0, {{"awq", {1.5, 1.4, 1.3, 1.2, 1.1}, 0.02}}));
  fill_costs(f);
  fill_memory(c);
  advise(c);
  return c;
}

Case nothing_measured() {
  Case c = clear_win();
  c.name = "nothing";
  c.data.variants.clear(), c.data.trials.clear(), c.data.requests.clear(), c.data.answers.clear(), c.data.events.clear(), c.data.starts.clear();
  c.data.run = {};
  c.findings = {};
  c.findings.complete = false;
  for (const Workload& w : c.data.study.workloads) {
    c.findings.workloads.emplace_back();
    c.findings.workloads.back().workload = w;
  }
  return c;
}

Case one_block() {
  Case c = clear_win();
  c.name = "one-block";
  c.data.study.blocks = 1;
  for (TrialRecord& t : c.data.trials) t.block = 0;
  for (WorkloadComparison& w : c.findings.workloads) {
    w.noise_floor.reset();
    for (PointComparison& p : w.points) {
      p.aa.reset();
      for (Candidate& x : p.candidates)
        for (const auto figure : kDeltas) {
          Delta& d = x.*figure;
          d.value.lo.reset(), d.value.hi.reset(), d.smallest_seen.reset();
          d.value.interval_na = "fewer than two blocks hold both variants", d.verdict = Verdict::unknown;
        }
    }
  }
  for (CostRow& r : c.findings.costs) r.verdict = Verdict::unknown, r.saving.lo.reset(), r.saving.hi.reset();
  advise(c);
  return c;
}

std::vector<Case> every_case() {
  std::vector<Case> cases = four_cases();
  for (Case c : {drifted(), candidate_died(), gpu_of_three_workloads(), nothing_measured(), one_block(), server_and_gpu()}) cases.push_back(std::move(c));
  return cases;
}

}  // namespace qc::test
