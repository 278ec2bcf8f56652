// summary.json, the quality answers, the manifest. Keys: docs/summary.md.
#include "core/json.h"

#include <algorithm>

#include "report/file_names.h"
#include "report/report.h"
#include "core/secrets.h"
#include "report/server_figures.h"

namespace qc {
namespace {

// Answers may hold half a UTF-8 character where a server cut one: it is replaced, not a reason to fail.
std::string dumped(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

Json maybe(const auto& value) { return value ? Json(*value) : Json(nullptr); }
Json maybe(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json scaled(const std::optional<double>& value, double factor) { return value ? Json(*value * factor) : Json(nullptr); }

/// {"value", "lo", "hi"} and, where something is missing, why.
Json figure(const Measured& m, double factor = 1) {
  Json json = {{"value", scaled(m.value, factor)}, {"lo", scaled(m.lo, factor)}, {"hi", scaled(m.hi, factor)}};
  if (!m) json["na"] = m.na;
  if (m && !m.lo && !m.interval_na.empty()) json["interval_na"] = m.interval_na;
  if (m.widened) json["widened"] = true;
  return json;
}

Json delta(const Delta& d) {
  Json json = figure(d.value, 100);
  json["verdict"] = std::string(to_string(d.verdict));
  json["smallest_seen_pct"] = scaled(d.smallest_seen, 100);
  json["p_value"] = maybe(d.p_value);
  json["jointly"] = d.jointly;
  if (!d.no_verdict.empty()) json["no_verdict"] = d.no_verdict;
  return json;
}

Json failures(const CellFigures& f) {
  Json json = Json::object();
  for (std::size_t i = 0; i < f.failures.size(); ++i)
    if (f.failures[i] > 0) json[std::string(kFailureNames[i])] = f.failures[i];
  return json;
}

Json cell(const CellFigures& f) {
  return {{"variant", f.variant}, {"output_tok_s", figure(f.tok_s)}, {"p50_ms", figure(f.p50_ms)}, {"p95_ms", figure(f.p95_ms)},
          {"ttft_p50_ms", figure(f.ttft_p50_ms)}, {"ttft_mean_ms", figure(f.ttft_mean_ms)}, {"ttft_p95_ms", figure(f.ttft_p95_ms)}, {"tpot_p50_ms", figure(f.tpot_p50_ms)},
          {"mean_prompt_tokens", maybe(f.mean_prompt)}, {"mean_output_tokens", maybe(f.mean_output)}, {"requests_per_s", maybe(f.requests_per_s)},
          {"total_tok_s", maybe(f.total_tok_s)}, {"within_budget_pct", figure(f.within_budget, 100)}, {"goodput_requests_per_s", figure(f.goodput)}, {"blocks", f.blocks}, {"blocks_invalid", f.blocks_invalid}, {"requests_ok", f.requests_told ? Json(f.requests_ok) : Json(nullptr)},
          {"requests_failed", f.requests_told ? Json(f.requests_failed) : Json(nullptr)}, {"requests_failed_left_out", f.failed_left_out}, {"failures", failures(f)}};
}

Json compared(const Candidate& c) {
  Json json = cell(c.cell);
  json["delta_output_tok_s_pct"] = delta(c.tok_s);
  json["delta_p50_pct"] = delta(c.p50);
  json["delta_p95_pct"] = delta(c.p95);
  json["delta_ttft_mean_pct"] = delta(c.ttft_mean);
  json["delta_ttft_p95_pct"] = delta(c.ttft_p95);
  return json;
}

Json point(const PointComparison& p) {
  Json candidates = Json::array();
  for (const Candidate& c : p.candidates) candidates.push_back(compared(c));
  return {{"concurrency", p.concurrency}, {"baseline", cell(p.baseline)}, {"candidates", candidates}, {"aa", p.aa ? compared(*p.aa) : Json(nullptr)}};
}

Json workload(const WorkloadComparison& w) {
  Json points = Json::array();
  for (const PointComparison& p : w.points) points.push_back(point(p));
  return {{"name", w.workload.name}, {"max_tokens", w.workload.max_tokens}, {"p95_budget_ms", maybe(w.workload.p95_budget_ms)}, {"drifted", w.drifted},
          {"drift_text", maybe(w.drift_text)}, {"noise_floor_pct", scaled(w.noise_floor, 100)}, {"points", points}};
}

Json memory(const MemoryRow& r) {
  Json fit = Json::object();
  for (const auto& [name, value] : r.requests_that_fit) fit[name] = figure(value);
  Json more = Json::object();
  for (const auto& [name, value] : r.more_requests) more[name] = figure(value);
  return {{"variant", r.variant}, {"file_bytes", figure(r.file_bytes)}, {"weights_bytes", figure(r.weights_bytes)}, {"kv_bytes", figure(r.kv_bytes)},
          {"weights_of_files", r.weights_of_files}, {"kv_tokens", figure(r.kv_tokens)}, {"idle_bytes", figure(r.idle_bytes)}, {"idle_pct", figure(r.idle_pct, 100)}, {"peak_bytes", figure(r.peak_bytes)},
          {"peak_pct", figure(r.peak_pct, 100)}, {"requests_that_fit", fit}, {"weights_saving_pct", figure(r.weights_saving, 100)}, {"peak_saving_pct", figure(r.peak_saving, 100)},
          {"more_kv_tokens", figure(r.more_kv_tokens)}, {"activation_bytes", figure(r.activation_bytes)}, {"graph_bytes", figure(r.graph_bytes)},
          {"rest_bytes", figure(r.rest_bytes)}, {"more_requests", more}, {"context_at_load", figure(r.context_at_load)}};
}

Json server(const ServerRow& r) {
  Json json = {{"workload", r.workload}, {"variant", r.variant}, {"concurrency", r.concurrency}, {"p95_cause", maybe(r.cause)}, {"disagree", !r.warnings.empty()}};
  for (const ServerFigure& f : server_figures()) json[std::string(f.column)] = figure(r.*(f.figure), f.unit == Unit::share_pct ? 100 : 1);
  return json;
}

Json pace(const PaceRow& r) {
  return {{"workload", r.workload}, {"variant", r.variant}, {"concurrency", r.concurrency}, {"kernel", maybe(r.kernel)}, {"step_ms", figure(r.step_ms)}, {"step_bytes", figure(r.step_bytes)},
          {"step_bytes_s", figure(r.traffic)}, {"of_card_bandwidth_pct", figure(r.of_card, 100)}, {"first_token_share_pct", figure(r.first_token_share, 100)}};
}

Json gpu(const GpuRow& r) {
  return {{"workload", r.workload}, {"variant", r.variant}, {"concurrency", r.concurrency}, {"gpu_power_w", figure(r.power_w)}, {"gpu_power_capped_pct", figure(r.power_capped, 100)},
          {"gpu_sm_mhz", figure(r.sm_mhz)}, {"gpu_temp_max_c", figure(r.temp_max_c)}, {"gpu_slowed_pct", figure(r.slowed, 100)}, {"gpu_joule_per_token", figure(r.joule_per_token)}};
}

Json suite(const QualityRow& r) {
  return {{"suite", r.suite}, {"variant", r.variant}, {"items", r.items}, {"graded", r.graded}, {"score_pct", scaled(r.score, 100)},
          {"repeat_score_pct", scaled(r.repeat_score, 100)}, {"chrf", maybe(r.chrf)}, {"chrf_floor", maybe(r.chrf_floor)}, {"exact_pct", scaled(r.exact, 100)},
          {"exact_floor_pct", scaled(r.exact_floor, 100)}, {"issue", maybe(r.issue)}};
}

Json divergence(const Divergence& d) {
  return {{"tokens_scored", d.tokens_scored}, {"kld_mean", d.kld_mean}, {"kld_se", d.kld_se}, {"kld_p99", d.kld_p99}, {"top1_agreement", d.top1_agreement},
          {"top1_se", d.top1_se}, {"ppl_ratio", d.ppl_ratio}, {"ppl_ratio_se", d.ppl_ratio_se}};
}

Json bound(const QualityBound& b) {
  return {{"variant", b.variant}, {"items", b.items}, {"lost", b.lost}, {"gained", b.gained}, {"baseline_score_pct", scaled(b.baseline_score, 100)},
          {"score_pct", scaled(b.score, 100)}, {"difference_pp", figure(b.difference_pp)}, {"mcnemar_p", b.mcnemar_p},
          {"verdict", std::string(to_string(b.verdict))}, {"items_needed", maybe(b.items_needed)},
          {"divergence", b.divergence ? divergence(*b.divergence) : Json(nullptr)}};
}

Json cost(const CostRow& r) {
  return {{"workload", r.workload}, {"variant", r.variant}, {"concurrency", r.concurrency}, {"usd_per_1m_output", figure(r.usd_per_1m_output)},
          {"usd_per_1m_total", figure(r.usd_per_1m_total)}, {"usd_per_1k_requests", figure(r.usd_per_1k_requests)}, {"saving_pct", figure(r.saving, 100)},
          {"verdict", std::string(to_string(r.verdict))}};
}

Json recommendation(const Recommendation& r) {
  return {{"workload", r.workload}, {"variant", r.variant}, {"stance", std::string(to_string(r.stance))}, {"rule", r.rule}, {"because", r.because}};
}

Json setting_row(const SettingRow& r) {
  return {{"workload", r.workload}, {"variant", r.variant}, {"concurrency", r.concurrency}, {"output_tok_s", figure(r.tok_s)}, {"p95_ms", figure(r.p95_ms)},
          {"p95_budget_ms", maybe(r.budget_ms)}, {"budget_met", maybe(r.met)}, {"because", r.because}};
}

Json next_step(const NextStep& s) { return {{"title", s.title}, {"because", s.because}}; }

Json each(const auto& rows, const auto& as_json) {
  Json list = Json::array();
  for (const auto& row : rows) list.push_back(as_json(row));
  return list;
}

Json answer(const Answer& a) {
  return {{"variant", a.variant}, {"suite", a.suite}, {"item", a.item}, {"run", a.run}, {"prompt_sha256", a.prompt_sha256}, {"prompt", a.prompt},
          {"output", a.output}, {"score", maybe(a.score)}, {"score_because", a.score_because}, {"chrf", maybe(a.similarity)}, {"exact", maybe(a.exact)},
          {"failure", maybe(a.failure)}};
}

Json quality(const Findings& f) { return {{"suites", each(f.quality, suite)}, {"bounds", each(f.bounds, bound)}}; }

Json hardware(const StudyData& d) {
  return {{"short", maybe(d.run.hardware_short)}, {"long", maybe(d.run.hardware_long)}, {"cpu", maybe(d.run.host_cpu)}, {"cores", d.run.host_cores},
          {"memory_bytes", d.run.host_memory_bytes}, {"gpus", d.run.gpus}, {"gpu_memory_bytes", maybe(d.run.gpu_memory_bytes)}, {"os", maybe(d.run.host_os)},
          {"kernel", maybe(d.run.host_kernel)}, {"provider", maybe(d.study.hardware.provider)}, {"hourly_usd", maybe(d.study.hardware.hourly_usd)},
          {"price_note", maybe(d.study.hardware.price_note)}, {"utilization", d.study.hardware.utilization}};
}

Json engine_environment(const Study& study) {
  Json json = Json::object();
  for (const auto& [name, value] : study.engine.env) json[name] = names_a_secret(name) ? "(hidden)" : value;
  return json;
}

/// Named settings only: what a server's whole configuration holds is in the store.
Json proof(const VariantFacts& f) {
  Json json = Json::object();
  for (const ProvenSetting& s : f.proof)
    if (rule_for(s.name).kind != DifferenceKind::unknown) json[s.name] = {{"value", maybe(s.value)}, {s.value.empty() ? "unknown_because" : "source", s.source}};
  return json;
}

Json variant(const VariantFacts& f) {
  Json settings = Json::object();
  for (const auto& [name, value] : f.settings) settings[name] = value;
  return {{"variant", f.variant}, {"model", f.model}, {"method", maybe(f.method)}, {"tensor_mix", maybe(f.tensor_mix)}, {"file_bytes", maybe(f.file_bytes)},
          {"file_sha256", maybe(f.file_sha256)}, {"server", maybe(f.server)}, {"server_version", maybe(f.server_version)}, {"command", without_secrets(f.command)},
          {"url", maybe(f.url)}, {"chat_template_sha256", maybe(f.template_sha256)}, {"settings", settings}, {"unknown", f.unknown}, {"identity", f.proof.empty() ? Json(nullptr) : Json(std::string(to_string(f.identity.verdict)))},
          {"identity_because", maybe(f.identity.because)}, {"proof", proof(f)}};
}

Json difference(const Difference& d) {
  Json values = Json::object(), sources = Json::object();
  for (const VariantValue& v : d.values) values[v.variant] = v.value, sources[v.variant] = v.source;
  return {{"setting", d.setting}, {"kind", std::string(to_string(d.kind))}, {"allowed", d.allowed}, {"values", values}, {"sources", sources}, {"why", d.why}};
}

/// What differs beside the weights; `allowed` names what the user let pass.
Json fairness(const StudyData& data, const Fairness& f) {
  return {{"comparable", f.comparable()}, {"allowed", data.study.allow}, {"differences", each(f.differences, difference)}, {"slow_kernels", f.slow_kernels}, {"not_told", f.not_told}};
}

Json start(const EngineStart& s) {
  return {{"variant", s.variant}, {"command", without_secrets(s.command)}, {"log", maybe(s.log_path)}, {"ended", maybe(s.ended)}};
}

/// Where a study that was measured elsewhere is from.
Json imported(const ImportedRun& r) {
  return {{"trial_id", r.trial_id}, {"file", r.file}, {"tool", r.tool}, {"block_told", r.block_told}, {"figures", r.figures}, {"notes", r.notes}};
}

Json event(const StudyEvent& e) { return {{"utc", e.utc}, {"kind", e.kind}, {"text", e.text}}; }

}  // namespace

std::string summary_json(const StudyData& data, const Findings& f) {
  Json json = {{"schema", 1}, {"study", data.study.name}, {"title", data.study.title}, {"baseline", data.study.baseline().name}, {"hardware", hardware(data)},
                 {"complete", f.complete}, {"caveats", f.caveats}, {"fairness", fairness(data, f.fairness)}, {"trials_planned", data.planned_trials}, {"trials_stored", data.trials.size()},
                 {"workloads", each(f.workloads, workload)}, {"memory", each(f.memory, memory)}, {"server", each(f.server, server)}, {"pace", each(f.pace, pace)}, {"gpu", each(f.gpu, gpu)}, {"quality", quality(f)}, {"cost", each(f.costs, cost)},
                 {"recommendations", each(f.recommendations, recommendation)}, {"settings", each(f.settings, setting_row)},
                 {"next_steps", each(f.next_steps, next_step)}, {"own_share_of_wall_pct", f.own_share_of_wall * 100},
                 {"own_share_of_cpu_pct", scaled(f.own_share_of_cpu, 100)}};
  if (!data.imported.empty()) json["imported"] = each(data.imported, imported);
  return dumped(json);
}

std::string quality_json(const StudyData& data, const Findings& f) {
  Json json = {{"schema", 1}, {"study", data.study.name}, {"baseline", data.study.baseline().name}, {"margin_pp", data.study.quality.margin_pp}};
  json.update(quality(f));
  json["answers"] = each(data.answers, answer);
  return dumped(json);
}

std::string manifest_json(const StudyData& data) {
  const RunInfo& run = data.run;
  return dumped({{"schema", 1}, {"study", data.study.name}, {"study_file", data.study.file}, {"seed", data.study.seed},
                 {"program", {{"version", run.program_version}, {"git_id", maybe(run.git_id)}, {"build_type", maybe(run.build_type)}, {"compiler", maybe(run.compiler)}}},
                 {"command", without_secrets(run.command)}, {"started_utc", maybe(run.started_utc)}, {"ended_utc", maybe(run.ended_utc)}, {"hardware", hardware(data)},
                 {"cpu_features", maybe(run.host_features)}, {"environment", run.environment}, {"engine_environment", engine_environment(data.study)}, {"variants", each(data.variants, variant)},
                 {"allowed", data.study.allow}, {"starts", each(data.starts, start)}, {"events", each(data.events, event)}});
}

}  // namespace qc
