// Records and truth in, errors out.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <string_view>

#include "doctor/own_error.h"
#include "measure/load/own_error.h"
#include "stats/stats.h"

namespace qc {
namespace {

double apart(Instant a, Instant b) { return std::abs(micros(a - b)); }

ErrorSpread spread_of(std::vector<double>& samples) {
  ErrorSpread out{.n = samples.size(), .p50 = {}, .p99 = {}, .max = {}};
  if (samples.empty()) return out;
  const auto at = quantiles_in_place(samples, {0.5, 0.99, 1});
  out.p50 = at[0], out.p99 = at[1], out.max = at[2];
  return out;
}

struct Samples { std::vector<double> event_us, first_us, server_us; };

void take(Samples& out, const RequestRecord& record, const TrueAnswer& truth) {
  for (std::size_t i = 0; i < truth.sends.size(); ++i) {
    out.event_us.push_back(apart(record.events[i].at, truth.sends[i].before));
    out.server_us.push_back(apart(truth.sends[i].after, truth.sends[i].before));
  }
  out.first_us.push_back(out.event_us[out.event_us.size() - truth.sends.size()]);
}

std::optional<double> rate_of(const std::vector<RequestRecord>& records, std::size_t tokens) {
  std::optional<Instant> begin, end;
  for (const RequestRecord& r : records) {
    if (r.warmup || !r.ok() || !r.last) continue;
    begin = std::min(begin.value_or(r.sent), r.sent);
    end = std::max(end.value_or(*r.last), *r.last);
  }
  return begin && *end > *begin ? std::optional(static_cast<double>(tokens) / seconds(*end - *begin)) : std::nullopt;
}

}  // namespace

void hold_against(ErrorStage& stage, const std::vector<RequestRecord>& records, const std::vector<TrueAnswer>& truth) {
  std::map<std::string_view, const TrueAnswer*> by_id;
  for (const TrueAnswer& each : truth) by_id[each.id] = &each;
  Samples samples;
  for (const RequestRecord& r : records) {
    if (r.warmup) continue;
    ++stage.requests;
    stage.failed += !r.ok();
    stage.tokens += r.events.size();
    for (const Event& e : r.events) ++(e.stamp == Stamp::kernel ? stage.kernel_stamps : stage.user_stamps);
    if (!r.ok()) continue;
    const auto known = by_id.find(r.x_request_id);
    if (known == by_id.end() || r.events.empty() || known->second->sends.size() != r.events.size()) ++stage.unmatched;
    else take(samples, r, *known->second);
  }
  stage.event_us = spread_of(samples.event_us), stage.first_us = spread_of(samples.first_us), stage.server_us = spread_of(samples.server_us);
  stage.send_lateness_p99_us = quantile(send_lateness_us(records), 0.99);
  stage.tokens_per_s = rate_of(records, stage.tokens);
}

}  // namespace qc
