#include <array>
#include <cmath>

#include "report/capacity_report.h"
#include "report/load_json_parts.h"

namespace qc {
namespace {

Json finite_or_null(const std::optional<double>& value) { return value && std::isfinite(*value) ? Json(*value) : Json(nullptr); }

std::string_view end_word(SearchEnd end) {
  constexpr std::array<std::string_view, 6> kWords = {"searching", "found", "lowest_misses", "highest_meets", "undecided", "most_levels"};
  return kWords[static_cast<std::size_t>(end)];
}

Json limit_json(const ServiceLimit& limit) {
  Json json = {{"name", limit.name}, {"text", limit_text(limit)}};
  if (limit.is_latency()) json["limit_ms"] = limit.ms;
  else json["limit_share"] = limit.what == Bounded::failed ? 1 - limit.share : limit.share;
  json["of_each_request"] = limit.of_each_request();
  return json;
}

Json standing_json(const ServiceLimit& limit, const LimitStanding& s) {
  const bool latency = limit.is_latency();
  return {{"name", limit.name}, {"standing", std::string(to_string(s.standing))}, {latency ? "value_ms" : "value", finite_or_null(s.value)}, {"lo", finite_or_null(s.lo)}, {"hi", finite_or_null(s.hi)},
          {"independent_requests", s.independent}, {"keeps_growing", s.growing}};
}

Json level_json(const Capacity& capacity, const CapacityLevel& level) {
  const LoadFigures& f = level.figures;
  Json limits = Json::array();
  for (std::size_t i = 0; i < level.standing.limits.size(); ++i) limits.push_back(standing_json(capacity.judged[i], level.standing.limits[i]));
  const auto& by = level.standing.limited_by;
  Json json = {{"load", level.outcome.load}, {"standing", std::string(to_string(level.outcome.standing))}, {"limited_by", by ? Json(capacity.judged[*by].name) : Json(nullptr)}, {"limits", limits},
               {"requests_judged", level.standing.counted}, {"requests_ok", f.requests_ok}, {"requests_failed", f.requests_failed}, {"failures", failures_json(f)}, {"output_tok_s", finite_or_null(f.output_tok_s)},
               {"requests_per_s", finite_or_null(f.requests_per_s)}, {"goodput_requests_per_s", finite_or_null(level.goodput.requests_per_s)}, {"good_share", finite_or_null(level.goodput.share)}};
  add_distributions(json, f);
  json["own_error_us"] = own_error_json(f, level.read_lag_us, level.stamps);
  json["client_cpu_s"] = level.client_cpu_s;
  json["seconds"] = level.seconds;
  json["valid"] = level.valid;
  json["invalid_because"] = level.invalid_because;
  return json;
}

}  // namespace

std::string capacity_json(const Capacity& c, const CapacityOf& of) {
  Json limits = Json::array(), levels = Json::array();
  bool valid = true;
  for (const ServiceLimit& each : c.limits) limits.push_back(limit_json(each));
  for (const CapacityLevel& each : c.levels) levels.push_back(level_json(c, each)), valid = valid && each.valid;
  Json json = {{"schema", 1}, {"url", of.url}, {"model", of.model}, {"endpoint", of.endpoint}, {"prompts", of.prompts}, {"prompts_source", of.prompts_source}, {"max_tokens", of.max_tokens}, {"seed", of.seed},
               {"over", c.space.whole ? "concurrency" : "rate"}, {"lo", c.space.lo}, {"hi", c.space.hi}, {"resolution", c.space.resolution}, {"confidence", 1 - kCapacityMiss}, {"limits", limits}};
  json["answer"] = {{"meets", finite_or_null(c.answer.meets)}, {"misses", finite_or_null(c.answer.misses)}, {"best", finite_or_null(c.answer.best)}, {"end", std::string(end_word(c.answer.end))}, {"cut", std::string(to_string(c.cut))}, {"text", answer_text(c)}};
  json["levels"] = levels;
  json["minutes"] = c.minutes;
  json["max_minutes"] = c.max_minutes;
  json["valid"] = valid && c.cut != CapacityCut::server_gone;
  return json.dump(1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace qc
