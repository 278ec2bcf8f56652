#include <algorithm>
#include <map>
#include <string_view>

#include "core/json.h"
#include "doctor/tell.h"
#include "measure/client/stream_limit.h"

namespace qc {
namespace {

template <class Value>
Json maybe(const std::optional<Value>& value) { return value ? Json(*value) : Json(nullptr); }

Json as_json(const ErrorSpread& s) { return {{"n", s.n}, {"p50", maybe(s.p50)}, {"p99", maybe(s.p99)}, {"max", maybe(s.max)}}; }

Json as_json(const ErrorStage& s) {
  const std::size_t stamps = s.kernel_stamps + s.user_stamps;
  return {{"aim", s.plan.aim == StageAim::error ? "error" : "rate"}, {"streams", s.plan.streams}, {"rhythm", s.plan.server.rhythm == Rhythm::jittered ? "jittered" : "lock_step"},
          {"tokens_per_request", s.plan.tokens}, {"first_ms", millis(s.plan.server.first)}, {"gap_ms", millis(s.plan.server.gap)}, {"requests", s.requests}, {"failed", s.failed},
          {"unmatched", s.unmatched}, {"tokens", s.tokens}, {"event_error_us", as_json(s.event_us)}, {"first_token_error_us", as_json(s.first_us)}, {"server_send_us", as_json(s.server_us)},
          {"send_lateness_p99_us", maybe(s.send_lateness_p99_us)}, {"read_lag_p99_us", maybe(s.read_lag_p99_us)}, {"kernel_stamps", s.kernel_stamps}, {"user_stamps", s.user_stamps},
          {"kernel_stamp_share", stamps > 0 ? Json(static_cast<double>(s.kernel_stamps) / static_cast<double>(stamps)) : Json(nullptr)}, {"cpu_us_per_token", maybe(s.cpu_us_per_token)},
          {"tok_s", maybe(s.tokens_per_s)}, {"invalid_because", s.invalid_because}};
}

Json as_json(const OwnError& e) {
  Json json = {{"limits_us", {{"event_p99", kEventLimitUs}, {"first_token_p99", kFirstTokenLimitUs}}}, {"scheduling", e.scheduling}, {"seconds", e.seconds}, {"peak_rss_mib", e.peak_rss_mib}};
  std::optional<double> highest;
  json["stages"] = Json::array();
  for (const ErrorStage& each : e.stages) {
    json["stages"].push_back(as_json(each));
    if (each.tokens_per_s) highest = std::max(highest.value_or(0), *each.tokens_per_s);
  }
  json["highest_tok_s"] = maybe(highest);
  return json;
}

Json as_json(const GpuProcess& p) { return {{"pid", p.pid}, {"name", p.name}, {"used_bytes", maybe(p.used_bytes)}}; }

Json as_json(const GpuState& g) {
  Json processes = Json::array();
  for (const GpuProcess& each : g.processes) processes.push_back(as_json(each));
  return {{"name", g.card.name}, {"driver", g.card.driver}, {"memory_bytes", g.card.memory_bytes}, {"used_bytes", g.card.used_bytes}, {"processes", std::move(processes)}, {"power_w", maybe(g.now.power_w)}, {"sm_mhz", maybe(g.now.sm_mhz)},
          {"mem_mhz", maybe(g.now.mem_mhz)}, {"temp_c", maybe(g.now.temp_c)}, {"event_reasons", maybe(g.now.event_reasons)}};
}

Json as_json(const MachineFacts& m) {
  Json json = {{"os", m.os}, {"kernel", m.kernel}, {"cpu", m.cpu_model}, {"build_type", m.build_type}, {"cores", m.cpu.cores}, {"virtual", m.cpu.is_virtual}, {"governors", m.cpu.governors}, {"load", maybe(m.cpu_use.load)},
               {"busy_by_others", maybe(m.cpu_use.others)}, {"stolen_share", maybe(m.cpu_use.stolen_share)}, {"on_battery", maybe(m.on_battery)}, {"memory_bytes", m.memory_bytes}, {"available_bytes", m.available_bytes}};
  json["clock"] = {{"source", m.clock.source}, {"read_ns", m.clock.read_ns}, {"resolution_ns", m.clock.resolution_ns}, {"smallest_step_ns", m.clock.smallest_step_ns},
                   {"wall_moved_ns", m.wall.moved.count()}, {"wall_watched_s", m.wall.watched.count()}};
  json["stamps"] = {{"receive", m.stamps.receive}, {"send", m.stamps.send}};
  json["io_uring"] = {{"available", m.ring.available}, {"why_not", m.ring.why_not}};
  json["engines"] = Json::object();
  for (const EngineProgram& each : m.engines) json["engines"][each.name] = maybe(each.program);
  json["gpus"] = Json::array();
  for (const GpuState& each : m.gpus) json["gpus"].push_back(as_json(each));
  json["files"] = {{"soft", m.files.soft}, {"hard", m.files.hard}, {"streams", streams_allowed(m.files)}};
  json["ports"] = {{"first", maybe(m.ports.first)}, {"last", maybe(m.ports.last)}, {"taken", m.ports.taken}};
  json["folders"] = Json::array();
  for (const FolderRoom& each : m.folders) json["folders"].push_back({{"what", each.what}, {"path", each.path}, {"free_bytes", maybe(each.free_bytes)}, {"writable", each.writable}});
  return json;
}

template <class Range, class Of>
Json list(const Range& range, Of of) {
  Json out = Json::array();
  for (const auto& each : range) out.push_back(of(each));
  return out;
}

std::string dumped(const Json& json, int indent) { return json.dump(indent, ' ', false, Json::error_handler_t::replace); }

}  // namespace

std::string doctor_json(const Diagnosis& facts, const std::vector<Finding>& findings) {
  Json json = {{"schema", 1}, {"valid", may_measure(findings)}};
  json["findings"] = list(findings, [](const Finding& f) { return Json{{"id", f.id}, {"severity", to_string(f.severity)}, {"found", f.found}, {"remedy", f.remedy}}; });
  json["own_error"] = as_json(facts.error);
  json["machine"] = as_json(facts.machine);
  return dumped(json, 1);
}

std::string records_beside_truth(std::size_t stage, const std::vector<RequestRecord>& records, const std::vector<TrueAnswer>& truth) {
  std::map<std::string_view, const TrueAnswer*> by_id;
  for (const TrueAnswer& each : truth) by_id[each.id] = &each;
  std::string out;
  for (const RequestRecord& r : records) {
    if (r.warmup) continue;
    Json line = {{"stage", stage}, {"x_request_id", r.x_request_id}, {"ok", r.ok()}, {"intended_ns", r.intended.ns}, {"sent_ns", r.sent.ns}};
    line["event_ns"] = list(r.events, [](const Event& e) { return e.at.ns; });
    line["stamp"] = list(r.events, [](const Event& e) { return to_string(e.stamp); });
    const auto known = by_id.find(r.x_request_id);
    const std::vector<TrueSend> sends = known == by_id.end() ? std::vector<TrueSend>{} : known->second->sends;
    line["true_ns"] = list(sends, [](const TrueSend& s) { return s.before.ns; });
    line["true_after_ns"] = list(sends, [](const TrueSend& s) { return s.after.ns; });
    out += dumped(line, -1) + "\n";
  }
  return out;
}

}  // namespace qc
